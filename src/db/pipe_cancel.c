#include "db/pipe.h"

#include "base/log.h"
#include "db/batch.h"
#include "db/pool.h"
#include "statements.h"

/* How long an abandoned statement may go on: most end by themselves before, and a signal costs a round trip. */
#define CANCEL_AFTER_MS 200

/* What is executed now, if it is an operation that nobody waits for. */
static bool runs_for_nobody(const struct pipe *p)
{
	const struct expected *e = expected_first(&p->expected);

	if (!e || !e->op)
		return false;
	return e->op->batch ? !batch_is_wanted(e->op) : !e->op->reply;
}

/* The signal was sent, or could not be. It may only hit what is in flight now. */
static void signalled(struct waker *w)
{
	struct pipe *p = list_entry(w, struct pipe, cancel.waker);

	p->cancel.reply = NULL;
	arena_reset(&p->cancel.arena);
	if (p->expected.count == 0)
		p->cancel.wanted = false;
	p->owner->changed(p);
}

void pipe_cancel_abandoned(struct pipe *p, struct db *db)
{
	struct backend_cancel_args args = { .pid = p->conn.backend_pid };

	if (p->conn.state != CONN_READY || p->cancel.wanted || p->cancel.reply || !args.pid ||
	    !runs_for_nobody(p) || uv_now(p->conn.config->loop) - p->waiting_since < CANCEL_AFTER_MS)
		return;
	log_event(LOG_DEBUG, "db", "a statement is cancelled whose request has ended", NULL);
	p->cancel.wanted = true;
	p->cancel.waker.wake = signalled;
	p->cancel.reply = db_run(db, &p->cancel.arena, &statement_backend_cancel, &args);
	p->cancel.reply->wait.waker = &p->cancel.waker;
	if (p->cancel.reply->wait.done)
		signalled(&p->cancel.waker);
}
