/*
 * Idempotency-Key: a POST that is sent again gets the answer of the first time and changes nothing.
 *
 * The answer is stored in the transaction of the change itself: the change is held open (db/hold.h) until the answer
 * is complete, so that there is never the one without the other. Answers that are problems are not stored: what
 * could not be done may be tried again. Without the header nothing of this costs anything.
 */
#ifndef BUGD_API_IDEMPOTENCY_H
#define BUGD_API_IDEMPOTENCY_H

#include "api/api.h"
#include "db/hold.h"

#define IDEMPOTENCY_KEY_MAX 255

/*
 * Reads the header of a POST; called at the end of the gate, when the caller is known. False, and the exchange has
 * failed with ERR_BAD_REQUEST: the header is not 1 to 255 printable characters of ASCII, or there are two.
 */
bool idempotency_begin(struct exchange *x) MUST_CHECK;

/* In front of the handler of a request with a key: answers in its place when it was answered before. */
enum co_state idempotency_before(struct exchange *x, void *frame);
extern const size_t idempotency_before_frame_size;

/* Behind it: stores the answer and commits the change. */
enum co_state idempotency_after(struct exchange *x, void *frame);
extern const size_t idempotency_after_frame_size;

/*
 * The operation of the handler that makes the change, the last one that it runs: as db_begin and db_submit, and held
 * open when the request has a key.
 */
struct op *change_begin(struct exchange *x);
struct db_reply *change_submit(struct exchange *x, struct op *op);

/* One statement as the change. */
struct db_reply *change_run(struct exchange *x, const struct statement *st, const void *args);

#endif
