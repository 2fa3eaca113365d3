/*
 * Holding a change: its statements were executed and answered, but not committed, because what is to be stored with
 * them depends on their results.
 *
 *	db_submit_held → reply (open) → hold_commit(one more operation) → its reply: committed
 *	                              → hold_release: rolled back
 *
 * The statements before a Sync are one transaction, so holding means to send no Sync yet. Nothing else is sent on
 * the connection meanwhile: who holds must not wait for anything but the database in between.
 */
#ifndef BUGD_DB_HOLD_H
#define BUGD_DB_HOLD_H

#include "db/reply.h"

struct pipe;

/* In the holder's arena; zeroed at first. */
struct db_hold {
	struct db *db;
	struct pipe *pipe; /* with the open transaction; NULL: there is none, or none any more */
};

/*
 * Begins an operation in the lane of writes with a guard: a statement that fails when nothing of it shall be done. What
 * it returns is not among the results of the reply.
 */
struct op *hold_begin(const struct statement *guard, const void *args);

/*
 * Like db_submit, for an operation in the lane of writes. When its reply has no error, the hold is open: until then
 * the hold must not be used, afterwards it is released with the arena at the latest.
 */
struct db_reply *db_submit_held(struct db *db, struct op *op, struct db_hold *hold, struct arena *arena);

/* Whether a transaction is open. The connection may be lost at any time, and the transaction with it. */
bool hold_is_open(const struct db_hold *hold);

/*
 * Executes the operation, which may be empty (db_begin), in the transaction and commits both. The reply says whether both were; when the connection
 * was lost before, ERR_UNAVAILABLE, and nothing was changed.
 */
struct db_reply *hold_commit(struct db_hold *hold, struct op *op, struct arena *arena);

/* Undoes what is open. Nothing to do is no error. */
void hold_release(struct db_hold *hold);

#endif
