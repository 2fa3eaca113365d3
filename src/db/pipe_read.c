#include "pipe_read.h"

#include "db/sqlstate.h"

#include <string.h>

#define UNUSABLE "the server's answer is not one to what was sent"

void pipe_take_off(struct pipe *p, struct op *op)
{
	list_remove(&op->node);
	p->in_flight_count--;
}

void pipe_send_again(struct pipe *p, struct op *op)
{
	/* What it went on with is undone. */
	if (op->bound) {
		op_finish(op, ERR_UNAVAILABLE);
		return;
	}
	for (int i = 0; i < op->count; i++) {
		PQclear(op->result[i]);
		op->result[i] = NULL;
	}
	p->owner->again(p, op);
}

static void op_over(struct pipe *p, struct op *op)
{
	pipe_take_off(p, op);
	/* Which member of a batch made it fail is found out by sending each alone. */
	if ((op->aborted && !op->failed) || (op->batch && op->failed))
		pipe_send_again(p, op);
	else
		op_finish(op, ERR_NONE);
}

static void forget_expected(struct pipe *p)
{
	expected_drop_first(&p->expected);
	p->answering = false;
	p->waiting_since = uv_now(p->conn.config->loop);
}

/* ---- kinds of errors ---- */

/* The server ends the connection. An error of the same code may come from a parallel worker, and ends nothing. */
static bool is_goodbye(const PGresult *r)
{
	const char *severity = PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);

	return severity && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

/*
 * The statement is not prepared (its PREPARE, sent with another operation, failed), or its result has got other
 * columns since (a migration): on a new connection all is prepared anew.
 */
static bool is_stale(const PGresult *r, const char *sqlstate)
{
	const char *function = PQresultErrorField(r, PG_DIAG_SOURCE_FUNCTION);

	return strcmp(sqlstate, "26000") == 0 ||
	       (strcmp(sqlstate, "0A000") == 0 && function && strcmp(function, "RevalidateCachedQuery") == 0);
}

/* Whether our own signal, meant for another operation, may have hit this one. */
static bool is_stray(const struct pipe *p, const char *sqlstate)
{
	return p->cancel.wanted && strcmp(sqlstate, "57014") == 0;
}

/* ---- results; they belong to the functions that take them ---- */

static void keep_result(struct op *op, int index, PGresult *r)
{
	PQclear(op->result[index]);
	op->result[index] = r;
}

/* What was not executed: a Parse leaves nothing prepared, and a DEALLOCATE leaves all as it was. */
static void not_executed(struct pipe *p, const struct expected *e)
{
	const struct op_statement *s = e->op->statement[e->index];
	uint64_t *generation;

	if (!s->composed) {
		if (e->kind == EXPECT_PREPARE)
			p->prepared[s->st->index] = 0;
		return;
	}
	generation = &p->composed_generation[s->composed->slot];
	if (e->kind == EXPECT_DEALLOCATE)
		*generation = e->generation;
	else if (e->kind == EXPECT_PREPARE && *generation == s->composed->generation)
		*generation = 0;
}

static void take_aborted(struct pipe *p, const struct expected *e, PGresult *r)
{
	e->op->aborted = true;
	not_executed(p, e);
	PQclear(r);
}

/* An error of a statement, from the server, that goes on. */
static void take_error(struct pipe *p, const struct expected *e, PGresult *r)
{
	const char *sqlstate = PQresultErrorField(r, PG_DIAG_SQLSTATE);

	if (is_stale(r, sqlstate)) {
		p->retired = "its prepared statements are out of date";
		e->op->aborted = true;
		PQclear(r);
		return;
	}
	if (is_stray(p, sqlstate)) {
		take_aborted(p, e, r);
		return;
	}
	if (sqlstate_is_read_only(sqlstate))
		p->retired = "the server is read-only";
	not_executed(p, e);
	e->op->failed = true;
	keep_result(e->op, e->index, r);
}

/* The operation whose Sync is the first thing expected: all of it was answered. NULL: a group of reads. */
static struct op *committing(struct pipe *p)
{
	struct list *node = list_first(&p->in_flight);
	struct op *op = node ? list_entry(node, struct op, node) : NULL;

	return op && op->answered == op->count ? op : NULL;
}

/* An error at the Sync itself: the commit failed (a deferred constraint), so the write before it did. */
static void take_sync_error(struct pipe *p, PGresult *r)
{
	struct op *op = committing(p);

	p->answering = true;
	if (!op) {
		PQclear(r);
		return;
	}
	op->failed = true;
	keep_result(op, op->count - 1, r);
}

/* False: the connection is of no use any more and was given up. */
static bool take_failure(struct pipe *p, const struct expected *e, PGresult *r)
{
	bool goodbye = is_goodbye(r);
	struct op *op = e->kind == EXPECT_SYNC ? committing(p) : NULL;

	/* Errors without a code are libpq's own: nothing more is known of what the server has done. */
	if (goodbye || !PQresultErrorField(r, PG_DIAG_SQLSTATE)) {
		PQclear(r);
		p->goodbye = goodbye;
		if (op)
			op->ending = true;
		conn_fail(&p->conn, PQerrorMessage(p->conn.pg));
		return false;
	}
	if (e->kind == EXPECT_SYNC)
		take_sync_error(p, r);
	else
		take_error(p, e, r);
	return true;
}

static bool take_success(const struct expected *e, PGresult *r)
{
	if (e->kind == EXPECT_EXECUTE)
		keep_result(e->op, e->index, r);
	else
		PQclear(r);
	return true;
}

/* Everything before the Sync is answered and committed. */
static void synced(struct pipe *p)
{
	struct list *node;

	forget_expected(p);
	while ((node = list_first(&p->in_flight))) {
		struct op *op = list_entry(node, struct op, node);

		if (op->answered < op->count)
			break;
		op_over(p, op);
	}
	if (p->expected.count == 0 && !p->cancel.reply)
		p->cancel.wanted = false;
	p->owner->changed(p);
}

/* The end of one command's results. */
static void command_over(struct pipe *p)
{
	struct expected e = *expected_first(&p->expected);

	/* libpq ends an error at a Sync as it ends a command; the Sync's own answer is to come. */
	if (e.kind == EXPECT_SYNC) {
		p->answering = false;
		return;
	}
	forget_expected(p);
	if (e.kind != EXPECT_EXECUTE)
		return;
	e.op->answered++;
	if (e.op->hold && p->holding && e.op->answered == e.op->count) {
		pipe_hold_answered(p, e.op);
		return;
	}
	if (!e.op->writes && e.op->answered == e.op->count)
		op_over(p, e.op);
}

/* False: nothing more can be read, as the connection was given up. */
static bool take_result(struct pipe *p, const struct expected *e, PGresult *r)
{
	bool of_sync = e->kind == EXPECT_SYNC;
	ExecStatusType status = PQresultStatus(r);

	if (status == PGRES_FATAL_ERROR)
		return take_failure(p, e, r);
	if (status == PGRES_PIPELINE_SYNC && of_sync) {
		PQclear(r);
		synced(p);
		return true;
	}
	if (status == PGRES_PIPELINE_ABORTED && !of_sync) {
		take_aborted(p, e, r);
		return true;
	}
	if ((status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY) &&
	    !of_sync)
		return take_success(e, r);
	/* A COPY, above all: libpq would give the same answer for ever. */
	PQclear(r);
	conn_fail(&p->conn, UNUSABLE);
	return false;
}

/* False: nothing more can be read now. */
static bool read_one(struct pipe *p)
{
	const struct expected *e;
	PGresult *r;

	/* Asked also when nothing is expected, for libpq to look at what the server says of its own accord. */
	if (PQisBusy(p->conn.pg))
		return false;
	e = expected_first(&p->expected);
	if (!e)
		return false;
	r = PQgetResult(p->conn.pg);
	if (!r) {
		if (!p->answering)
			return false;
		command_over(p);
		return true;
	}
	p->answering = e->kind != EXPECT_SYNC;
	return take_result(p, e, r);
}

void pipe_read(struct pipe *p)
{
	while (p->conn.state == CONN_READY && read_one(p))
		;
	if (p->conn.state != CONN_READY)
		return;
	if (p->broken)
		conn_fail(&p->conn, p->broken);
	else if (p->retired && p->expected.count == 0)
		conn_fail(&p->conn, p->retired);
}
