#include "api/report.h"
#include "db/row.h"

void report_json_project(struct json *j, const struct report *r)
{
	json_key_raw(j, JSON_KEY("project_id"));
	if (r->project)
		json_uuid(j, r->project);
	else
		json_null(j);
}

void report_json_int(struct json *j, struct str key, int64_t v)
{
	json_key_raw(j, key);
	json_int(j, v);
}

void report_json_text(struct json *j, struct str key, struct str v)
{
	json_key_raw(j, key);
	json_str(j, v);
}

void report_json_row(struct json *j, const struct report *r, int row)
{
	const struct row_shape *shape = row_shape(r->statement, r->rows);

	row_write(j, shape, r->rows, row, shape->written);
}

void report_json_items(struct json *j, const struct report *r)
{
	json_key_raw(j, JSON_KEY("items"));
	json_array_begin(j);
	for (int row = 0; row < PQntuples(r->rows); row++)
		report_json_row(j, r, row);
	json_array_end(j);
}

int64_t report_sum(const struct report *r, int column)
{
	int64_t sum = 0;

	for (int row = 0; row < PQntuples(r->rows); row++)
		sum += row_int(r->rows, row, column);
	return sum;
}
