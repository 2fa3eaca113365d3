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

void fair_queue_append(struct fair_queue *q, struct op *op)
{
	struct fair_list *l = fair_queue_list(q, op);

	list_append(&l->ops, &op->node);
	l->count++;
	q->count++;
}

void fair_queue_prepend(struct fair_queue *q, struct op *op)
{
	struct fair_list *l = fair_queue_list(q, op);

	list_prepend(&l->ops, &op->node);
	l->count++;
	q->count++;
}

void fair_queue_remove(struct fair_queue *q, struct op *op)
{
	list_remove(&op->node);
	fair_queue_list(q, op)->count--;
	q->count--;
}

struct op *fair_queue_pop(struct fair_queue *q)
{
	struct op *op;

	if (q->count == 0)
		return NULL;
	while (list_empty(&q->lists[q->turn].ops))
		q->turn = (q->turn + 1) % q->list_count;
	op = list_entry(list_first(&q->lists[q->turn].ops), struct op, node);
	q->turn = (q->turn + 1) % q->list_count;
	fair_queue_remove(q, op);
	return op;
}
