#include "domain/chart.h"

#include "base/clock.h"

#include <math.h>

/*
 * Okabe and Ito's palette, a shade darker on white and lighter on black, so that each has a contrast of three to one at
 * least.
 */
#define STYLE                                                                                                                        \
	"svg{--bg:#fff;--ink:#1b1f24;--soft:#59636e;--grid:#e4e8ec;--axis:#9aa4af;--c1:#0072b2;--c2:#d55e00;"                        \
	"--c3:#00835f;--c4:#9a4f8f;--c5:#8b95a1;--track:#f1f3f5;color-scheme:light dark}\n"                                          \
	"@media(prefers-color-scheme:dark){svg{--bg:#12161c;--ink:#e9edf2;--soft:#9aa6b2;--grid:#262d36;"                            \
	"--axis:#5c6773;--c1:#56b4e9;--c2:#f09a3e;--c3:#2fc79a;--c4:#d59acb;--c5:#77828e;--track:#1c222a}}\n"                        \
	"svg:root{max-width:100%;height:auto;background:var(--bg)}\n"                                                                \
	"text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue','DejaVu Sans',Arial,sans-serif;"                \
	"font-size:13px;fill:var(--ink);font-variant-numeric:tabular-nums}\n"                                                        \
	".bg{fill:var(--bg)}.title{font-size:20px;font-weight:600}.subtitle,.muted{fill:var(--soft)}"                                \
	".small{font-size:12px;fill:var(--soft)}.strong{font-weight:600}.large{font-size:17px;font-weight:600}\n"                    \
	".grid{stroke:var(--grid)}.axis{stroke:var(--axis)}.mark{stroke:var(--soft);stroke-dasharray:2 3}\n"                         \
	".c1{fill:var(--c1)}.c2{fill:var(--c2)}.c3{fill:var(--c3)}.c4{fill:var(--c4)}.rest{fill:var(--c5)}"                          \
	".track{fill:var(--track)}.a1{fill:var(--c1);opacity:.14}\n"                                                                 \
	".s1,.s2,.s3,.s4,.ideal{fill:none;stroke-width:2.25;stroke-linejoin:round;stroke-linecap:round}"                             \
	".s1{stroke:var(--c1)}.s2{stroke:var(--c2)}.s3{stroke:var(--c3)}.s4{stroke:var(--c4)}\n"                                     \
	".ideal{stroke:var(--soft);stroke-width:1.5;stroke-dasharray:5 5}.ring{fill:var(--bg);stroke:var(--c1);stroke-width:2.25}\n" \
	".hint{fill:transparent}.hint:hover{fill:var(--c5);opacity:.13}\n"

struct str chart_style(void)
{
	return STR(STYLE);
}

void chart_begin(struct buf *out, double height, struct str title, struct str subtitle,
		 struct str description)
{
	struct buf fitting = { 0 };

	buf_printf(
		out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" "
		"role=\"img\" aria-labelledby=\"title description\">\n<title id=\"title\">",
		CHART_WIDTH, height, CHART_WIDTH, height);
	svg_escape(out, title);
	buf_add_lit(out, "</title>\n<desc id=\"description\">");
	svg_escape(out, description);
	buf_add_lit(out, "</desc>\n<style>" STYLE "</style>\n");
	buf_printf(out, "<rect width=\"%.0f\" height=\"%.0f\" class=\"bg\"/>\n", CHART_WIDTH, height);
	svg_add_fitting(&fitting, title, 20, CHART_WIDTH - 2 * CHART_MARGIN);
	svg_text(out, CHART_MARGIN, 44, "title", SVG_START, buf_str(&fitting));
	svg_text(out, CHART_MARGIN, 68, "subtitle", SVG_START, subtitle);
	buf_free(&fitting);
}

void chart_end(struct buf *out)
{
	buf_add_lit(out, "</svg>\n");
}

void chart_empty(struct buf *out, double y, struct str text)
{
	svg_text(out, CHART_WIDTH / 2, y, "muted", SVG_MIDDLE, text);
}

void chart_legend(struct buf *out, const struct chart_key *keys, size_t count)
{
	double x = CHART_WIDTH - CHART_MARGIN;

	while (count--) {
		x -= svg_text_width(str_of(keys[count].name), 13);
		svg_text(out, x, 68, "label", SVG_START, str_of(keys[count].name));
		x -= 18;
		buf_printf(out,
			   "<rect x=\"%.1f\" y=\"57\" width=\"12\" height=\"12\" rx=\"3\" class=\"%s\"/>\n",
			   x, keys[count].class);
		x -= 18;
	}
}

struct chart_scale chart_scale(double largest, int steps)
{
	double rough = largest / steps;
	double power = rough > 1 ? pow(10, floor(log10(rough))) : 1;
	double step = power;

	if (rough > 5 * power)
		step = 10 * power;
	else if (rough > 2 * power)
		step = 5 * power;
	else if (rough > power)
		step = 2 * power;
	return (struct chart_scale){ step, largest > 0 ? ceil(largest / step) * step : step };
}

int chart_every(int count, double width, double label)
{
	static const int steps[] = { 1, 2, 5, 7, 10, 14, 20, 30, 50, 70, 100, 150, 200, 300, 500 };

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		if (steps[i] * width >= label)
			return steps[i];
	}
	return count;
}

static void add_grouped(struct buf *out, int64_t v)
{
	if (v >= 1000) {
		add_grouped(out, v / 1000);
		buf_printf(out, ",%03d", (int)(v % 1000));
	} else {
		buf_add_i64(out, v);
	}
}

void chart_number(struct buf *out, double v)
{
	double size = fabs(v);

	if (v < 0)
		buf_add_lit(out, "\xe2\x88\x92");
	if (size >= 1e9)
		buf_printf(out, "%.3gG", size / 1e9);
	else if (size >= 999950)
		buf_printf(out, "%.3gM", size / 1e6);
	else
		add_grouped(out, (int64_t)llround(size));
}

void chart_duration(struct buf *out, double seconds)
{
	static const struct {
		double size, until; /* how long one is, and up to what it is used */
		const char *name;
	} units[] = {
		{ 1, 99.5, "s" },
		{ 60, 99.5 * 60, "min" },
		{ 3600, 47.5 * 3600, "h" },
		{ 86400, 99.5 * 86400, "d" },
		{ 86400 * 30.44, 86400 * 730.0, "months" },
		{ 86400 * 365.25, INFINITY, "years" },
	};
	size_t i = 0;
	double v;

	while (seconds >= units[i].until)
		i++;
	v = seconds / units[i].size;
	buf_printf(out, v < 9.95 && i > 0 && fabs(v - round(v)) >= 0.05 ? "%.1f %s" : "%.0f %s", v,
		   units[i].name);
}

void chart_day(struct buf *out, int32_t days, bool year)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	char text[CLOCK_DATE_LEN];
	int month, day;

	clock_format_date(days, text);
	month = (text[5] - '0') * 10 + text[6] - '0';
	day = (text[8] - '0') * 10 + text[9] - '0';
	buf_printf(out, "%d %s", day, months[(month + 11) % 12]);
	if (year)
		buf_printf(out, " %.4s", text);
}
