#include "db/compose.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct composed *table[COMPOSED_MAX];
static uint64_t generation, clock_hand;

/* What is collected while a text is made. */
struct draft {
	struct buf text;
	const struct statement *st;
	const struct choice *choice;
	int arg_of[STATEMENT_ARGS_MAX];
	unsigned oid[STATEMENT_ARGS_MAX];
	int arg_count;
};

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* The number of the argument in the text; the same argument has one number throughout. */
static int number_of(struct draft *d, int arg, unsigned oid)
{
	for (int i = 0; i < d->arg_count; i++) {
		if (d->arg_of[i] == arg)
			return i + 1;
	}
	if (d->arg_count == STATEMENT_ARGS_MAX)
		return STATEMENT_ARGS_MAX; /* the generator's statements have fewer */
	d->arg_of[d->arg_count] = arg;
	d->oid[d->arg_count] = oid;
	return ++d->arg_count;
}

static int arg_named(const struct statement *st, struct str name)
{
	for (size_t i = 0; i < st->arg_count; i++) {
		if (str_eq_z(name, st->args[i].name))
			return (int)i;
	}
	return -1; /* the generator has checked that all are declared */
}

/* Adds the text with :name replaced by $n, leaving ::type alone. */
static void add_part(struct draft *d, const char *p)
{
	while (*p) {
		struct str name = { p + 1, 0 };
		int arg;

		if (p[0] == ':' && p[1] == ':') {
			buf_add(&d->text, p, 2);
			p += 2;
			continue;
		}
		while (p[0] == ':' && is_name(name.p[name.n]))
			name.n++;
		if (name.n == 0) {
			buf_add_char(&d->text, *p++);
			continue;
		}
		arg = arg_named(d->st, name);
		buf_printf(&d->text, "$%d", number_of(d, arg, db_type_oid(d->st->args[arg].type)));
		p = name.p + name.n;
	}
}

static bool descends(const struct choice *c, size_t term)
{
	return c->order[term].descending != c->backward;
}

static void add_order(struct draft *d)
{
	for (size_t i = 0; i < d->choice->order_count; i++)
		buf_printf(&d->text, "%s%s%s", i ? ", " : "ORDER BY ", d->choice->order[i].column->expression,
			   descends(d->choice, i) ? " DESC" : "");
	buf_add_char(&d->text, '\n');
}

static void add_key(struct draft *d, size_t term)
{
	buf_printf(&d->text, "$%d::%s", number_of(d, -1 - (int)term, 0), d->choice->order[term].column->cast);
}

static bool same_direction(const struct choice *c)
{
	for (size_t i = 1; i < c->order_count; i++) {
		if (descends(c, i) != descends(c, 0))
			return false;
	}
	return true;
}

/* AND (a, b) < ($1, $2): one range of an index. */
static void add_after_row(struct draft *d)
{
	const struct choice *c = d->choice;

	buf_add_lit(&d->text, "AND (");
	for (size_t i = 0; i < c->order_count; i++)
		buf_printf(&d->text, "%s%s", i ? ", " : "", c->order[i].column->expression);
	buf_add_str(&d->text, descends(c, 0) ? STR(") < (") : STR(") > ("));
	for (size_t i = 0; i < c->order_count; i++) {
		if (i)
			buf_add_lit(&d->text, ", ");
		add_key(d, i);
	}
	buf_add_lit(&d->text, ")\n");
}

/*
 * AND a <= $1 AND (a < $1 OR (a = $1 AND (b > $2 OR (b = $2 AND …)))): the first condition follows from the
 * rest, and is what an index can be entered by.
 */
static void add_after_mixed(struct draft *d)
{
	const struct choice *c = d->choice;
	size_t last = c->order_count - 1;

	buf_printf(&d->text, "AND %s %s ", c->order[0].column->expression, descends(c, 0) ? "<=" : ">=");
	add_key(d, 0);
	buf_add_lit(&d->text, " AND ");
	for (size_t i = 0; i <= last; i++) {
		buf_printf(&d->text, "(%s %s ", c->order[i].column->expression, descends(c, i) ? "<" : ">");
		add_key(d, i);
		if (i == last)
			break;
		buf_printf(&d->text, " OR (%s = ", c->order[i].column->expression);
		add_key(d, i);
		buf_add_lit(&d->text, " AND ");
	}
	buf_add_char(&d->text, ')');
	for (size_t i = 0; i < last; i++)
		buf_add_lit(&d->text, "))");
	buf_add_char(&d->text, '\n');
}

static void add_after(struct draft *d)
{
	if (!d->choice->after || d->choice->order_count == 0)
		return;
	if (same_direction(d->choice))
		add_after_row(d);
	else
		add_after_mixed(d);
}

static void draft_make(struct draft *d)
{
	for (size_t i = 0; i < d->st->part_count; i++) {
		const struct statement_part *part = &d->st->parts[i];

		if (part->option == STATEMENT_ORDER)
			add_order(d);
		else if (part->option == STATEMENT_AFTER)
			add_after(d);
		else if (part->option == STATEMENT_ALWAYS || (d->choice->options & OPTION(part->option)))
			add_part(d, part->text);
	}
	buf_add_char(&d->text, '\0');
}

static void composed_free(struct composed *c)
{
	free(c->text);
	free(c);
}

/* A place for a new text: an empty one, or that of the text which was not used for longest. */
static struct composed **place(void)
{
	struct composed **oldest = NULL;

	for (size_t i = 0; i < COMPOSED_MAX; i++) {
		if (!table[i])
			return &table[i];
		if (table[i]->users == 0 && (!oldest || table[i]->used < (*oldest)->used))
			oldest = &table[i];
	}
	if (oldest) {
		composed_free(*oldest);
		*oldest = NULL;
	}
	return oldest;
}

/* Whether both make the same text of a statement. */
static bool same_choice(const struct choice *a, const struct choice *b)
{
	if (a->options != b->options || a->order_count != b->order_count || a->backward != b->backward ||
	    a->after != b->after)
		return false;
	for (size_t i = 0; i < a->order_count; i++) {
		if (a->order[i].column != b->order[i].column ||
		    a->order[i].descending != b->order[i].descending)
			return false;
	}
	return true;
}

/* By what it was made of, so that a text that is there already is not made again to be found. */
static struct composed *find(const struct statement *st, const struct choice *choice)
{
	for (size_t i = 0; i < COMPOSED_MAX && table[i]; i++) {
		if (table[i]->st == st && same_choice(&table[i]->choice, choice))
			return table[i];
	}
	return NULL;
}

static void keep_choice(struct composed *c, const struct choice *choice)
{
	c->choice = *choice;
	memset(c->choice.after_values, 0, sizeof(c->choice.after_values)); /* those of one request */
}

static struct composed *remember(struct draft *d)
{
	struct composed **at = place();
	struct composed *c;

	if (!at)
		return NULL;
	c = mem_zalloc(1, sizeof(*c));
	c->text = mem_dup(d->text.p, d->text.n);
	c->st = d->st;
	keep_choice(c, d->choice);
	c->generation = ++generation;
	c->slot = (size_t)(at - table);
	c->arg_count = d->arg_count;
	memcpy(c->arg_of, d->arg_of, sizeof(c->arg_of));
	memcpy(c->oid, d->oid, sizeof(c->oid));
	snprintf(c->name, sizeof(c->name), "list_%zu_%llu", c->slot, (unsigned long long)c->generation);
	*at = c;
	return c;
}

struct composed *compose(const struct statement *st, const struct choice *choice)
{
	struct composed *c = find(st, choice);

	if (!c) {
		struct draft d = { .st = st, .choice = choice };

		draft_make(&d);
		c = remember(&d);
		buf_free(&d.text);
	}
	if (!c)
		return NULL;
	c->users++;
	c->used = ++clock_hand;
	return c;
}

void composed_release(struct composed *c)
{
	c->users--;
}

void composed_encode(const struct composed *c, const struct statement *st, const struct choice *choice,
		     const void *args, struct arena *arena, struct db_values *out)
{
	for (int i = 0; i < c->arg_count; i++) {
		if (c->arg_of[i] >= 0) {
			statement_encode(&st->args[c->arg_of[i]], args, arena, out);
			continue;
		}
		struct str v = arena_str(arena, choice->after_values[-1 - c->arg_of[i]]);

		out->value[out->count] = v.p;
		out->length[out->count++] = (int)v.n;
	}
}

void compose_stop(void)
{
	for (size_t i = 0; i < COMPOSED_MAX; i++) {
		if (table[i])
			composed_free(table[i]);
		table[i] = NULL;
	}
}
