/* Saved filters: a query of the list of issues that is kept under an id. */
#ifndef BUGD_API_SAVED_FILTER_H
#define BUGD_API_SAVED_FILTER_H

#include "api/handler.h"

/* A filter being looked up; it lies in the handler's frame. */
struct saved_filter {
	struct co co;
	struct db_reply *reply;
	struct str scope; /* names this version of it: what cursors are bound to */
};

/*
 * A coroutine: gives `query`, of the shape, what the filter says. A parameter that the request gives itself counts
 * instead of the filter's. One that the caller may not see fails the exchange with a field error of `filter`.
 */
enum co_state saved_filter_apply(struct exchange *x, const struct uuid *id, const struct shape *shape,
				 void *query, struct saved_filter *f);

#endif
