/* The answer to a change that was based on an older version of what it changes. */
#ifndef BUGD_API_STALE_H
#define BUGD_API_STALE_H

#include "api/precondition.h"

/*
 * Fails the exchange with 409 or 412, as the precondition came, and with the member `current`: the row, which is of
 * the statement's result.
 */
void stale_fail(struct exchange *x, const struct precondition *precondition, const struct statement *st,
		const PGresult *r, int row);

#endif
