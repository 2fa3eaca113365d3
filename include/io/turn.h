/*
 * The turn of the loop: what was made ready while libuv delivered events runs before the loop sleeps again.
 *
 *	events (sockets, timers) → tasks that they made ready → hooks (database flush, log) → sleep
 *
 * A completion never runs a coroutine directly, it calls turn_ready; so nothing is re-entered, and what the
 * requests of one turn want from the database leaves in one flush.
 */
#ifndef BUGD_IO_TURN_H
#define BUGD_IO_TURN_H

#include "base/list.h"

#include <uv.h>

struct turn_task {
	struct list node; /* list_init it before first use */
	void (*run)(struct turn_task *t);
};

/* Run in the order they were added, each turn, after all tasks; a hook may make tasks ready again. */
struct turn_hook {
	struct list node;
	void (*run)(struct turn_hook *h);
};

/*
 * Joins the loop (handles that do not keep it alive). One loop a process. After turn_stop the loop has to run
 * once more, to close the handles.
 */
void turn_start(uv_loop_t *loop);
void turn_stop(void);

/* Puts the task on the ready list; nothing happens when it is there already. */
void turn_ready(struct turn_task *t);
void turn_forget(struct turn_task *t);

void turn_add_hook(struct turn_hook *h);
void turn_remove_hook(struct turn_hook *h);

/*
 * How long the loop worked, in microseconds, between its last two sleeps. The beginning is known to the
 * millisecond only (the loop's clock), so that measuring costs no system call: up to 999 too many.
 */
uint64_t turn_last_us(void);

#endif
