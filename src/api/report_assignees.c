/* Who has how many issues, and in which status. */
#include "api/report_chart.h"
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

/* ---- the chart: a bar for each person, in parts by status ---- */

#define NAMES 220.0 /* the width of names at most */
#define TOP   100.0
#define ROW   34.0
#define BAR   20.0

static const struct chart_key keys[] = {
	{ "c2", "Open" }, { "c1", "In progress" }, { "c3", "Resolved" }, { "rest", "Closed" }
};

struct plot {
	const struct report *r;
	struct buf *out;
	double left, unit; /* where bars begin, and how long one issue is */
	int people;        /* rows of single people; those of others and of nobody follow */
};

static int64_t cell(const struct plot *p, int row, enum column column)
{
	return row_int(p->r->rows, row, (int)column);
}

static void bar(struct plot *p, int row, double y)
{
	double x = p->left;

	for (int column = OPEN; column <= CLOSED; column++) {
		double width = (double)cell(p, row, (enum column)column) * p->unit;

		if (width > 0)
			svg_rect(p->out, x, y, width > 2 ? width - 1 : width, BAR, keys[column - OPEN].class);
		x += width;
	}
	svg_text(p->out, x + 8, y + 15, "strong", SVG_START,
		 report_number(p->r, (double)cell(p, row, TOTAL)));
}

static struct str name_of(const struct plot *p, int row)
{
	struct buf text = { 0 };
	struct str kept;

	if (row >= p->people && is_kind(p->r, row, "others"))
		buf_printf(&text, "%lld others", (long long)cell(p, row, PEOPLE));
	else
		svg_add_fitting(&text, row_text(p->r->rows, row, NAME), 13, NAMES);
	kept = arena_str(p->r->arena, buf_str(&text));
	buf_free(&text);
	return kept;
}

static void hint(struct plot *p, int row, double y)
{
	struct str who = row_text(p->r->rows, row, NAME);

	svg_hint(p->out, CHART_MARGIN - 12, y - (ROW - BAR) / 2, CHART_WIDTH - 2 * CHART_MARGIN + 24, ROW,
		 arena_printf(p->r->arena, "%.*s: %lld open, %lld in progress, %lld resolved, %lld closed",
			      STR_FMT(who), (long long)cell(p, row, OPEN),
			      (long long)cell(p, row, IN_PROGRESS), (long long)cell(p, row, RESOLVED),
			      (long long)cell(p, row, CLOSED)));
}

/* Those who are counted together are often more than anybody: a bar of theirs would make all others tiny. */
static void together(struct plot *p, int row, double y)
{
	struct str open = report_number(p->r, (double)(cell(p, row, OPEN) + cell(p, row, IN_PROGRESS)));
	struct str total = report_number(p->r, (double)cell(p, row, TOTAL));

	svg_text(p->out, p->left, y + 15, "muted", SVG_START,
		 arena_printf(p->r->arena, "%.*s, of which %.*s are not resolved", STR_FMT(total),
			      STR_FMT(open)));
}

static void measure(struct plot *p)
{
	double names = 60;
	int64_t largest = 1;
	int count = PQntuples(p->r->rows);

	while (p->people < count && is_kind(p->r, p->people, "person"))
		p->people++;
	for (int row = 0; row < count; row++) {
		double width = svg_text_width(name_of(p, row), 13);

		names = width > names ? width : names;
		if (row < p->people && cell(p, row, TOTAL) > largest)
			largest = cell(p, row, TOTAL);
	}
	p->left = CHART_MARGIN + names + 14;
	p->unit = (CHART_WIDTH - CHART_MARGIN - 60 - p->left) / (double)largest;
}

static void head(struct plot *p)
{
	const struct report *r = p->r;
	int count = PQntuples(r->rows);

	chart_begin(p->out, TOP + ROW * (count ? count : 2) + (p->people < count ? 14 : 0) + 18,
		    report_title(r, "Top assignees"), STR("Issues by person and status, now"),
		    arena_printf(r->arena,
				 "Bars of the issues of %d people by status. There are %lld issues in all.",
				 p->people, (long long)report_sum(r, TOTAL)));
	chart_legend(p->out, keys, sizeof(keys) / sizeof(*keys));
	if (count == 0)
		chart_empty(p->out, TOP + ROW, STR("There are no issues."));
}

static void chart(struct buf *out, const struct report *r)
{
	struct plot p = { .r = r, .out = out };
	double y = TOP;

	measure(&p);
	head(&p);
	for (int row = 0; row < PQntuples(r->rows); row++) {
		if (row == p.people) {
			svg_line(out, CHART_MARGIN, y, CHART_WIDTH - CHART_MARGIN, y, "grid");
			y += 14;
		}
		svg_text(out, p.left - 14, y + 15, row < p.people ? "label" : "muted", SVG_END,
			 name_of(&p, row));
		if (row < p.people)
			bar(&p, row, y);
		else
			together(&p, row, y);
		hint(&p, row, y);
		y += ROW;
	}
	chart_end(out);
}

const struct report_kind report_assignees_kind = {
	.file = "top-assignees", .plan = plan, .json = json, .chart = chart
};
