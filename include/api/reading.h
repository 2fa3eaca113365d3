/*
 * Reads that may go to a replica (db/replica.h), and what makes that clients see their own changes all the same.
 *
 * A GET or HEAD of what projects hold (issues, comments, reports, the projects themselves) may be answered by a
 * replica, from a state that once was the primary's, to the last row, and is not older than REPLICA_MAX_LAG. Who the
 * caller is, people, sessions, tokens, the log of security events and jobs are read from the primary, always.
 *
 *	- A change is answered with Bugd-Consistency: a place in the primary's log behind the change. Whoever sends that
 *	  header along, to whatever process, reads what has come at least that far. What is said of a job has it, too: who
 *	  reads that an import has ended will look for what it made.
 *	- Without it, this process remembers for each user (in a table of fixed size, in which users may share a place)
 *	  how far his last change was, or when it was answered.
 *	- Changes to projects, their members and people count for all users of this process: who may see something no
 *	  more is told so at once here, and within REPLICA_MAX_LAG by other processes.
 */
#ifndef BUGD_API_READING_H
#define BUGD_API_READING_H

#include "db/replica.h"
#include "http/exchange.h"

#define READING_HEADER "Bugd-Consistency"

struct reading;

/* NULL as `replicas` gives NULL, which all others take: every read goes to the primary. `doubt_ms`: see reading.c. */
struct reading *reading_create(struct replicas *replicas, uint64_t doubt_ms);
void reading_free(struct reading *r);

/* The gate has admitted the caller: the exchange is followed when it may change something, or tell of a change. */
void reading_begin(struct exchange *x);

/* As db_submit and db_run, for handlers; what may go to a replica does. Writes are what they are. */
struct db_reply *read_submit(struct exchange *x, struct op *op);
struct db_reply *read_run(struct exchange *x, const struct statement *st, const void *args);

/* Says for whom an operation is (db_mark_owner) that is not submitted by these. */
void read_mark_owner(const struct exchange *x, struct op *op);

/*
 * For what several callers share, in an arena of its own: reads as this exchange would, which is right for another one
 * only when reading_add_need appends the same bytes for it.
 */
struct db_reply *read_run_in(struct exchange *x, struct arena *arena, const struct statement *st,
			     const void *args);
void reading_add_need(const struct exchange *x, struct buf *out);

/* struct service: after the handler, idempotency's part included. */
enum co_state reading_after(struct exchange *x, void *frame);
extern const size_t reading_after_frame_size;

/* Every exchange, at its end. */
void reading_finished(struct exchange *x);

#endif
