#include "api/label_cache.h"

#include "base/mem.h"
#include "db/row.h"
#include "domain/csv_cell.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* A table with open addressing, never more than half full. */
#define SLOTS_FIRST ((size_t)256)

struct label_slot {
	struct uuid id;
	bool used;        /* asked for; stays so when there is no such label any more */
	char *name, *key; /* NULL: not known (yet); the key is what is sorted by */
	char *json;
};

static struct label_slot *slot_of(const struct label_cache *c, const struct uuid *id)
{
	size_t at = XXH3_64bits(id->b, sizeof(id->b)) % c->size;

	while (c->slots[at].used && !uuid_eq(&c->slots[at].id, id))
		at = (at + 1) % c->size;
	return &c->slots[at];
}

static void clear(struct label_cache *c)
{
	for (size_t i = 0; i < c->size; i++) {
		free(c->slots[i].name);
		free(c->slots[i].key);
		free(c->slots[i].json);
	}
	free(c->slots);
	c->slots = NULL;
	c->size = c->count = 0;
}

void label_cache_free(void *cache)
{
	struct label_cache *c = cache;

	clear(c);
	buf_free(&c->missing);
	buf_free(&c->found);
}

static void grow(struct label_cache *c)
{
	struct label_cache larger = { .size = c->size ? 2 * c->size : SLOTS_FIRST };

	larger.slots = mem_zalloc(larger.size, sizeof(*larger.slots));
	for (size_t i = 0; i < c->size; i++) {
		if (c->slots[i].used)
			*slot_of(&larger, &c->slots[i].id) = c->slots[i];
	}
	free(c->slots);
	c->slots = larger.slots;
	c->size = larger.size;
}

static void want(struct label_cache *c, const struct uuid *id)
{
	struct label_slot *s;

	if (2 * c->count >= c->size)
		grow(c);
	s = slot_of(c, id);
	if (s->used)
		return;
	buf_add(&c->missing, id, sizeof(*id));
	*s = (struct label_slot){ .id = *id, .used = true };
	c->count++;
}

bool label_cache_look(struct label_cache *c, const PGresult *rows, int column)
{
	if (c->count > LABEL_CACHE_MAX)
		clear(c);
	c->missing.n = 0;
	for (int row = 0; row < PQntuples(rows); row++) {
		size_t n = row_uuid_count(rows, row, column);

		for (size_t i = 0; i < n; i++) {
			struct uuid id = row_uuid_at(rows, row, column, i);

			want(c, &id);
		}
	}
	return c->missing.n > 0;
}

struct db_array label_cache_missing(const struct label_cache *c)
{
	return (struct db_array){ c->missing.p, c->missing.n / sizeof(struct uuid) };
}

static char *copy_of(struct str s)
{
	return mem_dup(s.p, s.n);
}

void label_cache_add(struct label_cache *c, const PGresult *labels)
{
	for (int i = 0; i < PQntuples(labels); i++) {
		struct uuid id = row_uuid(labels, i, 0);
		struct label_slot *s = slot_of(c, &id);

		if (!s->used || s->name)
			continue;
		s->name = copy_of(row_text(labels, i, 1));
		s->key = copy_of(row_text(labels, i, 2));
		s->json = copy_of(row_text(labels, i, 3));
	}
}

static int by_key(const void *a, const void *b)
{
	const struct label_slot *const *x = a, *const *y = b;

	return strcmp((*x)->key, (*y)->key);
}

/* Those of a row that there are, sorted. */
static const struct label_slot *const *labels_of(struct label_cache *c, const PGresult *rows, int row,
						 int column, size_t *count)
{
	size_t n = row_uuid_count(rows, row, column);

	c->found.n = 0;
	for (size_t i = 0; i < n; i++) {
		struct uuid id = row_uuid_at(rows, row, column, i);
		const struct label_slot *s = slot_of(c, &id);

		if (s->name)
			buf_add(&c->found, &s, sizeof(s));
	}
	*count = c->found.n / sizeof(struct label_slot *);
	if (*count > 1)
		qsort(c->found.p, *count, sizeof(struct label_slot *), by_key);
	return (const struct label_slot *const *)(const void *)c->found.p;
}

void label_cache_write_cell(struct label_cache *c, const PGresult *rows, int row, int column,
			    struct buf *scratch, struct buf *out)
{
	size_t n;
	const struct label_slot *const *labels = labels_of(c, rows, row, column, &n);

	scratch->n = 0;
	for (size_t i = 0; i < n; i++)
		csv_add_label(scratch, str_of(labels[i]->name));
	csv_add_cell(out, buf_str(scratch));
}

void label_cache_write_json(struct label_cache *c, const PGresult *rows, int row, int column, struct json *j)
{
	size_t n;
	const struct label_slot *const *labels = labels_of(c, rows, row, column, &n);

	json_array_begin(j);
	for (size_t i = 0; i < n; i++)
		json_raw(j, str_of(labels[i]->json));
	json_array_end(j);
}
