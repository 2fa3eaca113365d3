/* What was created and resolved, day by day or week by week. */
#include "api/report_chart.h"
#include "db/row.h"

#include <math.h>

enum column { START, WEEK, CREATED, REOPENED, RESOLVED, NET, OPEN };

static const struct statement *plan(const struct report *r, const void **args)
{
	struct report_velocity_args *a = arena_new(r->arena, struct report_velocity_args);

	_Static_assert(sizeof(*a) == sizeof(struct report_velocity_by_two_args),
		       "the two statements take the same arguments");
	*a = (struct report_velocity_args){ .project_ids = r->projects,
					    .few = report_counts_each(r),
					    .days = r->days,
					    .weekly = r->weekly,
					    .time_zone = r->time_zone };
	*args = a;
	return r->issues < REPORT_ISSUES_MANY ? &statement_report_velocity
					      : &statement_report_velocity_by_two;
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

/* ---- the chart: what came above a line and what was done below it; and under both what was left ---- */

#define LEFT      84.0
#define WIDTH     (CHART_WIDTH - LEFT - CHART_MARGIN)
#define TOP       104.0
#define FLOW      210.0 /* the height of the upper plot */
#define GAP       66.0
#define STOCK     120.0 /* of the lower one */
#define HEIGHT    (TOP + FLOW + GAP + STOCK + 52)
#define HINTS_MAX 120

struct plot {
	const struct report *r;
	struct buf *out;
	struct chart_time time;
	double zero, unit; /* of the upper plot: where nothing is, and how high one issue is */
};

static int64_t cell(const struct plot *p, int row, int column)
{
	return row_int(p->r->rows, row, column);
}

/* One path for each series, so that a thousand bars are as few elements as ten. */
static void bars(struct plot *p, enum column column, enum column below, const char *class)
{
	double gap = p->time.each > 6 ? p->time.each * 0.22 : p->time.each > 2 ? 0.6 : 0;

	svg_path_begin(p->out, class);
	for (int row = 0; row < p->time.count; row++) {
		double base = below == column ? 0 : (double)cell(p, row, (int)below) * p->unit;
		double height = (double)cell(p, row, (int)column) * p->unit;
		double x = p->time.x + row * p->time.each + gap / 2;

		if (height > 0)
			svg_box(p->out, x, column == RESOLVED ? p->zero + 1 : p->zero - base - height - 1,
				p->time.each - gap, height);
	}
	svg_path_end(p->out);
}

static void flow_grid(struct plot *p, const struct chart_scale *s, double up, double down)
{
	for (int i = -(int)floor(down / s->step); i * s->step <= up; i++) {
		double v = i * s->step;
		double y = p->zero - v * p->unit;

		svg_line(p->out, LEFT, y, LEFT + WIDTH, y, v >= 0 && v < s->step ? "axis" : "grid");
		svg_text(p->out, LEFT - 10, y + 4, "small", SVG_END, report_number(p->r, v < 0 ? -v : v));
	}
}

static void flow(struct plot *p)
{
	int64_t up = 1, down = report_largest(p->r, RESOLVED);
	struct chart_scale s;

	for (int row = 0; row < p->time.count; row++) {
		int64_t v = cell(p, row, CREATED) + cell(p, row, REOPENED);

		up = v > up ? v : up;
	}
	s = chart_scale((double)(up + down), 6);
	p->unit = FLOW / (ceil((double)up / s.step) * s.step + ceil((double)down / s.step) * s.step);
	p->zero = TOP + ceil((double)up / s.step) * s.step * p->unit;
	flow_grid(p, &s, ceil((double)up / s.step) * s.step, ceil((double)down / s.step) * s.step);
	bars(p, CREATED, CREATED, "c1");
	bars(p, REOPENED, CREATED, "c2");
	bars(p, RESOLVED, RESOLVED, "c3");
}

static void stock(struct plot *p)
{
	struct chart_scale s = chart_scale((double)report_largest(p->r, OPEN), 3);
	double zero = TOP + FLOW + GAP + STOCK, last_x = 0, last_y = zero;

	svg_text(p->out, CHART_MARGIN, TOP + FLOW + GAP - 18, "strong", SVG_START,
		 STR("Open at the end of each period"));
	chart_grid(p->out, &s, LEFT, WIDTH, zero, STOCK);
	for (int line = 0; line < 2; line++) {
		svg_path_begin(p->out, line ? "s1" : "a1");
		for (int row = 0; row < p->time.count; row++) {
			last_x = p->time.x + (row + 0.5) * p->time.each;
			last_y = zero - (double)cell(p, row, OPEN) / s.max * STOCK;
			if (row == 0)
				svg_move(p->out, last_x, line ? last_y : zero);
			svg_draw(p->out, last_x, last_y);
		}
		if (!line)
			svg_draw(p->out, last_x, zero);
		svg_path_end(p->out);
	}
	svg_circle(p->out, last_x, last_y, 4, "ring");
	svg_text(p->out, last_x, last_y - 11, "strong", last_x > LEFT + WIDTH - 40 ? SVG_END : SVG_MIDDLE,
		 report_number(p->r, (double)cell(p, p->time.count - 1, OPEN)));
	chart_time_labels(p->out, &p->time, zero);
}

/* What a period is about, where the pointer rests. */
static void hints(struct plot *p)
{
	for (int row = 0; row < p->time.count && p->time.count <= HINTS_MAX; row++) {
		struct str day = report_day(p->r, p->time.first + row * p->time.step);

		svg_hint(p->out, p->time.x + row * p->time.each, TOP, p->time.each, HEIGHT - TOP - 50,
			 arena_printf(
				 p->r->arena,
				 "%s%.*s: %lld created, %lld reopened, %lld resolved, %lld open at the end",
				 p->r->weekly ? "Week of " : "", STR_FMT(day),
				 (long long)cell(p, row, CREATED), (long long)cell(p, row, REOPENED),
				 (long long)cell(p, row, RESOLVED), (long long)cell(p, row, OPEN)));
	}
}

static void head(struct plot *p)
{
	static const struct chart_key keys[] = { { "c1", "Created" },
						 { "c2", "Reopened" },
						 { "c3", "Resolved" } };
	const struct report *r = p->r;
	struct str since = report_day(r, p->time.first), title = report_title(r, "Velocity");

	chart_begin(
		p->out, HEIGHT, title,
		arena_printf(r->arena, "Issues a %s since %.*s, %.*s", r->weekly ? "week" : "day",
			     STR_FMT(since), STR_FMT(r->time_zone)),
		arena_printf(
			r->arena,
			"Bars of the issues that were created, reopened and resolved each %s since %.*s, and a line "
			"of those left open. In all, %lld were created, %lld reopened and %lld resolved; %lld are "
			"open now.",
			r->weekly ? "week" : "day", STR_FMT(since), (long long)report_sum(r, CREATED),
			(long long)report_sum(r, REOPENED), (long long)report_sum(r, RESOLVED),
			(long long)cell(p, p->time.count - 1, OPEN)));
	chart_legend(p->out, keys, sizeof(keys) / sizeof(*keys));
}

static void chart(struct buf *out, const struct report *r)
{
	int count = PQntuples(r->rows);
	struct plot p = { .r = r, .out = out };

	p.time = (struct chart_time){ row_date(r->rows, 0, START), count, r->weekly ? 7 : 1, LEFT,
				      WIDTH / count };
	/* A few periods are not made as wide as the page. */
	if (p.time.each > 90) {
		p.time.each = 90;
		p.time.x = LEFT + (WIDTH - 90.0 * count) / 2;
	}
	head(&p);
	flow(&p);
	if (report_sum(r, CREATED) + report_sum(r, REOPENED) + report_sum(r, RESOLVED) == 0)
		chart_empty(out, TOP + FLOW / 2 - 12, STR("Nothing was created or resolved in this time."));
	stock(&p);
	hints(&p);
	chart_end(out);
}

const struct report_kind report_velocity_kind = {
	.file = "velocity", .plan = plan, .json = json, .chart = chart
};
