/* How many issues there are, by status, priority, type and age. */
#include "api/report.h"
#include "db/row.h"

enum column { BY, VALUE, ISSUES };

static const struct statement *plan(const struct report *r, const void **args)
{
	struct report_summary_args *a = arena_new(r->arena, struct report_summary_args);

	*a = (struct report_summary_args){ .project_ids = r->projects };
	*args = a;
	return &statement_report_summary;
}

static bool begins(const struct report *r, int row)
{
	return row == 0 || !str_eq(row_text(r->rows, row, BY), row_text(r->rows, row - 1, BY));
}

static void json(struct json *j, const struct report *r)
{
	int64_t total = 0;

	report_json_project(j, r);
	for (int row = 0; row < PQntuples(r->rows); row++) {
		struct str by = row_text(r->rows, row, BY);

		if (begins(r, row)) {
			if (row)
				json_object_end(j);
			json_key(j, by);
			json_object_begin(j);
		}
		json_key(j, row_text(r->rows, row, VALUE));
		json_int(j, row_int(r->rows, row, ISSUES));
		if (str_eq_z(by, "status"))
			total += row_int(r->rows, row, ISSUES);
	}
	json_object_end(j);
	report_json_int(j, JSON_KEY("total"), total);
}

const struct report_kind report_summary_kind = { .file = "summary", .plan = plan, .json = json };
