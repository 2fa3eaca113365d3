#include "api/report_chart.h"

#include "db/row.h"

static struct str keep(const struct report *r, struct buf *text)
{
	struct str kept = arena_str(r->arena, buf_str(text));

	buf_free(text);
	return kept;
}

struct str report_title(const struct report *r, const char *what)
{
	struct str name = r->name.p ? r->name : STR("all projects");

	return arena_printf(r->arena, "%s \xc2\xb7 %.*s", what, STR_FMT(name));
}

struct str report_number(const struct report *r, double v)
{
	struct buf text = { 0 };

	chart_number(&text, v);
	return keep(r, &text);
}

struct str report_duration(const struct report *r, double seconds)
{
	struct buf text = { 0 };

	chart_duration(&text, seconds);
	return keep(r, &text);
}

struct str report_day(const struct report *r, int32_t day)
{
	struct buf text = { 0 };

	chart_day(&text, day, true);
	return keep(r, &text);
}

struct str report_issues(const struct report *r, int64_t n)
{
	struct str number = report_number(r, (double)n);

	return arena_printf(r->arena, "%.*s issue%s", STR_FMT(number), n == 1 ? "" : "s");
}

int64_t report_largest(const struct report *r, int column)
{
	int64_t largest = 0;

	for (int row = 0; row < PQntuples(r->rows); row++) {
		int64_t v = row_int(r->rows, row, column);

		largest = v > largest ? v : largest;
	}
	return largest;
}
