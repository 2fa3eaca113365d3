/*
 * What a process does by itself: one statement, now and then, and again soon while there is more of it. Any number of
 * processes have the same chores; the statement sees to it that they do not do one thing twice.
 *
 *	chore_open → first_ms → ask → done → more_ms or rest_ms → ask → ...
 */
#ifndef BUGD_API_CHORE_H
#define BUGD_API_CHORE_H

#include "db/reply.h"

#include <uv.h>

struct chore_kind {
	/* Runs the statement, with its reply in `arena`. */
	struct db_reply *(*ask)(struct db *db, struct arena *arena, const void *arg);
	/* True: there may be more. It is not called when the statement failed, which the log knows already. */
	bool (*done)(const PGresult *result);
	uint64_t first_ms; /* after the start, which has better things to do */
	uint64_t more_ms;  /* when there is more */
	uint64_t rest_ms;  /* when there is not */
};

struct chore {
	const struct chore_kind *kind;
	const void *arg;
	struct db *db;
	uv_timer_t timer;
	struct waker waker;
	struct arena arena;
	struct db_reply *reply;
	bool soon; /* somebody asked for it meanwhile */
};

/* `kind` and `arg`, which `ask` gets, outlive it. */
void chore_init(struct chore *c, uv_loop_t *loop, struct db *db, const struct chore_kind *kind,
		const void *arg);
void chore_open(struct chore *c);

/* There is something to do: not before the answer to what is under way, and not while it is closed. */
void chore_soon(struct chore *c);

/* Then chore_free, after the loop ran. */
void chore_close(struct chore *c);
void chore_free(struct chore *c);

#endif
