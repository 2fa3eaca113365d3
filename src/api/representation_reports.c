/* Representations: reports. */
#include "representation_fields.h"

#include "domain/issue.h"

/* The other forms of every report. */
#define FORMS .also = "text/csv, image/svg+xml", .tagged = true

#define PROJECT NULL_ID("project_id", "The project; null: all that the caller sees.")
#define DAYS    COUNTER("days", "How many days it looks back.", "30")
#define ZONE    TEXT("time_zone", "Where days begin.", "Europe/Berlin")

#define FIGURES                                                                                              \
	COUNTER("open", "How many are open.", "3"),                                                          \
		COUNTER("in_progress", "How many are being worked on.", "2"),                                \
		COUNTER("resolved", "How many are resolved.", "5"),                                          \
		COUNTER("closed", "How many are closed.", "8"), COUNTER("total", "All of them.", "18")

static const struct field figure_fields[] = { FIGURES };
const struct representation representation_issue_figures = {
	.name = "IssueFigures",
	.doc = "How many issues there are, by status.",
	FIELDS_OF(figure_fields),
};

static const struct field assignee_fields[] = {
	ID("assignee_id", "The person's id."),
	TEXT("name", "The person's name.", "A new user"),
	FIGURES,
};
const struct representation representation_assignee_counts = {
	.name = "AssigneeCounts",
	.doc = "A person's issues, by status.",
	FIELDS_OF(assignee_fields),
};

static const struct field top_fields[] = {
	PROJECT,
	COUNTER("limit", "How many people are named at most.", "10"),
	COUNTER("other_people", "How many have issues, too, but are not named.", "4"),
};
static const struct member top_members[] = {
	{ "items", "AssigneeCounts", FIELD_REPEATED, "Those with the most issues first." },
	{ "unassigned", "IssueFigures", 0, "The issues that nobody has." },
	{ "others", "IssueFigures", 0, "The issues of the people who are not named." },
};
const struct representation representation_top_assignees = {
	.name = "TopAssignees",
	.doc = "Who has how many issues.",
	FIELDS_OF(top_fields),
	MEMBERS_OF(top_members),
	FORMS,
};

#define NULL_SECONDS(field_name, text, value)                                                                \
	{                                                                                                    \
		.name = (field_name), .type = FIELD_INT, .flags = FIELD_NULLABLE, .min = 0, .max = -1,       \
		.doc = (text), .example = (value)                                                            \
	}
static const struct field latency_figure_fields[] = {
	COUNTER("count", "How many issues the figures are of.", "120"),
	NULL_SECONDS("p50", "Half of them took no more.", "5400"),
	NULL_SECONDS("p90", "Nine of ten took no more.", "86400"),
	NULL_SECONDS("p99", "All but one of a hundred took no more.", "259200"),
	NULL_SECONDS("fastest", "The shortest.", "40"),
	NULL_SECONDS("slowest", "The longest.", "604800"),
};
static const struct member latency_figure_members[] = {
	{ "average", NULL, 0, "The mean, to a tenth of a second; null when there is none." },
};
const struct representation representation_latency_figures = {
	.name = "LatencyFigures",
	.doc = "How long it took, in seconds; null when there is no issue to tell of.",
	FIELDS_OF(latency_figure_fields),
	MEMBERS_OF(latency_figure_members),
};

static const struct field latency_fields[] = { PROJECT, DAYS };
static const struct member latency_members[] = {
	{ "first_response", "LatencyFigures", 0, "To the first response." },
	{ "resolution", "LatencyFigures", 0, "To the resolution." },
};
const struct representation representation_latency = {
	.name = "Latency",
	.doc = "How long people wait.",
	FIELDS_OF(latency_fields),
	MEMBERS_OF(latency_members),
	FORMS,
};

static const char *const interval_names[] = { "day", "week" };
static const struct enum_names interval_enum = { "report_interval", interval_names, 2 };

#define FLOW                                                                                                 \
	COUNTER("created", "How many were created.", "12"),                                                  \
		COUNTER("reopened", "How many were opened again.", "1"),                                     \
		COUNTER("resolved", "How many were resolved or closed.", "9"),                               \
	{                                                                                                    \
		.name = "net", .type = FIELD_INT, .doc = "By how much there are more to do than before.",    \
		.example = "4"                                                                               \
	}
#define DAY_FIELD(field_name, text)                                                                          \
	{                                                                                                    \
		.name = (field_name), .type = FIELD_DATE, .doc = (text), .example = "2026-11-16"             \
	}
static const struct field step_fields[] = {
	DAY_FIELD("start", "The day, or the Monday that the week begins with."),
	{ .name = "week",
	  .type = FIELD_TEXT,
	  .flags = FIELD_NULLABLE,
	  .doc = "The week of ISO 8601; null for days.",
	  .example = "2026-W47" },
	FLOW,
	COUNTER("open", "How many are neither resolved nor closed at the end.", "57"),
};
const struct representation representation_velocity_step = {
	.name = "VelocityStep",
	.doc = "A day or a week.",
	FIELDS_OF(step_fields),
};

static const struct field velocity_fields[] = {
	PROJECT, DAYS, ENUM("interval", &interval_enum, "What an item is.", "week"), ZONE, FLOW,
};
static const struct member velocity_members[] = {
	{ "items", "VelocityStep", FIELD_REPEATED, "In order of time." },
};
const struct representation representation_velocity = {
	.name = "Velocity",
	.doc = "What is created and resolved; the counts are of all items together.",
	FIELDS_OF(velocity_fields),
	MEMBERS_OF(velocity_members),
	FORMS,
};

static const struct field status_fields[] = {
	COUNTER("open", "How many are open.", "3"),
	COUNTER("in_progress", "How many are being worked on.", "2"),
	COUNTER("resolved", "How many are resolved.", "5"),
	COUNTER("closed", "How many are closed.", "8"),
};
const struct representation representation_status_counts = {
	.name = "StatusCounts",
	.doc = "How many issues have each status.",
	FIELDS_OF(status_fields),
};

static const struct field priority_fields[] = {
	COUNTER("low", "Of low priority.", "4"),
	COUNTER("medium", "Of medium priority.", "9"),
	COUNTER("high", "Of high priority.", "4"),
	COUNTER("critical", "Of critical priority.", "1"),
};
const struct representation representation_priority_counts = {
	.name = "PriorityCounts",
	.doc = "How many issues have each priority.",
	FIELDS_OF(priority_fields),
};

static const struct field type_fields[] = {
	COUNTER("bug", "Bugs.", "9"),
	COUNTER("feature", "Features.", "4"),
	COUNTER("improvement", "Improvements.", "2"),
	COUNTER("task", "Tasks.", "2"),
	COUNTER("epic", "Epics.", "1"),
};
const struct representation representation_type_counts = {
	.name = "TypeCounts",
	.doc = "How many issues are of each type.",
	FIELDS_OF(type_fields),
};

static const struct field age_fields[] = {
	COUNTER("under_1_day", "Created less than 24 hours ago.", "1"),
	COUNTER("under_7_days", "Older, but not 7 times 24 hours.", "2"),
	COUNTER("under_30_days", "Older, but not 30.", "1"),
	COUNTER("under_90_days", "Older, but not 90.", "1"),
	COUNTER("under_365_days", "Older, but not 365.", "0"),
	COUNTER("older", "Older than that.", "0"),
};
const struct representation representation_age_counts = {
	.name = "AgeCounts",
	.doc = "How old the issues are that are neither resolved nor closed.",
	FIELDS_OF(age_fields),
};

static const struct field summary_fields[] = {
	PROJECT,
	COUNTER("total", "How many issues there are.", "18"),
};
static const struct member summary_members[] = {
	{ "status", "StatusCounts", 0, "By status." },
	{ "priority", "PriorityCounts", 0, "By priority." },
	{ "type", "TypeCounts", 0, "By type." },
	{ "age", "AgeCounts", 0, "By age, of what is left to do." },
};
const struct representation representation_summary = {
	.name = "Summary",
	.doc = "How many issues there are.",
	FIELDS_OF(summary_fields),
	MEMBERS_OF(summary_members),
	FORMS,
};

static const struct field day_fields[] = {
	DAY_FIELD("day", "The day."),
	{ .name = "remaining",
	  .type = FIELD_INT,
	  .flags = FIELD_NULLABLE,
	  .min = 0,
	  .max = -1,
	  .doc = "How many are left at its end; null for days to come.",
	  .example = "12" },
};
static const struct member day_members[] = {
	{ "ideal", NULL, 0, "How many should be left, to a hundredth; null where the line does not lead." },
};
const struct representation representation_burndown_day = {
	.name = "BurndownDay",
	.doc = "A day of a burndown.",
	FIELDS_OF(day_fields),
	MEMBERS_OF(day_members),
};

static const struct field burndown_fields[] = {
	ID("project_id", "The project."),
	NULL_ID("milestone_id", "The milestone; null: the whole project."),
	ZONE,
	{ .name = "until",
	  .type = FIELD_DATE,
	  .flags = FIELD_NULLABLE,
	  .doc = "By when nothing shall be left; null: today.",
	  .example = "2026-12-24" },
};
static const struct member burndown_members[] = {
	{ "items", "BurndownDay", FIELD_REPEATED, "In order of time." },
};
const struct representation representation_burndown = {
	.name = "Burndown",
	.doc = "What is left to do, day by day.",
	FIELDS_OF(burndown_fields),
	MEMBERS_OF(burndown_members),
	FORMS,
};
