/*
 * Deadlines by the thousand: all that share a duration are in one list, which is sorted by itself because
 * the newest is last. One timer looks at the heads. Setting and clearing costs a few pointer writes.
 * The resolution is DEADLINE_TICK_MS; a deadline never fires early. `expired` is called from the timer, with
 * the deadline cleared: it may set and clear deadlines, its own too.
 */
#ifndef BUGD_IO_DEADLINE_H
#define BUGD_IO_DEADLINE_H

#include "base/list.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#define DEADLINE_TICK_MS 50

struct deadline {
	struct list node; /* list_init it before first use */
	uint64_t at_ms;   /* of the loop's clock, uv_now */
	void (*expired)(struct deadline *d);
};

/* One a duration. */
struct deadline_list {
	struct list waiting;
	struct list node;
	uint64_t duration_ms;
};

/* The timer sleeps while nothing is set and does not keep the loop alive. One loop a process. */
void deadline_start(uv_loop_t *loop);
void deadline_stop(void);

/* Registers a list; duration_ms 0 means that deadlines of this list never fire. */
void deadline_list_init(struct deadline_list *l, uint64_t duration_ms);
void deadline_list_remove(struct deadline_list *l);

/* (Re)starts d with the duration of l from now. */
void deadline_set(struct deadline_list *l, struct deadline *d);
void deadline_clear(struct deadline *d);
bool deadline_is_set(const struct deadline *d);

#endif
