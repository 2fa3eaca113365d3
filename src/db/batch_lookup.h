/*
 * Lookups of one statement as one execution of its `-- batch:` (sql/query), with arrays for arguments and a row for
 * each that was found. A part of db/batch.h.
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

/* Whether the operation is such a lookup. */
bool batch_is_lookup(const struct op *op);

/* The statement of a batch of lookups, with the members' arguments. */
struct op_statement *batch_lookup_statement(struct op *batch);

/* The row of the result that each member gets; -1: there is none. */
void batch_lookup_rows(const PGresult *r, size_t count, int row[BATCH_MAX]);

#endif
