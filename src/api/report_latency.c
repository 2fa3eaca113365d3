/* How long people wait: for the first response, and until what they found is resolved. */
#include "api/report.h"
#include "db/row.h"

static const struct statement *plan(const struct report *r, const void **args)
{
	struct report_latency_args *a = arena_new(r->arena, struct report_latency_args);

	*a = (struct report_latency_args){ .project_ids = r->projects, .days = r->days };
	*args = a;
	return &statement_report_latency;
}

/* The first column says which of them a row is, and names the member. */
static void json(struct json *j, const struct report *r)
{
	const struct row_shape *shape = row_shape(r->statement, r->rows);

	report_json_project(j, r);
	report_json_int(j, JSON_KEY("days"), r->days);
	for (int row = 0; row < PQntuples(r->rows); row++) {
		json_key(j, row_text(r->rows, row, 0));
		row_write(j, shape, r->rows, row, shape->written & ~row_field(shape, STR("measure")));
	}
}

const struct report_kind report_latency_kind = { .file = "latency", .plan = plan, .json = json };
