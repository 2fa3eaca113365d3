/* How many issues there are, by status, priority, type and age. */
#include "api/report_chart.h"
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

/* ---- the chart: four panels of bars ---- */

#define PANEL  ((CHART_WIDTH - 2 * CHART_MARGIN - 48) / 2)
#define TOP    112.0
#define ROW    30.0
#define LABELS 118.0
#define BARS   (PANEL - LABELS - 104)

static const struct panel {
	const char *by, *title;
	int column, line; /* where it is */
} panels[] = {
	{ "status", "Status", 0, 0 },
	{ "priority", "Priority", 1, 0 },
	{ "type", "Type", 0, 1 },
	{ "age", "Age of what is not resolved", 1, 1 },
};
static const double line_at[] = { TOP, TOP + 34 + 4 * ROW + 40 };
#define HEIGHT (TOP + 34 + 4 * ROW + 40 + 34 + 6 * ROW + 12)

/* "in_progress" as people write it; ages by their bounds. */
static struct str label(struct str value)
{
	static const struct {
		const char *value, *label;
	} labels[] = {
		{ "open", "Open" },
		{ "in_progress", "In progress" },
		{ "resolved", "Resolved" },
		{ "closed", "Closed" },
		{ "low", "Low" },
		{ "medium", "Medium" },
		{ "high", "High" },
		{ "critical", "Critical" },
		{ "bug", "Bug" },
		{ "feature", "Feature" },
		{ "improvement", "Improvement" },
		{ "task", "Task" },
		{ "epic", "Epic" },
		{ "under_1_day", "Under 1 day" },
		{ "under_7_days", "1 to 7 days" },
		{ "under_30_days", "7 to 30 days" },
		{ "under_90_days", "30 to 90 days" },
		{ "under_365_days", "90 to 365 days" },
		{ "older", "Older" },
	};

	for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++) {
		if (str_eq_z(value, labels[i].value))
			return str_of(labels[i].label);
	}
	return value;
}

static const char *class_of(struct str value)
{
	static const char *const classes[][2] = {
		{ "open", "c2" },     { "resolved", "c3" }, { "closed", "rest" },
		{ "critical", "c2" }, { "older", "c2" },
	};

	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		if (str_eq_z(value, classes[i][0]))
			return classes[i][1];
	}
	return "c1";
}

/* How many issues a panel is about: what its bars are parts of. */
static int64_t sum_of(const struct report *r, const char *by)
{
	int64_t sum = 0;

	for (int row = 0; row < PQntuples(r->rows); row++) {
		if (str_eq_z(row_text(r->rows, row, BY), by))
			sum += row_int(r->rows, row, ISSUES);
	}
	return sum;
}

static void value(struct buf *out, const struct report *r, int row, double x, double y, int64_t sum)
{
	int64_t v = row_int(r->rows, row, ISSUES);
	double share = sum ? (double)v / (double)sum : 0;
	struct str number = report_number(r, (double)v);
	double at = x + LABELS + BARS + 12;

	svg_text(out, x, y + 14, "label", SVG_START, label(row_text(r->rows, row, VALUE)));
	svg_rect(out, x + LABELS, y, BARS, 18, "track");
	if (v)
		svg_rect(out, x + LABELS, y, share * BARS > 1.5 ? share * BARS : 1.5, 18,
			 class_of(row_text(r->rows, row, VALUE)));
	svg_text(out, at + 46, y + 14, "strong", SVG_END, number);
	if (sum)
		svg_text(out, at + 92, y + 14, "small", SVG_END,
			 arena_printf(r->arena, "%.0f %%", 100.0 * share));
}

static void panel(struct buf *out, const struct report *r, const struct panel *p)
{
	int64_t sum = sum_of(r, p->by);
	double x = CHART_MARGIN + p->column * (PANEL + 48), y = line_at[p->line];

	svg_text(out, x, y, "large", SVG_START, str_of(p->title));
	y += 20;
	for (int row = 0; row < PQntuples(r->rows); row++) {
		if (!str_eq_z(row_text(r->rows, row, BY), p->by))
			continue;
		value(out, r, row, x, y, sum);
		y += ROW;
	}
}

static void chart(struct buf *out, const struct report *r)
{
	int64_t total = sum_of(r, "status"), unresolved = sum_of(r, "age");
	struct str all = report_issues(r, total), left = report_number(r, (double)unresolved);

	chart_begin(
		out, HEIGHT, report_title(r, "Summary"),
		total ? arena_printf(r->arena, "%.*s, of which %.*s are not resolved", STR_FMT(all),
				     STR_FMT(left))
		      : STR("There are no issues."),
		arena_printf(r->arena,
			     "Bars of %.*s by status, priority and type, and by age of those not resolved.",
			     STR_FMT(all)));
	for (size_t i = 0; i < sizeof(panels) / sizeof(*panels); i++)
		panel(out, r, &panels[i]);
	chart_end(out);
}

const struct report_kind report_summary_kind = {
	.file = "summary", .plan = plan, .json = json, .chart = chart
};
