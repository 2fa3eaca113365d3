/*
 * Reports that run. Those who ask for the same while it runs wait for the same run and get the same rows, so that a
 * page which everybody opens at nine costs the database one statement. "The same" is the statement with the very same
 * arguments, among which are the projects that the caller sees.
 *
 * A run belongs to nobody in particular: one who gives up does not hurt the others, and when all have gone, it is
 * abandoned. It is kept until the last of them has done with its rows, and not a moment longer: who comes when it has
 * ended gets a new one.
 */
#ifndef BUGD_API_REPORT_RUN_H
#define BUGD_API_REPORT_RUN_H

#include "api/handler.h"
#include "base/list.h"

/* Different ones at a time; one more is answered with ERR_BUSY. */
#define REPORT_RUNS_MAX 256

struct report_run;
struct report_runs;

/* One who waits. It lies in the handler's frame; afterwards `reply` is what the database said. */
struct report_wait {
	struct awaitable wait;
	struct list node;
	struct report_run *run;
	const struct db_reply *reply; /* as long as the exchange */
	bool refused;                 /* there are too many, and there is no reply */
};

struct report_runs *report_runs_create(void);
void report_runs_free(struct report_runs *runs); /* NULL is allowed */

/* Joins the run of this statement with these arguments, or begins it. */
struct awaitable *report_run(struct exchange *x, struct report_wait *w, const struct statement *st,
			     const void *args);

/* The same with the wait: the exchange fails when the database does. */
#define co_report(f, x, w, st, args)                                                                         \
	do {                                                                                                 \
		co_await(f, x, report_run((x), &(w), (st), (args)));                                         \
		if ((w).refused)                                                                             \
			co_fail(exchange_fail((x), ERR_BUSY));                                               \
		if ((w).reply->err)                                                                          \
			co_fail(handler_db_failed((x), (w).reply));                                          \
	} while (0)

#endif
