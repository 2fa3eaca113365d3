/*
 * What there are few of, and what an exchange may have for long when its client is slow: connections for exports, open
 * files. One person has a part of them at most, so that others have the rest.
 */
#ifndef BUGD_API_SHARE_H
#define BUGD_API_SHARE_H

#include "base/list.h"
#include "base/uuid.h"
#include "http/exchange.h"

/* One that is taken; lies in the handler's frame. */
struct share {
	struct list node;
	struct uuid user;
};

/*
 * Takes one for the caller, until the exchange ends; `taken` has all of the kind. False: the caller has `most` of them
 * already, and the exchange has failed with ERR_TOO_MANY.
 */
bool share_take(struct exchange *x, struct share *s, struct list *taken, size_t most) MUST_CHECK;

#endif
