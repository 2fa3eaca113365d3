/*
 * Retention: what is over is removed, some rows at a time, an hour after the last of it. Any number of processes may do
 * so; one of them is at it at a time. `bugd maintenance` does the same at once.
 */
#ifndef BUGD_API_MAINTENANCE_H
#define BUGD_API_MAINTENANCE_H

#include "db/reply.h"

#include <uv.h>

/* How long what is over stays, in milliseconds. */
struct retention {
	uint64_t deleted_ms; /* what people have deleted */
	uint64_t logged_ms;  /* security events */
	uint64_t told_ms;    /* notifications that were read */
};

/* Rows of each kind that are removed in one transaction, at most. */
#define MAINTENANCE_ROWS 1000

struct maintenance;
struct maintenance *maintenance_create(uv_loop_t *loop, struct db *db, const struct retention *retention);
/* From the next purge on. */
void maintenance_configure(struct maintenance *m, const struct retention *retention);
void maintenance_open(struct maintenance *m);

/* Then maintenance_free, after the loop ran. */
void maintenance_close(struct maintenance *m);
void maintenance_free(struct maintenance *m);

#endif
