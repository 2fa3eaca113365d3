#include "domain/svg.h"

#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"
#define ELLIPSIS    "\xe2\x80\xa6"

/* ---- texts ---- */

static bool is_noncharacter(struct str s)
{
	return s.n >= 3 && s.p[0] == '\xef' && s.p[1] == '\xbf' && (s.p[2] == '\xbe' || s.p[2] == '\xbf');
}

static void escape_ascii(struct buf *out, char c)
{
	if (c == '&')
		buf_add_lit(out, "&amp;");
	else if (c == '<')
		buf_add_lit(out, "&lt;");
	else if (c == '>')
		buf_add_lit(out, "&gt;");
	else if (c == '"')
		buf_add_lit(out, "&quot;");
	else if ((unsigned char)c < ' ' && c != '\t' && c != '\n')
		buf_add_lit(out, REPLACEMENT);
	else
		buf_add_char(out, c);
}

void svg_escape(struct buf *out, struct str text)
{
	while (text.n) {
		size_t step = is_noncharacter(text) ? 3 : 1;

		if (step == 3)
			buf_add_lit(out, REPLACEMENT);
		else
			escape_ascii(out, text.p[0]);
		text.p += step;
		text.n -= step;
	}
}

/* The length of the character that valid UTF-8 begins with. */
static size_t character(struct str s)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	return n < s.n ? n : s.n;
}

static double character_width(const char *p, size_t n)
{
	if (n >= 3)
		return 1.0; /* mostly the scripts whose characters fill a square */
	if (n == 2)
		return 0.62;
	if (strchr("ijlI.,:;'|!()[]", *p))
		return 0.32;
	if (strchr("ftr-/ \"", *p))
		return 0.38;
	if (strchr("mwMW@%", *p))
		return 0.9;
	if (*p >= 'A' && *p <= 'Z')
		return 0.69;
	return 0.57;
}

double svg_text_width(struct str text, double size)
{
	double width = 0;

	while (text.n) {
		size_t n = character(text);

		width += character_width(text.p, n);
		text.p += n;
		text.n -= n;
	}
	return width * size;
}

void svg_add_fitting(struct buf *out, struct str text, double size, double width)
{
	struct str rest = text;
	double room = width - size;

	if (svg_text_width(text, size) <= width) {
		buf_add_str(out, text);
		return;
	}
	while (rest.n) {
		size_t n = character(rest);

		room -= character_width(rest.p, n) * size;
		if (room < 0)
			break;
		buf_add(out, rest.p, n);
		rest.p += n;
		rest.n -= n;
	}
	buf_add_lit(out, ELLIPSIS);
}

/* ---- elements ---- */

void svg_text(struct buf *out, double x, double y, const char *class, enum svg_anchor anchor, struct str text)
{
	static const char *const anchors[] = { "", " text-anchor=\"middle\"", " text-anchor=\"end\"" };

	buf_printf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\"%s>", x, y, class, anchors[anchor]);
	svg_escape(out, text);
	buf_add_lit(out, "</text>\n");
}

void svg_rect(struct buf *out, double x, double y, double width, double height, const char *class)
{
	buf_printf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" class=\"%s\"/>\n", x, y,
		   width, height, class);
}

void svg_line(struct buf *out, double x1, double y1, double x2, double y2, const char *class)
{
	buf_printf(out, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>\n", x1, y1, x2,
		   y2, class);
}

void svg_circle(struct buf *out, double x, double y, double r, const char *class)
{
	buf_printf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" class=\"%s\"/>\n", x, y, r, class);
}

void svg_hint(struct buf *out, double x, double y, double width, double height, struct str text)
{
	buf_printf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" class=\"hint\"><title>",
		   x, y, width, height);
	svg_escape(out, text);
	buf_add_lit(out, "</title></rect>\n");
}

void svg_path_begin(struct buf *out, const char *class)
{
	buf_printf(out, "<path class=\"%s\" d=\"", class);
}

void svg_move(struct buf *out, double x, double y)
{
	buf_printf(out, "M%.1f %.1f", x, y);
}

void svg_draw(struct buf *out, double x, double y)
{
	buf_printf(out, "L%.1f %.1f", x, y);
}

void svg_box(struct buf *out, double x, double y, double width, double height)
{
	buf_printf(out, "M%.1f %.1fh%.1fv%.1fh%.1fz", x, y, width, height, -width);
}

void svg_path_end(struct buf *out)
{
	buf_add_lit(out, "\"/>\n");
}
