/* What clients ask reports for. */
#include "api/report.h"
#include "api/resource.h"

#define AT(member) .offset = offsetof(struct report_query, member)

static const char *const interval_names[] = { "day", "week" };
static const struct enum_names interval_enum = { "report_interval", interval_names, 2 };

#define FORMAT_FIELD                                                                                         \
	{                                                                                                    \
		.name = "format", .type = FIELD_ENUM, AT(format), .names = &report_format_enum,              \
		.doc = "The form of the answer; unless told, what `Accept` asks for.", .example = "json"     \
	}
#define PROJECT_FIELD                                                                                        \
	{                                                                                                    \
		.name = "project_id", .type = FIELD_REF, AT(project_id),                                     \
		.doc = "Only this project, by id or key; else all that the caller sees.", .example = "WEB"   \
	}
#define DAYS_FIELD(text)                                                                                     \
	{                                                                                                    \
		.name = "days", .type = FIELD_INT, AT(days), .min = 1, .max = REPORT_DAYS_MAX,               \
		.doc = (text), .example = "30"                                                               \
	}
#define TIME_ZONE_FIELD                                                                                      \
	{                                                                                                    \
		.name = "time_zone", .type = FIELD_TEXT, .flags = FIELD_SINGLE_LINE, AT(time_zone),          \
		.min = 1, .max = 64,                                                                         \
		.doc = "Where days begin: a name of the IANA time zone database; UTC unless told.",          \
		.example = "Europe/Berlin"                                                                   \
	}

static const struct field assignees_fields[] = {
	FORMAT_FIELD,
	PROJECT_FIELD,
	{ .name = "limit",
	  .type = FIELD_INT,
	  AT(limit),
	  .min = 1,
	  .max = REPORT_LIMIT_MAX,
	  .doc = "How many people; 10 unless told.",
	  .example = "10" },
};
const struct shape report_assignees_query_shape =
	SHAPE(struct report_query, "TopAssigneesQuery", assignees_fields, "Which people to name.");

static const struct field latency_fields[] = {
	FORMAT_FIELD,
	PROJECT_FIELD,
	DAYS_FIELD("Only what happened in the last so many times 24 hours; 30 unless told."),
};
const struct shape report_latency_query_shape = SHAPE(struct report_query, "LatencyQuery", latency_fields,
						      "Which responses and resolutions to look at.");

static const struct field velocity_fields[] = {
	FORMAT_FIELD,
	PROJECT_FIELD,
	DAYS_FIELD(
		"So many days up to today; 30 unless told. Weeks are whole, so the first may begin earlier."),
	TIME_ZONE_FIELD,
	{ .name = "interval",
	  .type = FIELD_ENUM,
	  AT(interval),
	  .names = &interval_enum,
	  .doc = "Days, or weeks of ISO 8601 (from Monday); days unless told.",
	  .example = "day" },
};
const struct shape report_velocity_query_shape =
	SHAPE(struct report_query, "VelocityQuery", velocity_fields, "Which days or weeks to count.");

static const struct field summary_fields[] = { FORMAT_FIELD, PROJECT_FIELD };
const struct shape report_summary_query_shape =
	SHAPE(struct report_query, "SummaryQuery", summary_fields, "Which issues to count.");

static const struct field burndown_fields[] = {
	FORMAT_FIELD,
	{ .name = "project_id",
	  .type = FIELD_REF,
	  AT(project_id),
	  .doc = "All issues of this project, by id or key; or the project of the milestone.",
	  .example = "WEB" },
	{ .name = "milestone_id",
	  .type = FIELD_UUID,
	  AT(milestone_id),
	  .doc = "The issues of this milestone." },
	DAYS_FIELD(
		"So many days up to today; unless told, 30 of a project, and of a milestone as many as it has issues for."),
	TIME_ZONE_FIELD,
	{ .name = "until",
	  .type = FIELD_DATE,
	  AT(until),
	  .doc = "By when nothing shall be left; the milestone's due date unless told, else today." },
};
const struct shape report_burndown_query_shape = SHAPE(struct report_query, "BurndownQuery", burndown_fields,
						       "Whose work to follow, and to what day.");
