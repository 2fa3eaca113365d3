#include "app/config.h"

#include <string.h>

#define WIDTH  100
#define INDENT 6

/* The text in lines of at most WIDTH, indented. */
static void add_wrapped(struct buf *out, struct str text)
{
	size_t column = 0;

	while (text.p) {
		struct str word = str_cut(&text, ' ');

		if (column == 0 || column + 1 + word.n > WIDTH) {
			if (column)
				buf_add_char(out, '\n');
			buf_printf(out, "%*s", INDENT, "");
			column = INDENT;
		} else {
			buf_add_char(out, ' ');
			column++;
		}
		buf_add_str(out, word);
		column += word.n;
	}
	buf_add_char(out, '\n');
}

static void add_setting(struct buf *out, const struct setting *s)
{
	struct buf doc = { 0 };

	buf_printf(out, "  %s", s->name);
	if (s->kind == SETTING_SECRET)
		buf_printf(out, ", or %s_FILE with the path of a file that holds it", s->name);
	buf_add_char(out, '\n');
	buf_printf(&doc, "%s Expected: ", s->doc);
	setting_expected(s, &doc);
	if (s->standard)
		buf_printf(&doc, "; default: %s", s->standard);
	buf_add_char(&doc, '.');
	if (s->live)
		buf_add_lit(&doc, " Read again on SIGHUP.");
	add_wrapped(out, buf_str(&doc));
	buf_free(&doc);
}

void config_help(struct buf *out)
{
	for (size_t i = 0; i < config_setting_count; i++)
		add_setting(out, &config_settings[i]);
}
