/* From what is typed into a search to the filters and words of the list of issues. */
#include "api/issue_search.h"

#include "base/ascii.h"
#include "base/clock.h"
#include "domain/search.h"
#include "http/query.h"

#include <stdio.h>

/* One reading. Qualifiers are written as a query string, for which there is a reader with all checks. */
struct reading {
	const struct shape *shape;
	struct field_errors *errors;
	struct arena *arena;
	struct buf filters;
	struct buf labels; /* all of them, as one value */
	struct str *assignees, *creators;
	size_t assignee_count, creator_count;
};

static bool fail(struct reading *r, const char *code, struct str detail)
{
	field_error_add(r->errors, STR("q"), code, detail);
	return false;
}

static bool fail_value(struct reading *r, const struct search_qualifier *q, const char *code,
		       struct str detail)
{
	return fail(r, code,
		    arena_printf(r->arena, "%s:%.*s (character %zu): %.*s", search_name_text(q->name),
				 STR_FMT(q->value), q->at, STR_FMT(detail)));
}

/* ---- qualifiers ---- */

static void add(struct buf *out, const char *name, struct str value)
{
	if (out->n)
		buf_add_char(out, '&');
	buf_add_str(out, str_of(name));
	buf_add_char(out, '=');
	percent_encode(out, value);
}

struct word_filter {
	const char *word, *parameter, *value;
};

static const struct word_filter is_words[] = {
	{ "open", "status", "open" },
	{ "in_progress", "status", "in_progress" },
	{ "resolved", "status", "resolved" },
	{ "closed", "status", "closed" },
	{ "overdue", "overdue", "true" },
	{ "deleted", "deleted", "only" },
	{ NULL, NULL, NULL },
};

static const struct word_filter no_words[] = {
	{ "assignee", "assignee_id", "none" },
	{ "label", "label", "none" },
	{ "milestone", "milestone_id", "none" },
	{ NULL, NULL, NULL },
};

static bool add_word(struct reading *r, const struct search_qualifier *q, const struct word_filter *words,
		     struct buf *out)
{
	struct str known = STR_NONE;

	for (const struct word_filter *w = words; w->word; w++) {
		if (str_ieq_z(q->value, w->word)) {
			add(out, w->parameter, str_of(w->value));
			return true;
		}
		known = arena_printf(r->arena, "%.*s%s%s", STR_FMT(known), known.n ? ", " : "", w->word);
	}
	return fail_value(r, q, "invalid_value", arena_printf(r->arena, "There are %.*s.", STR_FMT(known)));
}

/* `me`, `none`, an id, or somebody's handle. */
static void add_person(struct reading *r, const struct search_qualifier *q, const char *parameter,
		       struct str *handles, size_t *count, struct buf *out)
{
	struct str value = q->value;
	struct uuid id;
	char *handle;

	if (value.n > 1 && *value.p == '@') {
		value.p++;
		value.n--;
	}
	if (str_eq_z(value, "me") || str_eq_z(value, "none") || uuid_parse(value, &id)) {
		add(out, parameter, value);
		return;
	}
	handle = arena_alloc(r->arena, value.n);
	for (size_t i = 0; i < value.n; i++)
		handle[i] = ascii_lower(value.p[i]);
	handles[*count] = (struct str){ handle, value.n };
	++*count;
}

static void add_label(struct reading *r, struct str name)
{
	if (r->labels.n)
		buf_add_char(&r->labels, ',');
	buf_add_str(&r->labels, name);
}

/* ---- days and moments ---- */

enum relation { RELATION_ON, RELATION_BEFORE, RELATION_TO, RELATION_AFTER, RELATION_FROM };

static enum relation take_relation(struct str *value)
{
	static const struct {
		const char *sign;
		enum relation relation;
	} signs[] = { { "<=", RELATION_TO },
		      { ">=", RELATION_FROM },
		      { "<", RELATION_BEFORE },
		      { ">", RELATION_AFTER } };

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		struct str sign = str_of(signs[i].sign);

		if (str_starts(*value, sign)) {
			value->p += sign.n;
			value->n -= sign.n;
			return signs[i].relation;
		}
	}
	return RELATION_ON;
}

#define DAY_US INT64_C(86400000000)

static void add_moment(struct buf *out, const char *name, const char *side, int64_t us)
{
	char text[CLOCK_TIMESTAMP_LEN], parameter[32];

	clock_format_timestamp(us, text);
	snprintf(parameter, sizeof(parameter), "%s%s", name, side);
	add(out, parameter, (struct str){ text, sizeof(text) });
}

/* The first and the last microsecond that are meant; a filter takes what lies strictly beyond. */
static void add_moments(struct buf *out, const char *name, enum relation relation, int64_t first,
			int64_t last)
{
	if (relation == RELATION_ON || relation == RELATION_FROM)
		add_moment(out, name, "_after", first - 1);
	if (relation == RELATION_AFTER)
		add_moment(out, name, "_after", last);
	if (relation == RELATION_ON || relation == RELATION_TO)
		add_moment(out, name, "_before", last + 1);
	if (relation == RELATION_BEFORE)
		add_moment(out, name, "_before", first);
}

static bool add_time(struct reading *r, const struct search_qualifier *q, struct buf *out)
{
	struct str value = q->value;
	enum relation relation = take_relation(&value);
	int64_t us;
	int32_t day;

	if (clock_parse_date(value, &day))
		add_moments(out, search_name_text(q->name), relation, day * DAY_US,
			    (day + INT64_C(1)) * DAY_US - 1);
	else if (clock_parse_timestamp(value, &us))
		add_moments(out, search_name_text(q->name), relation, us, us);
	else
		return fail_value(
			r, q, "invalid_format",
			STR("A day such as 2026-11-20 or a moment, with <, <=, > or >= before it if need be."));
	return true;
}

static void add_day(struct buf *out, const char *parameter, int64_t day)
{
	char text[CLOCK_DATE_LEN];

	clock_format_date((int32_t)day, text);
	add(out, parameter, (struct str){ text, sizeof(text) });
}

static bool add_due(struct reading *r, const struct search_qualifier *q, struct buf *out)
{
	struct str value = q->value;
	enum relation relation = take_relation(&value);
	int32_t day;

	if (!clock_parse_date(value, &day))
		return fail_value(r, q, "invalid_format",
				  STR("A day such as 2026-11-20, with <, <=, > or >= before it if need be."));
	if (relation == RELATION_ON || relation == RELATION_FROM || relation == RELATION_AFTER)
		add_day(out, "due_after", day - (relation != RELATION_AFTER));
	if (relation == RELATION_ON || relation == RELATION_TO || relation == RELATION_BEFORE)
		add_day(out, "due_before", day + INT64_C(1) - (relation == RELATION_BEFORE));
	return true;
}

/* ---- all of it ---- */

static bool translate(struct reading *r, const struct search_qualifier *q, struct buf *out)
{
	switch (q->name) {
	case SEARCH_IS:
		return add_word(r, q, is_words, out);
	case SEARCH_NO:
		return add_word(r, q, no_words, out);
	case SEARCH_CREATED:
	case SEARCH_UPDATED:
		return add_time(r, q, out);
	case SEARCH_DUE:
		return add_due(r, q, out);
	case SEARCH_ASSIGNEE:
		add_person(r, q, "assignee_id", r->assignees, &r->assignee_count, out);
		return true;
	case SEARCH_CREATOR:
	case SEARCH_AUTHOR:
		add_person(r, q, "creator_id", r->creators, &r->creator_count, out);
		return true;
	case SEARCH_LABEL:
		add_label(r, q->value);
		return true;
	case SEARCH_PROJECT:
		add(out, "project_id", q->value);
		return true;
	case SEARCH_MILESTONE:
		add(out, "milestone_id", q->value);
		return true;
	case SEARCH_PARENT:
		add(out, "parent_id", q->value);
		return true;
	case SEARCH_STATUS:
	case SEARCH_PRIORITY:
	case SEARCH_TYPE:
	case SEARCH_KEY:
	case SEARCH_NAMES:
		break;
	}
	add(out, search_name_text(q->name), q->value);
	return true;
}

/* One by one, so that an error says which of them it is about. */
static bool read_qualifier(struct reading *r, const struct search_qualifier *q)
{
	struct field_errors errors = { .arena = r->arena };
	void *scratch = arena_alloc(r->arena, r->shape->size);
	struct buf filter = { 0 };
	bool ok = translate(r, q, &filter);

	if (ok && filter.n && query_read(buf_str(&filter), r->shape, scratch, &errors))
		ok = fail_value(r, q, errors.first ? errors.first->code : "invalid_value",
				errors.first ? errors.first->detail : STR("It is not valid."));
	if (ok && filter.n) {
		if (r->filters.n)
			buf_add_char(&r->filters, '&');
		buf_add_str(&r->filters, buf_str(&filter));
	}
	buf_free(&filter);
	return ok;
}

/* What both say is said twice, and nobody could tell which is meant. */
static bool merge(struct reading *r, void *query)
{
	void *more = arena_alloc(r->arena, r->shape->size);
	const char *twice;

	if (r->labels.n)
		add(&r->filters, "label", buf_str(&r->labels));
	if (query_read(arena_str(r->arena, buf_str(&r->filters)), r->shape, more, r->errors))
		return false;
	twice = query_merge(r->shape, query, more);
	if (!twice)
		return true;
	return fail(r, "conflict",
		    arena_printf(r->arena, "It says what the parameter `%s` says, too. Give one of them.",
				 twice));
}

static void make_words(struct reading *r, const struct search *s, struct issue_search *out)
{
	static const char kinds[] = { [SEARCH_WORD] = '+', [SEARCH_PHRASE] = '=', [SEARCH_EXCLUDED] = '-' };
	struct str *words = arena_array(r->arena, struct str, s->terms);

	for (size_t i = 0; i < s->terms; i++) {
		const struct search_term *t = &s->term[i];
		bool beginning = i + 1 == s->terms && search_ends_in_word(s);

		words[i] =
			arena_printf(r->arena, "%c%.*s", beginning ? '*' : kinds[t->kind], STR_FMT(t->text));
		if (t->kind != SEARCH_EXCLUDED)
			out->alike = arena_printf(r->arena, "%.*s%s%.*s", STR_FMT(out->alike),
						  out->alike.n ? " " : "", STR_FMT(t->text));
	}
	out->words = (struct db_array){ words, s->terms };
}

static bool read_all(struct reading *r, struct str text, void *query, struct issue_search *out)
{
	struct search s;
	struct search_error error;

	if (!search_parse(text, r->arena, &s, &error))
		return fail(r, error.code, error.detail);
	r->assignees = arena_array(r->arena, struct str, s.qualifiers);
	r->creators = arena_array(r->arena, struct str, s.qualifiers);
	for (size_t i = 0; i < s.qualifiers; i++) {
		if (!read_qualifier(r, &s.qualifier[i]))
			return false;
	}
	make_words(r, &s, out);
	out->assignees = (struct db_array){ r->assignees, r->assignee_count };
	out->creators = (struct db_array){ r->creators, r->creator_count };
	return merge(r, query);
}

bool issue_search_read(const struct shape *shape, void *query, struct field_errors *errors,
		       struct issue_search *out)
{
	const struct field *field = &shape->fields[shape_find(shape, STR("q"))];
	const struct str *text = (const struct str *)(const void *)((const char *)query + field->offset);
	struct reading r = { .shape = shape, .errors = errors, .arena = errors->arena };
	bool ok = text->n == 0 || read_all(&r, *text, query, out);

	buf_free(&r.filters);
	buf_free(&r.labels);
	return ok;
}

void issue_search_apply(const struct issue_search *s, struct choice *choice, struct issue_list_args *args)
{
	args->words = s->words;
	args->alike = s->alike;
	args->assignee_handles = s->assignees;
	args->creator_handles = s->creators;
	if (s->words.n)
		choice->options |= s->alike.n ? OPTION(ISSUE_LIST_FOUND) : OPTION(ISSUE_LIST_LACKING);
	if (s->alike.n && choice->options & OPTION(ISSUE_LIST_PROJECT))
		choice->options |= OPTION(ISSUE_LIST_FOUND_IN_PROJECT);
	if (s->assignees.n)
		choice->options |= OPTION(ISSUE_LIST_ASSIGNEE_HANDLES);
	if (s->creators.n)
		choice->options |= OPTION(ISSUE_LIST_CREATOR_HANDLES);
}
