/*
 * Reports: what they all have in common. A report is a statement whose rows are written as JSON, as CSV or as a chart,
 * whichever the client wants.
 */
#ifndef BUGD_API_REPORT_H
#define BUGD_API_REPORT_H

#include "api/report_run.h"
#include "api/time_zone.h"
#include "domain/issue.h"
#include "json/schema.h"

#define REPORT_DAYS_MAX      1000
#define REPORT_DAYS_STANDARD 30
/* Over so many issues, two processes of PostgreSQL are worth their start of some milliseconds. */
#define REPORT_ISSUES_MANY    200000
#define REPORT_LIMIT_MAX      100
#define REPORT_LIMIT_STANDARD 10

/* What the routes' queries have between them; each of their shapes names some. */
struct report_query {
	struct field_set given;
	struct str format, project_id, interval, time_zone;
	struct uuid milestone_id;
	int64_t days, limit;
	int32_t until;
};

/* A report in the making, as its writers see it. */
struct report {
	struct arena *arena;
	const struct uuid *project; /* NULL: all that the caller sees */
	const struct uuid *milestone;
	struct str name; /* of the milestone or the project; absent: all projects */
	struct str time_zone;
	int32_t days;
	int64_t limit;
	bool weekly;
	const int32_t *until; /* NULL: not given, and the milestone has no due date */
	struct db_array projects;
	int64_t issues; /* that there are in them */
	const struct statement *statement;
	const PGresult *rows;
};

struct report_kind {
	const char *file; /* the name of what is saved, without its ending */
	/* Gives the statement and its arguments, of the arena. */
	const struct statement *(*plan)(const struct report *r, const void **args);
	void (*json)(struct json *j, const struct report *r); /* the members of the object */
	void (*chart)(struct buf *out, const struct report *r);
};

extern const struct enum_names report_format_enum;
extern const struct report_kind report_assignees_kind, report_latency_kind, report_velocity_kind,
	report_summary_kind, report_burndown_kind;

/* The rows as RFC 4180 has it, with a header; columns whose name begins with '_' are left out. */
void report_csv(struct buf *out, const PGresult *rows);

/*
 * Whether its projects and periods are so few that each period of each project is counted by itself. To find one in
 * the indexes takes as long as to go through some thirty issues.
 */
bool report_counts_each(const struct report *r);

/* For the writers of JSON: "project_id", single members, rows as objects, all rows as "items". */
void report_json_project(struct json *j, const struct report *r);
void report_json_int(struct json *j, struct str key, int64_t v);
void report_json_text(struct json *j, struct str key, struct str v);
void report_json_row(struct json *j, const struct report *r, int row);
void report_json_items(struct json *j, const struct report *r);

/* The sum of a column of integers. */
int64_t report_sum(const struct report *r, int column);

#endif
