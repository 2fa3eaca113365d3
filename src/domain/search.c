#include "domain/search.h"

#include <string.h>

static const char *const names[SEARCH_NAMES] = {
	[SEARCH_IS] = "is",
	[SEARCH_NO] = "no",
	[SEARCH_STATUS] = "status",
	[SEARCH_PRIORITY] = "priority",
	[SEARCH_TYPE] = "type",
	[SEARCH_PROJECT] = "project",
	[SEARCH_ASSIGNEE] = "assignee",
	[SEARCH_CREATOR] = "creator",
	[SEARCH_AUTHOR] = "author",
	[SEARCH_LABEL] = "label",
	[SEARCH_MILESTONE] = "milestone",
	[SEARCH_PARENT] = "parent",
	[SEARCH_KEY] = "key",
	[SEARCH_CREATED] = "created",
	[SEARCH_UPDATED] = "updated",
	[SEARCH_DUE] = "due",
};

const char *search_name_text(enum search_name name)
{
	return names[name];
}

/* One reading. */
struct reading {
	struct str all, rest;
	struct arena *arena;
	struct search *out;
	struct search_error *error;
};

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* The place of a byte, in characters from 1. */
static size_t place_of(const struct reading *r, const char *p)
{
	size_t n = 1;

	for (const char *c = r->all.p; c < p; c++)
		n += ((unsigned char)*c & 0xC0) != 0x80;
	return n;
}

static bool fail(struct reading *r, const char *code, const char *at, struct str detail)
{
	r->error->code = code;
	r->error->at = place_of(r, at);
	r->error->detail = detail;
	return false;
}

static struct str cut(struct reading *r, size_t n)
{
	struct str s = { r->rest.p, n };

	r->rest.p += n;
	r->rest.n -= n;
	return s;
}

/* Words between quotes; the first one is the next character. */
static bool take_quoted(struct reading *r, struct str *out)
{
	const char *end = memchr(r->rest.p + 1, '"', r->rest.n - 1);

	if (!end)
		return fail(r, "unclosed_quote", r->rest.p,
			    arena_printf(r->arena, "The quote at character %zu is never closed.",
					 place_of(r, r->rest.p)));
	cut(r, 1);
	*out = cut(r, (size_t)(end - r->rest.p));
	cut(r, 1);
	return true;
}

/* What is up to the next white space or quote. */
static struct str take_word(struct reading *r)
{
	size_t n = 0;

	while (n < r->rest.n && !is_space(r->rest.p[n]) && r->rest.p[n] != '"')
		n++;
	return cut(r, n);
}

static bool take_value(struct reading *r, struct str *out)
{
	if (r->rest.n && *r->rest.p == '"')
		return take_quoted(r, out);
	*out = take_word(r);
	return true;
}

/* The length of a name that a colon ends here; 0: there is none. */
static size_t name_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_name_char(s.p[n]))
		n++;
	if (n == 0 || n >= s.n || s.p[n] != ':')
		return 0;
	return n + 1 < s.n && (s.p[n + 1] == ':' || s.p[n + 1] == '/') ? 0 : n;
}

static struct str all_names(struct arena *arena)
{
	struct str list = STR("is");

	for (int i = 1; i < SEARCH_NAMES; i++)
		list = arena_printf(arena, "%.*s%s%s", STR_FMT(list), i == SEARCH_NAMES - 1 ? " and " : ", ",
				    names[i]);
	return list;
}

static bool find_name(struct reading *r, struct str name, enum search_name *out)
{
	for (int i = 0; i < SEARCH_NAMES; i++) {
		if (str_ieq_z(name, names[i])) {
			*out = (enum search_name)i;
			return true;
		}
	}
	return fail(
		r, "unknown_qualifier", name.p,
		arena_printf(
			r->arena,
			"There is no qualifier \"%.*s\" (character %zu); there are %.*s. Quotes make it text.",
			STR_FMT(name), place_of(r, name.p), STR_FMT(all_names(r->arena))));
}

static bool too_many(struct reading *r)
{
	return fail(r, "too_many", r->rest.p,
		    arena_printf(r->arena, "At most %d words and qualifiers.", SEARCH_ITEMS_MAX));
}

static bool take_qualifier(struct reading *r, size_t name_n)
{
	struct search_qualifier *q = &r->out->qualifier[r->out->qualifiers];
	struct str name = cut(r, name_n);

	if (!find_name(r, name, &q->name))
		return false;
	cut(r, 1);
	q->at = place_of(r, name.p);
	if (!take_value(r, &q->value))
		return false;
	q->value = str_trim(q->value);
	if (q->value.n == 0)
		return fail(r, "missing_value", name.p,
			    arena_printf(r->arena, "\"%s:\" (character %zu) needs a value behind the colon.",
					 names[q->name], q->at));
	r->out->qualifiers++;
	return true;
}

static bool take_term(struct reading *r, bool excluded)
{
	struct search_term *t = &r->out->term[r->out->terms];
	bool quoted = *r->rest.p == '"';

	if (!take_value(r, &t->text))
		return false;
	t->kind = excluded ? SEARCH_EXCLUDED : quoted ? SEARCH_PHRASE : SEARCH_WORD;
	r->out->terms += str_trim(t->text).n > 0;
	return true;
}

static bool take_item(struct reading *r)
{
	bool excluded = *r->rest.p == '-' && r->rest.n > 1 && !is_space(r->rest.p[1]);
	const char *start = r->rest.p;
	size_t name_n;

	if (r->out->terms + r->out->qualifiers == SEARCH_ITEMS_MAX)
		return too_many(r);
	if (excluded)
		cut(r, 1);
	name_n = name_length(r->rest);
	if (name_n && excluded)
		return fail(r, "excluded_qualifier", start,
			    arena_printf(r->arena,
					 "A qualifier cannot be excluded (character %zu), only words can.",
					 place_of(r, start)));
	return name_n ? take_qualifier(r, name_n) : take_term(r, excluded);
}

bool search_parse(struct str text, struct arena *arena, struct search *out, struct search_error *error)
{
	struct reading r = { .all = text, .rest = text, .arena = arena, .out = out, .error = error };

	memset(out, 0, sizeof(*out));
	while (r.rest.n) {
		if (is_space(*r.rest.p))
			cut(&r, 1);
		else if (!take_item(&r))
			return false;
	}
	return true;
}

bool search_ends_in_word(const struct search *s)
{
	return s->terms && s->term[s->terms - 1].kind == SEARCH_WORD;
}
