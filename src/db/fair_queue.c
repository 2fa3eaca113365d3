#include "db/fair_queue.h"

#include "base/mem.h"

#include <stdlib.h>

void fair_queue_init(struct fair_queue *q, size_t lists)
{
	*q = (struct fair_queue){ .list_count = lists, .lists = mem_zalloc(lists, sizeof(*q->lists)) };
	for (size_t i = 0; i < lists; i++)
		list_init(&q->lists[i].ops);
}

void fair_queue_free(struct fair_queue *q)
{
	free(q->lists);
}

struct fair_list *fair_queue_list(const struct fair_queue *q, const struct op *op)
{
	return &q->lists[op->owner % q->list_count];
}

static void count_up(struct fair_queue *q, const struct op *op)
{
	size_t i = op->owner % q->list_count;

	q->lists[i].count++;
	q->count++;
	q->waiting[i / 64] |= UINT64_C(1) << i % 64;
}

void fair_queue_append(struct fair_queue *q, struct op *op)
{
	list_append(&fair_queue_list(q, op)->ops, &op->node);
	count_up(q, op);
}

void fair_queue_prepend(struct fair_queue *q, struct op *op)
{
	list_prepend(&fair_queue_list(q, op)->ops, &op->node);
	count_up(q, op);
}

void fair_queue_remove(struct fair_queue *q, struct op *op)
{
	size_t i = op->owner % q->list_count;

	list_remove(&op->node);
	q->count--;
	if (--q->lists[i].count == 0)
		q->waiting[i / 64] &= ~(UINT64_C(1) << i % 64);
}

/* The list of whose turn it is among those in which something waits; there is one. */
static size_t next_list(const struct fair_queue *q)
{
	size_t word = q->turn / 64;
	uint64_t bits = q->waiting[word] & UINT64_MAX << q->turn % 64;

	while (!bits) {
		word = (word + 1) % (FAIR_QUEUE_LISTS / 64);
		bits = q->waiting[word];
	}
	return word * 64 + (size_t)__builtin_ctzll(bits);
}

struct op *fair_queue_pop(struct fair_queue *q)
{
	struct op *op;
	size_t i;

	if (q->count == 0)
		return NULL;
	i = next_list(q);
	op = list_entry(list_first(&q->lists[i].ops), struct op, node);
	q->turn = (i + 1) % q->list_count;
	fair_queue_remove(q, op);
	return op;
}
