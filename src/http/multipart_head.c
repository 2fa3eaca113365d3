#include "multipart_internal.h"

#include "json/schema.h"

#include <string.h>

static bool is_token_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!is_token_char(s.p[i]))
			return false;
	}
	return s.n > 0;
}

/* ---- parameters: name=token, or name="quoted \" string" ---- */

struct param {
	struct str name, value;
	bool quoted; /* value is what is between the quotes, as it is */
};

static struct str from(struct str s, size_t at)
{
	return (struct str){ s.p + at, s.n - at };
}

/* Where the string that begins behind the quote ends; s.n: nowhere. */
static size_t closing_quote(struct str s)
{
	size_t i = 0;

	while (i < s.n && s.p[i] != '"')
		i += s.p[i] == '\\' && i + 1 < s.n && (s.p[i + 1] == '"' || s.p[i + 1] == '\\') ? 2 : 1;
	return i < s.n ? i : s.n;
}

/* Takes "; name=value" off *rest. False: there is none, and *rest is empty if that is the end. */
static bool next_param(struct str *rest, struct param *p)
{
	struct str s = str_trim(*rest);
	size_t n = 0;

	*rest = s;
	if (s.n == 0 || s.p[0] != ';')
		return false;
	s = str_trim(from(s, 1));
	while (n < s.n && is_token_char(s.p[n]))
		n++;
	p->name = (struct str){ s.p, n };
	if (n == 0 || n == s.n || s.p[n] != '=')
		return false;
	s = from(s, n + 1);
	p->quoted = s.n && s.p[0] == '"';
	if (p->quoted) {
		s = from(s, 1);
		n = closing_quote(s);
		if (n == s.n)
			return false;
	} else {
		for (n = 0; n < s.n && !strchr("; \t\"", s.p[n]);)
			n++;
	}
	p->value = (struct str){ s.p, n };
	*rest = from(s, n + (p->quoted ? 1 : 0));
	return p->quoted || n;
}

/* ---- the boundary ---- */

static bool is_boundary(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c != '\0' && strchr("'()+_,-./:=? ", c))))
			return false;
	}
	return s.n > 0 && s.n <= BOUNDARY_MAX && s.p[s.n - 1] != ' ';
}

bool multipart_boundary(struct str content_type, struct str *boundary)
{
	struct param p;
	bool found = false;

	str_cut(&content_type, ';');
	if (!content_type.p)
		return false;
	content_type = (struct str){ content_type.p - 1, content_type.n + 1 };
	while (next_param(&content_type, &p)) {
		if (!str_ieq_z(p.name, "boundary"))
			continue;
		if (found || !is_boundary(p.value))
			return false;
		found = true;
		*boundary = p.value;
	}
	return found && content_type.n == 0;
}

/* ---- Content-Disposition ---- */

/* The three that browsers encode (HTML, "multipart/form-data encoding algorithm"); nothing else is, '%' neither. */
static char percent_decoded(struct str s)
{
	if (s.n < 3 || s.p[0] != '%')
		return '\0';
	if (s.p[1] == '2' && s.p[2] == '2')
		return '"';
	if (s.p[1] == '0' && (s.p[2] | 0x20) == 'd')
		return '\r';
	if (s.p[1] == '0' && (s.p[2] | 0x20) == 'a')
		return '\n';
	return '\0';
}

/* A backslash escapes quotes and itself; another is one of a path, as old browsers send it. */
static struct str unquoted(struct arena *a, struct str s)
{
	char *out = arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		char decoded = percent_decoded(from(s, i));

		if (decoded) {
			out[n++] = decoded;
			i += 2;
		} else {
			if (s.p[i] == '\\' && i + 1 < s.n && (s.p[i + 1] == '"' || s.p[i + 1] == '\\'))
				i++;
			out[n++] = s.p[i];
		}
	}
	return (struct str){ out, n };
}

static const char *set_param(struct arena *a, const struct param *p, struct multipart_part *part)
{
	struct str *to = NULL;

	if (str_ieq_z(p->name, "name"))
		to = &part->name;
	else if (str_ieq_z(p->name, "filename"))
		to = &part->filename;
	else if (str_ieq_z(p->name, "filename*") || str_ieq_z(p->name, "name*"))
		return "A part has a parameter that form data must not have: filename*.";
	if (!to)
		return NULL;
	if (to->p)
		return "A part has two names.";
	*to = p->quoted ? unquoted(a, p->value) : arena_str(a, p->value);
	return text_valid(*to) ? NULL : "A part's name is not UTF-8.";
}

static const char *read_disposition(struct arena *a, struct str value, struct multipart_part *part)
{
	size_t n = 0;
	struct str rest;
	struct param p;

	while (n < value.n && is_token_char(value.p[n]))
		n++;
	if (!str_ieq_z((struct str){ value.p, n }, "form-data"))
		return "A part's Content-Disposition is not form-data.";
	for (rest = from(value, n); next_param(&rest, &p);) {
		const char *wrong = set_param(a, &p, part);

		if (wrong)
			return wrong;
	}
	if (rest.n)
		return "A part's Content-Disposition is malformed.";
	return part->name.p ? NULL : "A part has no name.";
}

/* ---- lines ---- */

static bool encodes(struct str transfer_encoding)
{
	return !str_ieq_z(transfer_encoding, "binary") && !str_ieq_z(transfer_encoding, "8bit") &&
	       !str_ieq_z(transfer_encoding, "7bit");
}

struct head_lines {
	bool disposition;
	struct str type;
};

static const char *read_line(struct arena *a, struct str line, struct head_lines *seen,
			     struct multipart_part *part)
{
	struct str value = line, name;

	name = str_cut(&value, ':');
	if (!value.p || !is_token(name))
		return "A part's header is malformed.";
	value = str_trim(value);
	if (str_ieq_z(name, "Content-Disposition")) {
		if (seen->disposition)
			return "A part has two Content-Dispositions.";
		seen->disposition = true;
		return read_disposition(a, value, part);
	}
	if (str_ieq_z(name, "Content-Type")) {
		if (seen->type.p)
			return "A part has two Content-Types.";
		seen->type = value;
	} else if (str_ieq_z(name, "Content-Transfer-Encoding") && encodes(value)) {
		return "A part has a Content-Transfer-Encoding; send it as it is.";
	}
	return NULL;
}

static bool has_controls(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (((unsigned char)s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7f)
			return true;
	}
	return false;
}

const char *multipart_head(struct arena *a, struct str head, struct multipart_part *part)
{
	struct head_lines seen = { 0 };

	*part = (struct multipart_part){ 0 };
	while (head.n) {
		const char *end = memmem(head.p, head.n, "\r\n", 2), *wrong;
		struct str line = { head.p, end ? (size_t)(end - head.p) : head.n };

		head = from(head, end ? line.n + 2 : line.n);
		if (has_controls(line))
			return "A part's header has control characters.";
		wrong = read_line(a, line, &seen, part);
		if (wrong)
			return wrong;
	}
	if (!seen.disposition)
		return "A part has no Content-Disposition.";
	part->type = arena_str(a, seen.type);
	return NULL;
}
