#include "db/schema_objects.h"

#include <ctype.h>
#include <string.h>

struct reading {
	struct schema_objects *out;
	struct arena *arena;
	struct str rest;
	struct str table; /* whose CREATE TABLE is being read */
};

static void skip_to(struct str *s, const char *end)
{
	while (s->n && s->p < end) {
		s->p++;
		s->n--;
	}
}

static void skip_comment(struct str *s)
{
	const char *end = memchr(s->p, '\n', s->n);

	skip_to(s, end ? end : s->p + s->n);
}

/* The next word, or a single other character; absent at the end. */
static struct str next_word(struct str *s)
{
	struct str word;

	while (s->n && (isspace((unsigned char)*s->p) || (s->n > 1 && s->p[0] == '-' && s->p[1] == '-'))) {
		if (*s->p == '-')
			skip_comment(s);
		else
			skip_to(s, s->p + 1);
	}
	if (!s->n)
		return STR_NONE;
	word = (struct str){ s->p, 1 };
	while (word.n < s->n && (isalnum((unsigned char)*word.p) || *word.p == '_') &&
	       (isalnum((unsigned char)word.p[word.n]) || word.p[word.n] == '_'))
		word.n++;
	skip_to(s, s->p + word.n);
	return word;
}

/* Words such as "IF NOT EXISTS" may stand before a name. */
static struct str next_name(struct str *s)
{
	static const char *const noise[] = { "IF", "NOT", "EXISTS", "CONCURRENTLY", "ONLY" };
	struct str word = next_word(s);

	for (size_t i = 0; i < sizeof(noise) / sizeof(*noise); i++)
		if (str_ieq_z(word, noise[i]))
			word = next_word(s);
	return word;
}

static void add(struct reading *r, enum schema_kind kind, struct str name, struct str made_by)
{
	if (r->out->n < SCHEMA_OBJECTS_MAX && name.n)
		r->out->v[r->out->n++] = (struct schema_object){ kind, arena_str(r->arena, name), made_by };
}

static void drop(struct reading *r, enum schema_kind kind, struct str name)
{
	for (size_t i = 0; i < r->out->n; i++) {
		if (r->out->v[i].kind != kind || !str_eq(r->out->v[i].name, name))
			continue;
		r->out->v[i] = r->out->v[--r->out->n];
		return;
	}
}

/* From its first word to the semicolon, in one line. */
static struct str statement_from(struct reading *r, const char *from)
{
	const char *end = memchr(from, ';', (size_t)(r->rest.p + r->rest.n - from));
	struct str all = { from, end ? (size_t)(end - from) : (size_t)(r->rest.p + r->rest.n - from) };
	struct str copy = arena_str(r->arena, all);
	char *p = (char *)copy.p, *to = p;

	for (size_t i = 0; i < copy.n; i++)
		if (!isspace((unsigned char)p[i]) || (to > p && to[-1] != ' '))
			*to++ = isspace((unsigned char)p[i]) ? ' ' : p[i];
	*to = '\0';
	return (struct str){ p, (size_t)(to - p) };
}

static void read_create(struct reading *r, const char *from)
{
	struct str word = next_word(&r->rest), name;

	if (str_ieq_z(word, "UNIQUE"))
		word = next_word(&r->rest);
	if (str_ieq_z(word, "UNLOGGED"))
		word = next_word(&r->rest);
	if (str_ieq_z(word, "TABLE")) {
		r->table = next_name(&r->rest);
		add(r, SCHEMA_TABLE, r->table, STR_NONE);
	} else if (str_ieq_z(word, "INDEX")) {
		name = next_name(&r->rest);
		add(r, SCHEMA_INDEX, name, statement_from(r, from));
	} else if (str_ieq_z(word, "EXTENSION")) {
		name = next_name(&r->rest);
		add(r, SCHEMA_EXTENSION, name, statement_from(r, from));
	}
}

static void read_drop(struct reading *r)
{
	struct str word = next_word(&r->rest);

	if (str_ieq_z(word, "INDEX"))
		drop(r, SCHEMA_INDEX, next_name(&r->rest));
	else if (str_ieq_z(word, "TABLE"))
		drop(r, SCHEMA_TABLE, next_name(&r->rest));
}

/* An index of PostgreSQL's own: that of a primary key is named after its table. */
static void read_key(struct reading *r)
{
	if (str_ieq_z(next_word(&r->rest), "KEY") && r->table.n)
		add(r, SCHEMA_INDEX, arena_printf(r->arena, "%.*s_pkey", STR_FMT(r->table)), STR_NONE);
}

static void read_constraint(struct reading *r)
{
	struct str name = next_word(&r->rest), columns = r->rest;
	const char *end;

	if (!str_ieq_z(next_word(&r->rest), "UNIQUE") || !r->table.n)
		return;
	end = memchr(columns.p, ')', columns.n);
	if (end)
		add(r, SCHEMA_INDEX, name,
		    arena_printf(r->arena, "ALTER TABLE %.*s ADD CONSTRAINT %.*s%.*s", STR_FMT(r->table),
				 STR_FMT(name), (int)(end + 1 - columns.p), columns.p));
}

static void read_text(struct reading *r)
{
	struct str word;

	while ((word = next_word(&r->rest)).p) {
		if (str_ieq_z(word, "CREATE"))
			read_create(r, word.p);
		else if (str_ieq_z(word, "DROP"))
			read_drop(r);
		else if (str_ieq_z(word, "PRIMARY"))
			read_key(r);
		else if (str_ieq_z(word, "CONSTRAINT"))
			read_constraint(r);
		else if (*word.p == ';')
			r->table = STR_NONE;
	}
}

void schema_objects_read(const struct migration_file *files, size_t n, struct arena *a,
			 struct schema_objects *out)
{
	out->n = 0;
	for (size_t i = 0; i < n; i++) {
		struct reading r = { .out = out, .arena = a, .rest = str_of(files[i].up) };

		read_text(&r);
	}
}
