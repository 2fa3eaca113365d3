/* How long people wait: for the first response, and until what they found is resolved. */
#include "api/report_chart.h"
#include "db/row.h"

#include <math.h>

static const struct statement *plan(const struct report *r, const void **args)
{
	struct report_latency_args *a = arena_new(r->arena, struct report_latency_args);

	*a = (struct report_latency_args){ .project_ids = r->projects, .days = r->days };
	*args = a;
	_Static_assert(sizeof(*a) == sizeof(struct report_latency_by_two_args),
		       "the two statements take the same arguments");
	return r->issues < REPORT_ISSUES_MANY ? &statement_report_latency : &statement_report_latency_by_two;
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

/* ---- the chart: from the fastest to the slowest, on a scale of powers ---- */

enum column { MEASURE, COUNT, AVERAGE, P50, P90, P99, FASTEST, SLOWEST };

#define LEFT   (CHART_MARGIN + 8)
#define WIDTH  (CHART_WIDTH - 2 * CHART_MARGIN - 16)
#define TOP    112.0
#define PART   150.0 /* the height of one measure */
#define AXIS   (TOP + 2 * PART + 4)
#define HEIGHT (AXIS + 60)

/* Times that people know; the scale is cut to those that it needs. */
static const double ticks[] = { 1,
				10,
				60,
				600,
				3600,
				6 * 3600.0,
				86400,
				7 * 86400.0,
				30 * 86400.0,
				182 * 86400.0,
				2 * 365 * 86400.0,
				20 * 365 * 86400.0 };
static const char *const tick_names[] = { "1 s",   "10 s",   "1 min",   "10 min",   "1 h",     "6 h",
					  "1 day", "1 week", "1 month", "6 months", "2 years", "20 years" };
#define TICKS (int)(sizeof(ticks) / sizeof(*ticks))

struct plot {
	const struct report *r;
	struct buf *out;
	int first, last; /* ticks at the ends */
};

static double x_of(const struct plot *p, double seconds)
{
	double from = log(ticks[p->first]), to = log(ticks[p->last]);
	double v = seconds > ticks[p->first] ? log(seconds) : from;

	return LEFT + (v - from) / (to - from) * WIDTH;
}

static void choose_ticks(struct plot *p)
{
	double fastest = INFINITY, slowest = 0;

	for (int row = 0; row < PQntuples(p->r->rows); row++) {
		double from = (double)row_int(p->r->rows, row, FASTEST),
		       to = (double)row_int(p->r->rows, row, SLOWEST);

		if (!row_int(p->r->rows, row, COUNT))
			continue;
		fastest = from < fastest ? from : fastest;
		slowest = to > slowest ? to : slowest;
	}
	if (slowest == 0 && fastest > 0)
		fastest = slowest = 3600;
	while (p->first < TICKS - 2 && ticks[p->first + 1] <= fastest)
		p->first++;
	p->last = p->first + 1;
	while (p->last < TICKS - 1 && ticks[p->last] < slowest)
		p->last++;
}

/* Whether the name of a tick stays clear of those at the ends, which are always there. */
static bool has_room(const struct plot *p, int i)
{
	double x = x_of(p, ticks[i]), half = svg_text_width(str_of(tick_names[i]), 12) / 2 + 10;

	return i == p->first || i == p->last ||
	       (x - half > LEFT + svg_text_width(str_of(tick_names[p->first]), 12) &&
		x + half < LEFT + WIDTH - svg_text_width(str_of(tick_names[p->last]), 12));
}

static void axis(struct plot *p)
{
	for (int i = p->first; i <= p->last; i++) {
		double x = x_of(p, ticks[i]);

		for (int row = 0; row < PQntuples(p->r->rows); row++)
			svg_line(p->out, x, TOP + row * PART + 36, x, TOP + row * PART + 74, "grid");
		svg_line(p->out, x, AXIS, x, AXIS + 5, "axis");
		if (has_room(p, i))
			svg_text(p->out, x, AXIS + 22, "small",
				 i == p->first  ? SVG_START
				 : i == p->last ? SVG_END
						: SVG_MIDDLE,
				 str_of(tick_names[i]));
	}
	svg_line(p->out, LEFT, AXIS, LEFT + WIDTH, AXIS, "axis");
	svg_text(p->out, LEFT + WIDTH / 2, AXIS + 44, "small", SVG_MIDDLE,
		 STR("Time since the issue was created, each step several times the one before"));
}

static void figure(struct plot *p, double x, double y, const char *what, const char *class, double seconds)
{
	if (class)
		svg_circle(p->out, x - 11, y - 4, 5, class);
	svg_text(p->out, x, y, "small", SVG_START, str_of(what));
	svg_text(p->out, x, y + 20, "strong", SVG_START, report_duration(p->r, seconds));
}

static double at(const struct plot *p, int row, enum column column)
{
	if (column == AVERAGE)
		return row_double(p->r->rows, row, (int)column);
	return (double)row_int(p->r->rows, row, (int)column);
}

static void figures(struct plot *p, int row, double y)
{
	static const struct {
		const char *name, *class;
		enum column column;
	} shown[] = {
		{ "Fastest", NULL, FASTEST }, { "Half within", "c1", P50 }, { "90 % within", "c2", P90 },
		{ "99 % within", "c4", P99 }, { "Slowest", NULL, SLOWEST }, { "Average", NULL, AVERAGE },
	};

	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++)
		figure(p, LEFT + (double)i * WIDTH / 6, y, shown[i].name, shown[i].class,
		       at(p, row, shown[i].column));
}

static void measure(struct plot *p, int row)
{
	double y = TOP + row * PART, line = y + 55;
	int64_t count = row_int(p->r->rows, row, COUNT);
	struct str issues = report_issues(p->r, count);
	double from, to;

	svg_text(p->out, LEFT, y + 20, "large", SVG_START, row ? STR("Resolution") : STR("First response"));
	svg_text(p->out, LEFT + WIDTH, y + 20, "muted", SVG_END, issues);
	if (!count) {
		svg_text(p->out, LEFT, line + 44, "muted", SVG_START,
			 row ? STR("No issue was resolved in this time.")
			     : STR("Nobody responded in this time."));
		return;
	}
	from = x_of(p, at(p, row, FASTEST));
	to = x_of(p, at(p, row, SLOWEST));
	svg_rect(p->out, from, line - 2, to - from > 1 ? to - from : 1, 4, "rest");
	svg_rect(p->out, x_of(p, at(p, row, P50)), line - 5,
		 x_of(p, at(p, row, P90)) - x_of(p, at(p, row, P50)), 10, "c1");
	svg_circle(p->out, x_of(p, at(p, row, P99)), line, 7, "c4");
	svg_circle(p->out, x_of(p, at(p, row, P90)), line, 7, "c2");
	svg_circle(p->out, x_of(p, at(p, row, P50)), line, 7, "c1");
	figures(p, row, line + 38);
}

static void describe(struct plot *p, struct buf *text)
{
	for (int row = 0; row < PQntuples(p->r->rows); row++) {
		struct str half = report_duration(p->r, at(p, row, P50)),
			   most = report_duration(p->r, at(p, row, P90));

		buf_printf(text, "%s: %lld issues", row ? " Resolution" : "First response",
			   (long long)row_int(p->r->rows, row, COUNT));
		if (row_int(p->r->rows, row, COUNT))
			buf_printf(text, ", half of them within %.*s, nine of ten within %.*s", STR_FMT(half),
				   STR_FMT(most));
		buf_add_char(text, '.');
	}
}

static void chart(struct buf *out, const struct report *r)
{
	struct plot p = { .r = r, .out = out };
	struct buf text = { 0 };

	describe(&p, &text);
	choose_ticks(&p);
	chart_begin(out, HEIGHT, report_title(r, "Latency"),
		    arena_printf(r->arena, "How long people waited, in the last %d day%s", r->days,
				 r->days == 1 ? "" : "s"),
		    buf_str(&text));
	axis(&p);
	for (int row = 0; row < PQntuples(r->rows); row++)
		measure(&p, row);
	chart_end(out);
	buf_free(&text);
}

const struct report_kind report_latency_kind = {
	.file = "latency", .plan = plan, .json = json, .chart = chart
};
