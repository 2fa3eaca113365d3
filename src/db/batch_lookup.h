/*
 * Lookups of one statement as one execution of its `-- batch:` (sql/query), with arrays for arguments and rows for
 * each that were found. A part of db/batch.h.
 */
#ifndef BUGD_DB_BATCH_LOOKUP_H
#define BUGD_DB_BATCH_LOOKUP_H

#include "db/batch.h"

/* Members of a batch, while it is under way. */
struct batch {
	struct op *member[BATCH_MAX];
	size_t count;
	bool lookups; /* otherwise all members are the same */
};

/* Whether the operation consists of such lookups. */
bool batch_is_lookup(const struct op *op);

/* Adds the statements of a batch of lookups, with the members' arguments. */
void batch_lookup_end(struct op *batch);

/* Of each result, the rows that each member gets, which follow each other. */
void batch_lookup_rows(const struct op *batch, struct db_rows rows[BATCH_MAX][DB_STATEMENTS_MAX]);

#endif
