/* What handlers are written with. */
#ifndef BUGD_API_HANDLER_H
#define BUGD_API_HANDLER_H

#include "api/api.h"
#include "api/caller.h"
#include "api/idempotency.h"
#include "api/reading.h"
#include "db/copy.h"
#include "statements.h"

static inline struct api *api_of(const struct exchange *x)
{
	return x->service->context;
}

/* The caller as statements take it that look into projects (sql/query/access.sql). Not for public routes. */
static inline struct access access_of(const struct exchange *x)
{
	const struct caller *c = caller_of(x);

	return (struct access){
		.viewer = c->id, .role = caller_role(c), .everywhere = !c->only, .only = c->only
	};
}

/*
 * Runs a statement and waits for it; fails the exchange when the database does. Arguments are named:
 *	co_db(f, x, f->reply, user_by_id, .id = caller->id);
 */
#define co_db(f, x, reply, name, ...) co_db_args(f, x, reply, name, (&(struct name##_args){ __VA_ARGS__ }))

#define co_db_args(f, x, reply, name, ...)                                                                   \
	do {                                                                                                 \
		(reply) = read_run((x), &statement_##name, (__VA_ARGS__));                                   \
		co_await(f, x, &(reply)->wait);                                                              \
		if ((reply)->err)                                                                            \
			co_fail(handler_db_failed((x), (reply)));                                            \
	} while (0)

/* The same for the statement by which a POST makes its change (api/idempotency.h). */
#define co_change(f, x, reply, name, ...)                                                                    \
	do {                                                                                                 \
		(reply) = change_run((x), &statement_##name, (&(struct name##_args){ __VA_ARGS__ }));        \
		co_await(f, x, &(reply)->wait);                                                              \
		if ((reply)->err)                                                                            \
			co_fail(handler_db_failed((x), (reply)));                                            \
	} while (0)

/* Records the database's error as the exchange's. */
void handler_db_failed(struct exchange *x, const struct db_reply *reply);

/* The `_outcome` column of a reply's first row, which is its first column. */
struct str handler_outcome(const struct db_reply *reply);

/* Whether it is this one; false when the statement failed. */
bool handler_has_outcome(const struct db_reply *reply, const char *outcome);

/*
 * Runs job(input) in the lane for hashing and waits; `w` lies in the frame. Fails the exchange with ERR_BUSY
 * when the lane is full. `input` is of the heap and belongs to the job; afterwards it is w.result until
 * work_release, or the end of the exchange.
 */
#define co_work(f, x, w, lane, job, input, bytes)                                                            \
	do {                                                                                                 \
		arena_defer(&(x)->arena, work_release_deferred, &(w));                                       \
		co_await(f, x, work_submit((lane), &(w), (job), (input), (bytes)));                          \
		if ((w).refused)                                                                             \
			co_fail(exchange_fail((x), ERR_BUSY));                                               \
	} while (0)

#endif
