#include "domain/csv_cell.h"

#include <string.h>

static bool begins_formula(char c)
{
	return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r';
}

/* Whether it begins with a formula, behind any number of apostrophes. */
static bool needs_apostrophe(struct str s)
{
	size_t i = 0;

	while (i < s.n && s.p[i] == '\'')
		i++;
	return i < s.n && begins_formula(s.p[i]);
}

/* Quotes keep spaces at the ends, which some programs cut off. */
static bool needs_quotes(struct str s)
{
	if (s.n == 0)
		return false;
	if (s.p[0] == ' ' || s.p[s.n - 1] == ' ')
		return true;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == ',' || s.p[i] == '\n' || s.p[i] == '\r')
			return true;
	}
	return false;
}

static void add_quoted(struct buf *out, struct str s)
{
	const char *quote;

	while ((quote = memchr(s.p, '"', s.n))) {
		size_t n = (size_t)(quote - s.p) + 1;

		buf_add(out, s.p, n);
		buf_add_char(out, '"');
		s.p += n;
		s.n -= n;
	}
	buf_add_str(out, s);
}

void csv_add_cell(struct buf *out, struct str text)
{
	bool quotes = needs_quotes(text);

	if (quotes)
		buf_add_char(out, '"');
	if (needs_apostrophe(text))
		buf_add_char(out, '\'');
	if (quotes) {
		add_quoted(out, text);
		buf_add_char(out, '"');
	} else {
		buf_add_str(out, text);
	}
}

struct str csv_restored(struct str cell)
{
	if (cell.n && cell.p[0] == '\'' && needs_apostrophe(cell))
		return (struct str){ cell.p + 1, cell.n - 1 };
	return cell;
}

void csv_add_label(struct buf *cell, struct str name)
{
	if (cell->n)
		buf_add_char(cell, ';');
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == ';' || name.p[i] == '\\')
			buf_add_char(cell, '\\');
		buf_add_char(cell, name.p[i]);
	}
}

/* Up to the next ; that has no \ in front. `kept` is how much of the name is not a space at its end. */
static void take_name(struct str *rest, struct buf *name)
{
	size_t i = 0, kept = 0;

	while (i < rest->n && rest->p[i] != ';') {
		bool escaped = rest->p[i] == '\\' && i + 1 < rest->n;

		i += escaped;
		if (escaped || rest->p[i] != ' ' || name->n)
			buf_add_char(name, rest->p[i]);
		if (escaped || rest->p[i] != ' ')
			kept = name->n;
		i++;
	}
	name->n = kept;
	if (i < rest->n)
		*rest = (struct str){ rest->p + i + 1, rest->n - i - 1 };
	else
		*rest = STR_NONE;
}

bool csv_next_label(struct str *rest, struct buf *name)
{
	while (rest->p) {
		name->n = 0;
		take_name(rest, name);
		if (name->n)
			return true;
	}
	return false;
}
