#include "db/expected.h"

#include "base/mem.h"

#include <stdlib.h>

#define FIRST_SIZE 64

static void grow(struct expected_ring *r)
{
	size_t size = r->size ? 2 * r->size : FIRST_SIZE;
	struct expected *slots = mem_zalloc(size, sizeof(*slots));

	for (size_t i = 0; i < r->count; i++)
		slots[i] = r->slots[(r->head + i) % r->size];
	free(r->slots);
	r->slots = slots;
	r->size = size;
	r->head = 0;
}

struct expected *expected_add(struct expected_ring *r, enum expected_kind kind, struct op *op, int index)
{
	struct expected *e;

	if (r->count == r->size)
		grow(r);
	e = &r->slots[(r->head + r->count++) % r->size];
	*e = (struct expected){ .kind = kind, .index = index, .op = op };
	return e;
}

const struct expected *expected_first(const struct expected_ring *r)
{
	return r->count ? &r->slots[r->head] : NULL;
}

void expected_drop_first(struct expected_ring *r)
{
	r->head = (r->head + 1) % r->size;
	r->count--;
}

void expected_clear(struct expected_ring *r)
{
	r->head = r->count = 0;
}

void expected_free(struct expected_ring *r)
{
	free(r->slots);
	*r = (struct expected_ring){ 0 };
}
