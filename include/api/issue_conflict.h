/* A change that is based on an older version: what the issue is now, and what has changed since. */
#ifndef BUGD_API_ISSUE_CONFLICT_H
#define BUGD_API_ISSUE_CONFLICT_H

#include "api/precondition.h"
#include "api/ref.h"

struct issue_conflict {
	struct co co;
	struct ref ref;
	struct precondition precondition;
	struct db_reply *reply;
};

/* A coroutine that always fails the exchange: with the members "current" and "changed", or as not found. */
enum co_state issue_conflict_fail(struct exchange *x, struct issue_conflict *f);

/* Another: the change of status is not in the workflow; with the member "allowed". */
enum co_state issue_transition_fail(struct exchange *x, struct issue_conflict *f);

/* Another: issues that are not done block it; with the member "blocked_by". */
enum co_state issue_blocked_fail(struct exchange *x, struct issue_conflict *f);

#endif
