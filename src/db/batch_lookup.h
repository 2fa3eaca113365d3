/*
 * Lookups of one statement as one execution: of its `-- many:` (sql/query) when they differ in nothing but what is
 * looked up, which is then an array; else of its `-- batch:`, with arrays for all arguments. A part of db/batch.h.
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

/* Whether two that do, by the same statements, can be one execution. */
bool batch_lookup_fits(const struct op *op, const struct op *other);

/* Adds the statements of a batch of lookups, with the members' arguments. */
void batch_lookup_end(struct op *batch);

/* Of each result, the rows that each member gets, which follow each other. */
void batch_lookup_rows(const struct op *batch, struct db_rows rows[BATCH_MAX][DB_STATEMENTS_MAX]);

#endif
