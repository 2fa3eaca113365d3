/* What is left to do, day by day, of a milestone or a project. */
#include "api/report_chart.h"
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

	*a = (struct report_burndown_args){ .project_ids = r->projects,
					    .few = report_counts_each(r),
					    .days = r->days,
					    .time_zone = r->time_zone,
					    .until = r->until };
	*args = a;
	_Static_assert(sizeof(*a) == sizeof(struct report_burndown_by_two_args),
		       "the two statements take the same arguments");
	return r->issues < REPORT_ISSUES_MANY ? &statement_report_burndown
					      : &statement_report_burndown_by_two;
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

/* ---- the chart: what is left, and how it should be ---- */

#define LEFT      84.0
#define WIDTH     (CHART_WIDTH - LEFT - CHART_MARGIN - 40)
#define TOP       110.0
#define PLOT      320.0
#define ZERO      (TOP + PLOT)
#define HEIGHT    (ZERO + 56)
#define HINTS_MAX 120

struct plot {
	const struct report *r;
	struct buf *out;
	struct chart_time time;
	struct chart_scale scale;
	int today; /* the last row with a figure */
};

static double x_of(const struct plot *p, int row)
{
	return p->time.x + (row + 0.5) * p->time.each;
}

static double y_of(const struct plot *p, double v)
{
	return ZERO - v / p->scale.max * PLOT;
}

static int64_t left_on(const struct plot *p, int row)
{
	return row_int(p->r->rows, row, REMAINING);
}

static void ideal_line(struct plot *p)
{
	int first = -1, last = -1;

	for (int row = 0; row < p->time.count; row++) {
		if (row_is_null(p->r->rows, row, IDEAL))
			continue;
		first = first < 0 ? row : first;
		last = row;
	}
	if (first < 0)
		return;
	svg_line(p->out, x_of(p, first), y_of(p, row_double(p->r->rows, first, IDEAL)), x_of(p, last),
		 y_of(p, row_double(p->r->rows, last, IDEAL)), "ideal");
}

static void remaining_line(struct plot *p)
{
	for (int line = 0; line < 2; line++) {
		svg_path_begin(p->out, line ? "s1" : "a1");
		svg_move(p->out, x_of(p, 0), line ? y_of(p, (double)left_on(p, 0)) : ZERO);
		for (int row = 0; row <= p->today; row++)
			svg_draw(p->out, x_of(p, row), y_of(p, (double)left_on(p, row)));
		if (!line)
			svg_draw(p->out, x_of(p, p->today), ZERO);
		svg_path_end(p->out);
	}
}

static void label_today(struct plot *p)
{
	double x = x_of(p, p->today), y = y_of(p, (double)left_on(p, p->today));
	struct str number = report_number(p->r, (double)left_on(p, p->today));

	if (p->today < p->time.count - 1) {
		svg_line(p->out, x, TOP - 6, x, ZERO, "mark");
		svg_text(p->out, x - 6, TOP - 8, "small", SVG_END, STR("today"));
	}
	svg_circle(p->out, x, y, 4.5, "ring");
	svg_text(p->out, x + 10, y - 8, "strong", SVG_START,
		 arena_printf(p->r->arena, "%.*s left", STR_FMT(number)));
}

static void hints(struct plot *p)
{
	for (int row = 0; row <= p->today && p->time.count <= HINTS_MAX; row++) {
		struct str day = report_day(p->r, p->time.first + row);

		svg_hint(p->out, p->time.x + row * p->time.each, TOP, p->time.each, PLOT,
			 arena_printf(p->r->arena, "%.*s: %lld left", STR_FMT(day),
				      (long long)left_on(p, row)));
	}
}

static void head(struct plot *p)
{
	const struct report *r = p->r;
	struct str since = report_day(r, p->time.first);
	struct str until = report_day(r, p->time.first + p->time.count - 1);

	chart_begin(
		p->out, HEIGHT, report_title(r, "Burndown"),
		arena_printf(r->arena, "Issues that are left at the end of each day, %.*s",
			     STR_FMT(r->time_zone)),
		arena_printf(
			r->arena,
			"A line of the issues that were left at the end of each day from %.*s on, from %lld to %lld, "
			"beside a straight line to nothing by %.*s.",
			STR_FMT(since), (long long)left_on(p, 0), (long long)left_on(p, p->today),
			STR_FMT(until)));
}

static void legend(struct buf *out)
{
	double x = CHART_WIDTH - CHART_MARGIN - 144;

	svg_line(out, x, 63, x + 22, 63, "s1");
	svg_text(out, x + 30, 68, "label", SVG_START, STR("Left"));
	svg_line(out, x + 82, 63, x + 104, 63, "ideal");
	svg_text(out, x + 112, 68, "label", SVG_START, STR("Ideal"));
}

static void chart(struct buf *out, const struct report *r)
{
	int count = PQntuples(r->rows);
	struct plot p = { .r = r, .out = out };

	p.time = (struct chart_time){ row_date(r->rows, 0, DAY), count, 1, LEFT, WIDTH / count };
	p.scale = chart_scale((double)report_largest(r, REMAINING), 5);
	while (p.today + 1 < count && !row_is_null(r->rows, p.today + 1, REMAINING))
		p.today++;
	head(&p);
	legend(out);
	chart_grid(out, &p.scale, LEFT, WIDTH, ZERO, PLOT);
	if (report_largest(r, REMAINING) == 0)
		chart_empty(out, TOP + PLOT / 2, STR("There is nothing left to do."));
	ideal_line(&p);
	remaining_line(&p);
	label_today(&p);
	chart_time_labels(out, &p.time, ZERO);
	hints(&p);
	chart_end(out);
}

const struct report_kind report_burndown_kind = {
	.file = "burndown", .plan = plan, .json = json, .chart = chart
};
