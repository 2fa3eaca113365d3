/*
 * What bugd does by itself, in small steps: it removes what is over, an hour after the last of it, which `bugd maintenance`
 * does at once; and after changes of many issues were committed, it tells people of them, and makes those that were
 * imported searchable.
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

/*
 * A change of many issues is committed (notify_people in sql/schema/016_inbox.up.sql): tells of it. What a process that
 * died has left another tells of within a minute.
 */
void maintenance_tell(struct maintenance *m);

/* An import of many issues is committed (issues_made_searchable in sql/schema/010_search.up.sql): the same for the search. */
void maintenance_make_searchable(struct maintenance *m);

/* Then maintenance_free, after the loop ran. */
void maintenance_close(struct maintenance *m);
void maintenance_free(struct maintenance *m);

#endif
