/*
 * Charts: the frame that all have, scales, and how numbers are written. The colours are told apart with the usual
 * weaknesses of sight, too, and there is a set of them for light and one for dark surroundings (prefers-color-scheme).
 *
 * Classes of the style: title, subtitle, label, value, small, muted, strong (texts); grid, axis, mark (lines);
 * c1..c4 and rest (fills: blue, orange, green, violet, grey), s1..s4 (strokes), a1 (a faint area), dashed, track.
 */
#ifndef BUGD_DOMAIN_CHART_H
#define BUGD_DOMAIN_CHART_H

#include "domain/svg.h"

#include <stdint.h>

#define CHART_WIDTH  960.0
#define CHART_MARGIN 32.0

/* The style element's content; what serves charts may allow exactly this by its hash. */
struct str chart_style(void);

/*
 * Opens the picture: title and description for those who do not see it, the background, title and subtitle above. `height`
 * is that of the whole.
 */
void chart_begin(struct buf *out, double height, struct str title, struct str subtitle,
		 struct str description);
void chart_end(struct buf *out);

/* Instead of a plot in which nothing would be. */
void chart_empty(struct buf *out, double y, struct str text);

/* Swatches with names in a row that ends at the right margin, on the line of the subtitle. */
struct chart_key {
	const char *class, *name;
};
void chart_legend(struct buf *out, const struct chart_key *keys, size_t count);

/* From 0 to a round number in round steps (1, 2 or 5 times a power of ten; whole ones). */
struct chart_scale {
	double step, max;
};
struct chart_scale chart_scale(double largest, int steps);

/* Every how many of `count` things that are `width` apart one has room for its label of `label` width: 1, 2, 5, 7, 10, ... */
int chart_every(int count, double width, double label);

/* 950, 12,345, 1.2M. */
void chart_number(struct buf *out, double v);

/* 40 s, 12 min, 3.5 h, 2 d, 3.1 months: two figures are enough to compare by. */
void chart_duration(struct buf *out, double seconds);

/* 21 Nov; with the year: 21 Nov 2026. Days since 1970. */
void chart_day(struct buf *out, int32_t days, bool year);

/* Days in a row, or weeks (`step` 7), of which each has the width `each`. */
struct chart_time {
	int32_t first; /* days since 1970 */
	int count, step;
	double x, each;
};

/* Labels below an axis at `y`: days as far as they have room, or months when it is about many. */
void chart_time_labels(struct buf *out, const struct chart_time *t, double y);

/* Lines of a grid with the scale's numbers on their left; `up` is the height of the largest. */
void chart_grid(struct buf *out, const struct chart_scale *s, double x, double width, double zero, double up);

#endif
