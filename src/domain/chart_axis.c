#include "domain/chart.h"

#include "base/clock.h"

/* From so many days on months are named instead of days. */
#define LONG_DAYS 300

static int month_of(int32_t day)
{
	char text[CLOCK_DATE_LEN];

	clock_format_date(day, text);
	return ((text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + text[3] - '0') * 12 +
	       (text[5] - '0') * 10 + text[6] - '0' - 1;
}

/* "Mar", and for the first month of a year "2026". */
static void add_month(struct buf *out, int month)
{
	static const char *const names[] = { "",    "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

	if (month % 12 == 0)
		buf_printf(out, "%d", month / 12);
	else
		buf_add_str(out, str_of(names[month % 12]));
}

static void months(struct buf *out, const struct chart_time *t, double y)
{
	double month = t->each * 30.4 / t->step;
	int every = month >= 40 ? 1 : month >= 20 ? 2 : month >= 14 ? 3 : 6;
	struct buf text = { 0 };

	for (int i = 1; i < t->count; i++) {
		int now = month_of(t->first + i * t->step), before = month_of(t->first + (i - 1) * t->step);
		double x = t->x + i * t->each;

		if (now == before || now % every)
			continue;
		text.n = 0;
		add_month(&text, now);
		svg_line(out, x, y, x, y + 5, "axis");
		svg_text(out, x, y + 20, "small", SVG_MIDDLE, buf_str(&text));
	}
	buf_free(&text);
}

static void days(struct buf *out, const struct chart_time *t, double y)
{
	int every = chart_every(t->count, t->each, 52);
	struct buf text = { 0 };

	/* From the end, which people look at first. */
	for (int i = t->count - 1; i >= 0; i -= every) {
		double x = t->x + (i + 0.5) * t->each;

		text.n = 0;
		chart_day(&text, t->first + i * t->step, false);
		svg_text(out, x, y + 20, "small", SVG_MIDDLE, buf_str(&text));
	}
	buf_free(&text);
}

void chart_time_labels(struct buf *out, const struct chart_time *t, double y)
{
	if (t->count * t->step > LONG_DAYS)
		months(out, t, y);
	else
		days(out, t, y);
}

void chart_grid(struct buf *out, const struct chart_scale *s, double x, double width, double zero, double up)
{
	struct buf text = { 0 };

	for (int i = 0; i * s->step <= s->max * 1.0001; i++) {
		double v = i * s->step;
		double y = zero - v / s->max * up;

		text.n = 0;
		chart_number(&text, v);
		svg_line(out, x, y, x + width, y, v > 0 ? "grid" : "axis");
		svg_text(out, x - 10, y + 4, "small", SVG_END, buf_str(&text));
	}
	buf_free(&text);
}
