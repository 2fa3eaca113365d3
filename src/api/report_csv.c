#include "api/report.h"
#include "base/clock.h"
#include "db/row.h"
#include "domain/csv_cell.h"

#include <stdio.h>

enum { OID_INT8 = 20, OID_INT4 = 23, OID_FLOAT8 = 701, OID_DATE = 1082, OID_UUID = 2950 };

static bool is_shown(const PGresult *r, int column)
{
	return PQfname(r, column)[0] != '_';
}

static void add_uuid(struct buf *out, struct uuid id)
{
	uuid_format(&id, buf_reserve(out, UUID_TEXT_LEN));
	out->n += UUID_TEXT_LEN;
}

static void add_cell(struct buf *out, const PGresult *r, int row, int column)
{
	if (row_is_null(r, row, column))
		return;
	switch (PQftype(r, column)) {
	case OID_INT4:
	case OID_INT8:
		buf_add_i64(out, row_int(r, row, column));
		break;
	case OID_FLOAT8:
		buf_printf(out, "%.15g", row_double(r, row, column));
		break;
	case OID_DATE:
		clock_format_date(row_date(r, row, column), buf_reserve(out, CLOCK_DATE_LEN));
		out->n += CLOCK_DATE_LEN;
		break;
	case OID_UUID:
		add_uuid(out, row_uuid(r, row, column));
		break;
	default:
		csv_add_cell(out, row_text(r, row, column));
	}
}

static void add_row(struct buf *out, const PGresult *r, int row)
{
	bool first = true;

	for (int column = 0; column < PQnfields(r); column++) {
		if (!is_shown(r, column))
			continue;
		if (!first)
			buf_add_char(out, ',');
		first = false;
		if (row < 0)
			buf_add_str(out, str_of(PQfname(r, column)));
		else
			add_cell(out, r, row, column);
	}
	buf_add_lit(out, "\r\n");
}

void report_csv(struct buf *out, const PGresult *rows)
{
	for (int row = -1; row < PQntuples(rows); row++)
		add_row(out, rows, row);
}
