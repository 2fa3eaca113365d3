/* What is left to do, day by day, of a milestone or a project. */
#include "api/report.h"
#include "db/row.h"

enum column { DAY, REMAINING, IDEAL };

static const struct statement *plan(const struct report *r, const void **args)
{
	if (r->milestone) {
		struct report_milestone_burndown_args *a =
			arena_new(r->arena, struct report_milestone_burndown_args);

		*a = (struct report_milestone_burndown_args){ .milestone_id = *r->milestone,
							      .days = r->days,
							      .time_zone = r->time_zone,
							      .until = r->until };
		*args = a;
		return &statement_report_milestone_burndown;
	}
	struct report_burndown_args *a = arena_new(r->arena, struct report_burndown_args);

	*a = (struct report_burndown_args){
		.project_ids = r->projects, .days = r->days, .time_zone = r->time_zone, .until = r->until
	};
	*args = a;
	return &statement_report_burndown;
}

static void json(struct json *j, const struct report *r)
{
	report_json_project(j, r);
	json_key_raw(j, JSON_KEY("milestone_id"));
	if (r->milestone)
		json_uuid(j, r->milestone);
	else
		json_null(j);
	report_json_text(j, JSON_KEY("time_zone"), r->time_zone);
	json_key_raw(j, JSON_KEY("until"));
	if (r->until)
		json_date(j, *r->until);
	else
		json_null(j);
	report_json_items(j, r);
}

const struct report_kind report_burndown_kind = { .file = "burndown", .plan = plan, .json = json };
