/* Reads an issue that the caller may see. */
#ifndef BUGD_API_ISSUE_FETCH_H
#define BUGD_API_ISSUE_FETCH_H

#include "api/ref.h"

struct issue_fetch {
	struct co co;
	struct db_reply *reply;
};

/* Adds the lookup to an operation of reads. */
void issue_fetch_add(struct exchange *x, const struct ref *ref, struct op *op);

/* A coroutine; fails the exchange with ERR_NOT_FOUND when there is no such issue. Its row is then that of the reply. */
enum co_state issue_fetch(struct exchange *x, const struct ref *ref, struct issue_fetch *f);

/* The same, as the issue was at a moment (microseconds since 1970). */
enum co_state issue_fetch_as_of(struct exchange *x, const struct ref *ref, int64_t moment,
				struct issue_fetch *f);

#endif
