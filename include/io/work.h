/*
 * Work that would block the loop (password hashing, files, name resolution), on libuv's threads.
 *
 * A job owns copies of its inputs; the function that runs on the thread sees nothing else. Each kind of work
 * has a lane with bounds of its own, so that logins cannot starve files: `width` jobs run at a time, `depth`
 * wait, more are refused.
 */
#ifndef BUGD_IO_WORK_H
#define BUGD_IO_WORK_H

#include "base/co.h"
#include "base/list.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct work_lane {
	uv_loop_t *loop;
	const char *name;
	unsigned width, depth;    /* how many run, how many may wait */
	unsigned running, queued; /* now */
	uint64_t refused;         /* since the start */
	struct list waiting;
};

void work_lane_init(struct work_lane *lane, uv_loop_t *loop, const char *name, unsigned width,
		    unsigned depth);

/* One job, zeroed before work_submit. */
struct work {
	struct awaitable wait; /* in the waiter's memory, as is this whole struct */
	bool refused;          /* the lane was full: nothing was run */
	void *result;          /* what run left: same pointer as input, freed by work_release */
	struct work_job *job;  /* the lane's own */
	/* May be set before work_submit: called with the input, on the loop, instead of wiping and freeing it. */
	void (*release)(void *input);
};

/*
 * Runs run(input) on a thread. `input` (`bytes` long, of mem_alloc) belongs to the lane from here on and is
 * wiped before it is freed. The waiter reads its result from `w->result` once w->wait.done, and calls
 * work_release then; `refused` is to be looked at first. A job whose waiter abandons is dropped when it still
 * waits for a thread, else it runs to its end, unseen. Returns &w->wait.
 */
struct awaitable *work_submit(struct work_lane *lane, struct work *w, void (*run)(void *input), void *input,
			      size_t bytes);

/* The same for what must be done whoever waits: it is never refused nor dropped. `release` may be NULL. */
void work_detach(struct work_lane *lane, void (*run)(void *input), void *input, size_t bytes,
		 void (*release)(void *input));

/* Gives the result's memory back, or abandons; allowed in every state, and twice. */
void work_release(struct work *w);

/* The same for arena_defer: covers the waiter that ends between the job's end and its own resumption. */
void work_release_deferred(void *w);

#endif
