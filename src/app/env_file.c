#include "app/env_file.h"

#include "app/file.h"

#include <string.h>

/* Why a line is wrong is returned as text; NULL: it is right. */
typedef const char *fault;

static bool is_name_char(char c, bool first)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
	       (!first && c >= '0' && c <= '9');
}

static void skip_blank(struct str *s)
{
	while (s->n && (*s->p == ' ' || *s->p == '\t')) {
		s->p++;
		s->n--;
	}
}

/* Takes n bytes off the front. */
static struct str take(struct str *s, size_t n)
{
	struct str taken = { s->p, n };

	s->p += n;
	s->n -= n;
	return taken;
}

static struct str take_name(struct str *s)
{
	size_t n = 0;

	while (n < s->n && is_name_char(s->p[n], n == 0))
		n++;
	return take(s, n);
}

/* Without quotes the value ends at the line's end, or at white space followed by '#'. */
static fault read_plain(struct str *s, struct buf *out)
{
	size_t n = 0;

	while (n < s->n && !(s->p[n] == '#' && (n == 0 || s->p[n - 1] == ' ' || s->p[n - 1] == '\t')))
		n++;
	buf_add_str(out, str_trim(take(s, n)));
	return NULL;
}

static fault read_single_quoted(struct str *s, struct buf *out)
{
	const char *end;

	take(s, 1);
	end = memchr(s->p, '\'', s->n);
	if (!end)
		return "the closing ' is missing";
	buf_add_str(out, take(s, (size_t)(end - s->p)));
	take(s, 1);
	return NULL;
}

static fault read_double_quoted(struct str *s, struct buf *out)
{
	static const char escapes[] = "nrt\"\\$", meant[] = "\n\r\t\"\\$";

	take(s, 1);
	while (s->n) {
		char c = *take(s, 1).p;

		if (c == '"')
			return NULL;
		if (c == '\\') {
			const char *e = s->n ? memchr(escapes, *s->p, sizeof(escapes) - 1) : NULL;

			if (!e)
				return "after \\ within double quotes only n, r, t, \", \\ and $ are known";
			c = meant[e - escapes];
			take(s, 1);
		}
		buf_add_char(out, c);
	}
	return "the closing \" is missing";
}

static fault read_value(struct str *s, struct buf *out)
{
	fault wrong;

	skip_blank(s);
	if (s->n && *s->p == '\'')
		wrong = read_single_quoted(s, out);
	else if (s->n && *s->p == '"')
		wrong = read_double_quoted(s, out);
	else
		wrong = read_plain(s, out);
	if (wrong)
		return wrong;
	skip_blank(s);
	return s->n && *s->p != '#' ? "only a comment may follow the closing quote" : NULL;
}

/* One line that is neither empty nor a comment. */
static fault read_entry(struct str line, struct str *name, struct buf *value)
{
	static const struct str export = STR_INIT("export");

	if (memchr(line.p, '\0', line.n))
		return "it holds a NUL byte";
	if (str_starts(line, export) && line.n > export.n && !is_name_char(line.p[export.n], false) &&
	    line.p[export.n] != '=') {
		take(&line, export.n);
		skip_blank(&line);
	}
	*name = take_name(&line);
	skip_blank(&line);
	if (!name->n || !line.n || *line.p != '=')
		return "expected NAME=value; a name has letters, digits and _, and no digit first";
	take(&line, 1);
	return read_value(&line, value);
}

static size_t count_lines(struct str text)
{
	size_t n = 1;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

bool env_file_parse(struct str text, const char *path, struct arena *a, struct env_file *out,
		    struct buf *errors)
{
	static const struct str byte_order_mark = STR_INIT("\xef\xbb\xbf");
	struct buf value = { 0 };
	bool right = true;

	if (str_starts(text, byte_order_mark))
		take(&text, byte_order_mark.n);
	*out = (struct env_file){ .v = arena_array(a, struct env_entry, count_lines(text)) };
	for (int number = 1; text.p; number++) {
		struct str line = str_cut(&text, '\n'), name;
		fault wrong;

		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		skip_blank(&line);
		if (!line.n || *line.p == '#')
			continue;
		buf_clear(&value, SIZE_MAX);
		wrong = read_entry(line, &name, &value);
		if (wrong) {
			buf_printf(errors, "%s, line %d: %s\n", path, number, wrong);
			right = false;
			continue;
		}
		out->v[out->n++] = (struct env_entry){
			.name = arena_str(a, name).p,
			.value = secret_copy(a, buf_str(&value)),
			.line = number,
		};
	}
	if (value.p)
		explicit_bzero(value.p, value.cap);
	buf_free(&value);
	return right;
}

const struct env_entry *env_file_find(const struct env_file *f, const char *name)
{
	for (size_t i = f->n; i > 0; i--)
		if (strcmp(f->v[i - 1].name, name) == 0)
			return &f->v[i - 1];
	return NULL;
}
