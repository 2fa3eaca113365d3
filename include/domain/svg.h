/* Writing SVG: texts that are escaped and measured, and the few elements that charts are made of. No script, ever. */
#ifndef BUGD_DOMAIN_SVG_H
#define BUGD_DOMAIN_SVG_H

#include "base/buf.h"

#include <stdbool.h>

/*
 * The text as content of an element or value of an attribute. What XML 1.0 cannot hold (control characters, U+FFFE,
 * U+FFFF) becomes U+FFFD. The text is UTF-8.
 */
void svg_escape(struct buf *out, struct str text);

/* About how wide the text is in a common sans-serif face of this size: good to some percent, and rather too wide. */
double svg_text_width(struct str text, double size);

/* The text, cut between two characters with an ellipsis behind it when it is wider than `width`. */
void svg_add_fitting(struct buf *out, struct str text, double size, double width);

/* Which end of a text is at its place. */
enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END };

/* Elements. `class` is one or more of those that the chart's style knows (domain/chart.h). */
void svg_text(struct buf *out, double x, double y, const char *class, enum svg_anchor anchor,
	      struct str text);
void svg_rect(struct buf *out, double x, double y, double width, double height, const char *class);
void svg_line(struct buf *out, double x1, double y1, double x2, double y2, const char *class);
void svg_circle(struct buf *out, double x, double y, double r, const char *class);

/* A rectangle that shows nothing but, where the pointer rests on it, the text. */
void svg_hint(struct buf *out, double x, double y, double width, double height, struct str text);

/* A path in pieces; coordinates are to a tenth. */
void svg_path_begin(struct buf *out, const char *class);
void svg_move(struct buf *out, double x, double y);
void svg_draw(struct buf *out, double x, double y);
void svg_box(struct buf *out, double x, double y, double width, double height); /* closed, on its own */
void svg_path_end(struct buf *out);

#endif
