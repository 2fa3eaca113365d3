/*
 * What the database answers to one operation: one or more statements that run as one transaction.
 *
 * A reply lives in the memory of who asked (a request's arena) and is what a handler awaits. The operation
 * itself, with its parameters, belongs to the pool and outlives a request that is abandoned.
 */
#ifndef BUGD_DB_REPLY_H
#define BUGD_DB_REPLY_H

#include "base/buf.h"
#include "base/co.h"
#include "base/err.h"
#include "db/compose.h"
#include "db/statement.h"

#include <libpq-fe.h>

#define DB_STATEMENTS_MAX 8

struct db;
struct op;

/*
 * What somebody made of a result that others have as well, for them to use; `text` is empty until then. Only for what
 * follows from the rows and the mask of fields alone.
 */
struct db_writing {
	struct buf text;
	uint64_t mask;
};

/*
 * The rows of a result that answer: all of them, or in a batch of lookups those of this one. `first` is -1 when there
 * are none; the statement is the one for row_shape.
 */
struct db_rows {
	const struct statement *statement;
	int first, count;
};

struct db_reply {
	struct awaitable wait;
	enum err err;                           /* ERR_NONE: every statement succeeded */
	char sqlstate[6];                       /* "" when the error is not the server's */
	char constraint[64];                    /* the name of the constraint that was violated, or "" */
	int count;                              /* results */
	PGresult *result[DB_STATEMENTS_MAX];    /* in the order of the statements; freed with the arena */
	struct db_rows rows[DB_STATEMENTS_MAX]; /* of each result, what of it answers */
	int row;                                /* the first row of the first result; -1: there is none */
	struct db_writing *writing; /* as long as the results; NULL: they are this reply's alone */
	struct arena *arena;
	struct op *op; /* until it is done */
};

/*
 * Begins an operation in the lane. Statements are added, then it is submitted; nothing is sent before the end
 * of the turn.
 */
struct op *db_begin(struct db *db, enum db_lane lane);
void db_add(struct op *op, const struct statement *st, const void *args);
/* A list's statement. A table of composed texts that is full makes the operation fail with ERR_BUSY. */
void db_add_composed(struct op *op, const struct statement *st, const struct choice *choice,
		     const void *args);

/*
 * Says that it may take long. Such ones run on a part of the lane's connections only, and nothing is sent behind one
 * of them, so that others go on beside them.
 */
void db_mark_large(struct op *op);

/*
 * Says for whom it is, by a number that differs from person to person as well as may be. With lists and
 * changes people take turns, and of lists one person may not have all wait that can.
 */
void db_mark_owner(struct op *op, uint32_t owner);

/*
 * Submits it. The reply is in the arena; its wait may be done at once (queue full: ERR_BUSY; database away:
 * ERR_UNAVAILABLE). A write that may have been executed when the connection was lost ends with
 * ERR_OUTCOME_UNKNOWN; a read is sent again.
 */
struct db_reply *db_submit(struct db *db, struct op *op, struct arena *arena);

/* One statement, in its own lane. */
struct db_reply *db_run(struct db *db, struct arena *arena, const struct statement *st, const void *args);

#endif
