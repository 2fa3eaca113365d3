/* What was created and resolved, day by day or week by week. */
#include "api/report.h"
#include "db/row.h"

/*
 * Counts in indexes that are cheaper than going through all spans: some microseconds each. Both statements take the same
 * arguments and give the same rows.
 */
#define FEW 20000

enum column { START, WEEK, CREATED, REOPENED, RESOLVED, NET, OPEN };

static const struct statement *plan(const struct report *r, const void **args)
{
	struct report_velocity_args *a = arena_new(r->arena, struct report_velocity_args);

	_Static_assert(sizeof(struct report_velocity_args) == sizeof(struct report_velocity_of_many_args),
		       "the two statements take the same arguments");
	*a = (struct report_velocity_args){
		.project_ids = r->projects, .days = r->days, .weekly = r->weekly, .time_zone = r->time_zone
	};
	*args = a;
	return (int64_t)r->projects.n * r->days <= FEW ? &statement_report_velocity
						       : &statement_report_velocity_of_many;
}

static void json(struct json *j, const struct report *r)
{
	report_json_project(j, r);
	report_json_int(j, JSON_KEY("days"), r->days);
	report_json_text(j, JSON_KEY("interval"), str_of(r->weekly ? "week" : "day"));
	report_json_text(j, JSON_KEY("time_zone"), r->time_zone);
	report_json_int(j, JSON_KEY("created"), report_sum(r, CREATED));
	report_json_int(j, JSON_KEY("reopened"), report_sum(r, REOPENED));
	report_json_int(j, JSON_KEY("resolved"), report_sum(r, RESOLVED));
	report_json_int(j, JSON_KEY("net"), report_sum(r, NET));
	report_json_items(j, r);
}

const struct report_kind report_velocity_kind = { .file = "velocity", .plan = plan, .json = json };
