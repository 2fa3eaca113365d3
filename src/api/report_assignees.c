/* Who has how many issues, and in which status. */
#include "api/report.h"
#include "db/row.h"

enum column { KIND, PEOPLE, ASSIGNEE, NAME, OPEN, IN_PROGRESS, RESOLVED, CLOSED, TOTAL };

static const struct statement *plan(const struct report *r, const void **args)
{
	struct report_assignees_args *a = arena_new(r->arena, struct report_assignees_args);

	*a = (struct report_assignees_args){ .project_ids = r->projects, .limit = r->limit };
	*args = a;
	return &statement_report_assignees;
}

static bool is_kind(const struct report *r, int row, const char *kind)
{
	return str_eq_z(row_text(r->rows, row, KIND), kind);
}

/* The row of those who are not named alone; -1: there is none. */
static int find(const struct report *r, const char *kind)
{
	for (int row = 0; row < PQntuples(r->rows); row++) {
		if (is_kind(r, row, kind))
			return row;
	}
	return -1;
}

static void figures(struct json *j, const struct report *r, struct str key, int row)
{
	static const char *const names[] = { "open", "in_progress", "resolved", "closed", "total" };

	json_key_raw(j, key);
	json_object_begin(j);
	for (int column = OPEN; column <= TOTAL; column++) {
		json_key(j, str_of(names[column - OPEN]));
		json_int(j, row < 0 ? 0 : row_int(r->rows, row, column));
	}
	json_object_end(j);
}

static void json(struct json *j, const struct report *r)
{
	int others = find(r, "others");

	report_json_project(j, r);
	report_json_int(j, JSON_KEY("limit"), r->limit);
	json_key_raw(j, JSON_KEY("items"));
	json_array_begin(j);
	for (int row = 0; row < PQntuples(r->rows); row++) {
		if (is_kind(r, row, "person"))
			report_json_row(j, r, row);
	}
	json_array_end(j);
	figures(j, r, JSON_KEY("unassigned"), find(r, "unassigned"));
	report_json_int(j, JSON_KEY("other_people"), others < 0 ? 0 : row_int(r->rows, others, PEOPLE));
	figures(j, r, JSON_KEY("others"), others);
}

const struct report_kind report_assignees_kind = { .file = "top-assignees", .plan = plan, .json = json };
