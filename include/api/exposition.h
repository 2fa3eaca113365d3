/*
 * The text of metrics, as Prometheus reads it: its own format (0.0.4), or OpenMetrics (1.0.0).
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 *
 * A family is begun once and then gets its samples. In OpenMetrics the family of a counter has no "_total" in its
 * name, and the text ends with "# EOF".
 */
#ifndef BUGD_API_EXPOSITION_H
#define BUGD_API_EXPOSITION_H

#include "base/buf.h"
#include "base/histogram.h"

#include <stdbool.h>

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct exposition {
	struct buf *out;
	bool open_metrics;
	const char *name; /* of the family that was begun; a counter's without "_total" */
	enum metric_type type;
};

/* Pairs of names and values, ended by NULL: "lane", "read", NULL. Values are escaped. */
typedef const char *const exposition_labels[];

void exposition_family(struct exposition *e, const char *name, enum metric_type type, const char *help);
void exposition_sample(struct exposition *e, exposition_labels labels, double value);
/* `unit`: what one of the histogram's values is of the sample's, e.g. 1e-6 for microseconds as seconds. */
void exposition_histogram(struct exposition *e, exposition_labels labels, const struct histogram *h,
			  const struct histogram_bounds *bounds, double unit);
void exposition_end(struct exposition *e);

#endif
