/*
 * Batches: one execution for several operations that wait.
 *
 * Starting and ending an execution costs PostgreSQL more than finding a row by its key, and a list that everybody
 * looks at is asked for many times at once. So, of the reads that wait for the same connection,
 *
 *	- lookups by one statement that has a `-- many:` or a `-- batch:` (sql/query) are made one execution with an
 *	  array of what is looked up, or of each argument where they differ in more, and get the rows that are theirs,
 *	  which follow each other, and
 *	- those that are the same, to the last argument (among which is whose eyes they are for), run once, and all get
 *	  the same result.
 *
 * Nobody joins what is under way: each sees what was committed before it was asked for. When a batch fails, each of
 * its members is sent again alone. Part of the pool; see db/lane.h.
 */
#ifndef BUGD_DB_BATCH_H
#define BUGD_DB_BATCH_H

#include "db/pipe.h"

#define BATCH_MAX 64

/* Whether the operation can be in a batch at all. */
bool batch_possible(const struct op *op);

/* Whether the other one can be in a batch with it. */
bool batch_fits(const struct op *op, const struct op *other);

/* A batch of one; it and its members belong to whoever sends it. */
struct op *batch_begin(struct op *first);
/* False, and nothing was added: the batch is full. */
bool batch_add(struct op *batch, struct op *member);
/* After the last member: makes the statements. */
void batch_end(struct op *batch);

/* Whether anybody waits for one of its members. */
bool batch_is_wanted(const struct op *batch);

/* Gives each member what it asked for, or `err`, and frees the batch. op_finish calls it. */
void batch_finish(struct op *batch, enum err err);

/* Takes the batch apart: the last member first, so that they can be put back at the front of a queue. */
struct op *batch_pop(struct op *batch);

#endif
