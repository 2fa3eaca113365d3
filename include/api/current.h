/*
 * A row as it is now: what a read answers with, and what a change answers with that did not happen, because it was
 * based on another version, or nothing of it was new.
 */
#ifndef BUGD_API_CURRENT_H
#define BUGD_API_CURRENT_H

#include "api/precondition.h"

/* It lies in the handler's frame, and serves one of these in its life. */
struct current {
	struct co co;
	struct db_reply *reply;
};

/*
 * Coroutines. The statement finds one row or none; `args` are its arguments. The exchange fails with ERR_NOT_FOUND
 * when there is no row, as another request may have removed it.
 *
 * current_answer: 200 and the row (api/answer.h, answer_row). current_conflict always fails the exchange: with 409 or
 * 412, as the precondition came, and the row as the member `current`.
 */
enum co_state current_answer(struct exchange *x, struct current *f, const struct statement *st,
			     const void *args, const struct field_values *fields);
enum co_state current_conflict(struct exchange *x, struct current *f, const struct statement *st,
			       const void *args, const struct precondition *precondition);

#endif
