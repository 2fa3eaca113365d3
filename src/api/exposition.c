#include "api/exposition.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const type_names[] = { "counter", "gauge", "histogram" };

/* The suffix of a counter's samples, which is part of the family's name in the older format alone. */
static const char *total(const struct exposition *e)
{
	return e->type == METRIC_COUNTER ? "_total" : "";
}

void exposition_family(struct exposition *e, const char *name, enum metric_type type, const char *help)
{
	e->name = name;
	e->type = type;
	buf_printf(e->out, "# HELP %s%s %s\n", name, e->open_metrics ? "" : total(e), help);
	buf_printf(e->out, "# TYPE %s%s %s\n", name, e->open_metrics ? "" : total(e), type_names[type]);
}

static void add_value(struct buf *out, const char *value)
{
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			buf_add_char(out, '\\');
		if (*value == '\n')
			buf_add_lit(out, "\\n");
		else
			buf_add_char(out, *value);
	}
}

/* A number as short as it can be read back. */
static void add_number(struct buf *out, double v)
{
	if (fabs(v) < 1e15 && v == floor(v))
		buf_printf(out, "%.0f", v);
	else
		buf_printf(out, "%.15g", v);
}

/* The labels, and `le` behind them when it is one of a histogram's. */
static void add_labels(struct buf *out, exposition_labels labels, const char *le)
{
	bool first = true;

	if (!labels[0] && !le)
		return;
	buf_add_char(out, '{');
	for (size_t i = 0; labels[i]; i += 2) {
		buf_printf(out, "%s%s=\"", first ? "" : ",", labels[i]);
		add_value(out, labels[i + 1]);
		buf_add_char(out, '"');
		first = false;
	}
	if (le)
		buf_printf(out, "%sle=\"%s\"", first ? "" : ",", le);
	buf_add_char(out, '}');
}

static void add_line(struct exposition *e, const char *suffix, exposition_labels labels, const char *le,
		     double value)
{
	buf_printf(e->out, "%s%s", e->name, suffix);
	add_labels(e->out, labels, le);
	buf_add_char(e->out, ' ');
	add_number(e->out, value);
	buf_add_char(e->out, '\n');
}

void exposition_sample(struct exposition *e, exposition_labels labels, double value)
{
	add_line(e, total(e), labels, NULL, value);
}

void exposition_histogram(struct exposition *e, exposition_labels labels, const struct histogram *h,
			  const struct histogram_bounds *bounds, double unit)
{
	uint64_t so_far = 0;
	char le[32];

	for (size_t i = 0; i < bounds->count; i++) {
		so_far += h->bucket[i];
		/* Bounds are canonical floats in OpenMetrics, section "Considerations: Canonical Numbers". */
		snprintf(le, sizeof(le), "%.9g", (double)bounds->at[i] * unit);
		if (!strpbrk(le, ".e"))
			strncat(le, ".0", sizeof(le) - strlen(le) - 1);
		add_line(e, "_bucket", labels, le, (double)so_far);
	}
	add_line(e, "_bucket", labels, "+Inf", (double)h->count);
	add_line(e, "_sum", labels, NULL, (double)h->sum * unit);
	add_line(e, "_count", labels, NULL, (double)h->count);
}

void exposition_end(struct exposition *e)
{
	if (e->open_metrics)
		buf_add_lit(e->out, "# EOF\n");
}
