/*
 * What waits, of several people: each has a list of his own, oldest first, and they take turns. However much one asks
 * for, another one waits for no more than one operation of each. Part of the pool; see db/lane.h.
 *
 * There is a fixed number of lists, which strangers may share. With a single one it is a plain queue.
 */
#ifndef BUGD_DB_FAIR_QUEUE_H
#define BUGD_DB_FAIR_QUEUE_H

#include "db/pipe.h"

#define FAIR_QUEUE_LISTS 256

struct fair_queue {
	struct fair_list {
		struct list ops;
		size_t count;
	} * lists;
	uint64_t waiting[FAIR_QUEUE_LISTS /
			 64]; /* a bit for each list that is not empty, to find the next one by */
	size_t list_count, turn;
	size_t count; /* in all of them */
};

/* With as many lists, of FAIR_QUEUE_LISTS at most. */
void fair_queue_init(struct fair_queue *q, size_t lists);
void fair_queue_free(struct fair_queue *q);

/* Behind, or in front of, what its owner has there. */
void fair_queue_append(struct fair_queue *q, struct op *op);
void fair_queue_prepend(struct fair_queue *q, struct op *op);

/* The oldest of whose turn it is; NULL: there is none. */
struct op *fair_queue_pop(struct fair_queue *q);
void fair_queue_remove(struct fair_queue *q, struct op *op);

/* The list that the owner of the operation has, to be looked at. */
struct fair_list *fair_queue_list(const struct fair_queue *q, const struct op *op);

#endif
