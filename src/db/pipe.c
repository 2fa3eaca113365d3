#include "db/pipe.h"

#include "base/log.h"
#include "base/mem.h"
#include "db/sqlstate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Beyond the server's own statement timeout, before a silent connection is given up. */
#define SILENCE_GRACE_MS   2000
#define SILENCE_DEFAULT_MS 15000

static void ready(struct conn *c);
static void io(struct conn *c);
static void lost(struct conn *c);

static const struct conn_owner conn_events = { ready, io, lost };

static struct pipe *pipe_of(struct conn *c)
{
	return list_entry(c, struct pipe, conn);
}

void pipe_init(struct pipe *p, const struct conn_config *config, const struct pipe_owner *owner, void *lane)
{
	*p = (struct pipe){ .owner = owner, .lane = lane };
	conn_init(&p->conn, config, &conn_events, true);
	list_init(&p->node);
	list_init(&p->in_flight);
	p->timeout_ms = config->statement_timeout_ms ? config->statement_timeout_ms + SILENCE_GRACE_MS
						     : SILENCE_DEFAULT_MS;
	p->prepared = mem_zalloc(statement_count, 1);
	p->composed_generation = mem_zalloc(COMPOSED_MAX, sizeof(*p->composed_generation));
}

void pipe_free(struct pipe *p)
{
	expected_free(&p->expected);
	free(p->prepared);
	free(p->composed_generation);
}

static void forget_expected(struct pipe *p)
{
	expected_drop_first(&p->expected);
	p->answering = false;
}

/* libpq refuses to send only when the connection is gone or memory is; either way it is given up. */
static void sent(struct pipe *p, int ok)
{
	if (!ok && !p->broken)
		p->broken = "the connection takes no more";
	p->unflushed = true;
}

static void prepare_fixed(struct pipe *p, struct op *op, int index)
{
	const struct statement *st = op->statement[index]->st;
	Oid types[STATEMENT_ARGS_MAX];

	if (p->prepared[st->index])
		return;
	for (size_t i = 0; i < st->arg_count; i++)
		types[i] = db_type_oid(st->args[i].type);
	expected_add(&p->expected, EXPECT_PREPARE, op, index);
	sent(p, PQsendPrepare(p->conn.pg, st->name, st->text, (int)st->arg_count, types));
	p->prepared[st->index] = 1;
}

/* What is prepared under the slot's former text makes room, so that a session holds a bounded number. */
static void prepare_composed(struct pipe *p, struct op *op, int index)
{
	const struct composed *c = op->statement[index]->composed;
	uint64_t *generation = &p->composed_generation[c->slot];
	char text[64];

	if (*generation == c->generation)
		return;
	if (*generation) {
		snprintf(text, sizeof(text), "DEALLOCATE list_%zu_%llu", c->slot,
			 (unsigned long long)*generation);
		expected_add(&p->expected, EXPECT_DEALLOCATE, op, index);
		sent(p, PQsendQueryParams(p->conn.pg, text, 0, NULL, NULL, NULL, NULL, 0));
	}
	expected_add(&p->expected, EXPECT_PREPARE, op, index);
	sent(p, PQsendPrepare(p->conn.pg, c->name, c->text, c->arg_count, c->oid));
	*generation = c->generation;
}

static void execute(struct pipe *p, struct op *op, int index)
{
	static const int binary[STATEMENT_ARGS_MAX] = { [0 ... STATEMENT_ARGS_MAX - 1] = 1 };
	const struct op_statement *s = op->statement[index];
	const char *name = s->composed ? s->composed->name : s->st->name;

	expected_add(&p->expected, EXPECT_EXECUTE, op, index);
	sent(p, PQsendQueryPrepared(p->conn.pg, name, s->values.count, s->values.value, s->values.length,
				    binary, 1));
}

void pipe_sync(struct pipe *p)
{
	expected_add(&p->expected, EXPECT_SYNC, NULL, 0);
#ifdef LIBPQ_HAS_SEND_PIPELINE_SYNC
	sent(p, PQsendPipelineSync(p->conn.pg));
#else
	sent(p, PQpipelineSync(p->conn.pg));
#endif
}

void pipe_send(struct pipe *p, struct op *op, bool sync)
{
	if (p->in_flight_count++ == 0)
		p->oldest_at = uv_now(p->conn.config->loop);
	list_append(&p->in_flight, &op->node);
	op->answered = 0;
	op->failed = false;
	op->aborted = false;
	for (int i = 0; i < op->count; i++) {
		if (op->statement[i]->composed)
			prepare_composed(p, op, i);
		else
			prepare_fixed(p, op, i);
		execute(p, op, i);
	}
	if (sync)
		pipe_sync(p);
}

/* Takes the operation off the pipe; what it becomes is the caller's. */
static void take_off(struct pipe *p, struct op *op)
{
	list_remove(&op->node);
	p->in_flight_count--;
	p->oldest_at = uv_now(p->conn.config->loop);
}

static void drop_results(struct op *op)
{
	for (int i = 0; i < op->count; i++) {
		PQclear(op->result[i]);
		op->result[i] = NULL;
	}
}

static void send_again(struct pipe *p, struct op *op)
{
	drop_results(op);
	p->owner->again(p, op);
}

static void op_over(struct pipe *p, struct op *op)
{
	take_off(p, op);
	if (op->aborted && !op->failed) {
		send_again(p, op);
		return;
	}
	op_finish(op, ERR_NONE);
}

/* A failed Parse leaves nothing prepared, and so does one that was skipped. */
static void prepare_failed(struct pipe *p, const struct expected *e)
{
	const struct op_statement *s = e->op->statement[e->index];

	if (s->composed)
		p->composed_generation[s->composed->slot] = 0;
	else
		p->prepared[s->st->index] = 0;
}

static void keep_result(struct op *op, int index, PGresult *r)
{
	PQclear(op->result[index]);
	op->result[index] = r;
}

/* The result belongs to this function. */
static void take_result(struct pipe *p, const struct expected *e, PGresult *r)
{
	const char *sqlstate;

	switch (PQresultStatus(r)) {
	case PGRES_TUPLES_OK:
	case PGRES_COMMAND_OK:
	case PGRES_EMPTY_QUERY:
		if (e->kind == EXPECT_EXECUTE)
			keep_result(e->op, e->index, r);
		else
			PQclear(r);
		return;
	case PGRES_PIPELINE_ABORTED:
		e->op->aborted = true;
		PQclear(r);
		break;
	default:
		sqlstate = PQresultErrorField(r, PG_DIAG_SQLSTATE);
		p->goodbye = p->goodbye || sqlstate_is_goodbye(sqlstate);
		if (sqlstate_is_read_only(sqlstate))
			p->broken = "the server is read-only";
		e->op->failed = true;
		keep_result(e->op, e->index, r);
	}
	if (e->kind == EXPECT_PREPARE)
		prepare_failed(p, e);
}

/* An error at the Sync itself: the commit failed, so the write before it did. */
static void take_sync_error(struct pipe *p, PGresult *r)
{
	struct list *node = list_first(&p->in_flight);
	struct op *op = node ? list_entry(node, struct op, node) : NULL;

	if (!op || op->answered < op->count) {
		PQclear(r);
		return;
	}
	/* A server that says goodbye during a commit leaves open whether it made it. */
	p->goodbye = p->goodbye || sqlstate_is_goodbye(PQresultErrorField(r, PG_DIAG_SQLSTATE));
	op->failed = !p->goodbye;
	keep_result(op, op->count - 1, r);
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
	p->owner->changed(p);
}

/* The end of one command's results. */
static void command_over(struct pipe *p)
{
	struct expected e = *expected_first(&p->expected);

	forget_expected(p);
	if (e.kind != EXPECT_EXECUTE)
		return;
	e.op->answered++;
	/* What the goodbye interrupted is decided when the connection is lost, which it is about to be. */
	if (p->goodbye)
		return;
	if (!e.op->writes && e.op->answered == e.op->count)
		op_over(p, e.op);
}

/* False: nothing more can be read now. */
static bool read_one(struct pipe *p)
{
	const struct expected *e = expected_first(&p->expected);
	PGresult *r;

	if (!e || PQisBusy(p->conn.pg))
		return false;
	r = PQgetResult(p->conn.pg);
	if (!r) {
		if (!p->answering)
			return false;
		command_over(p);
		return true;
	}
	if (PQresultStatus(r) == PGRES_PIPELINE_SYNC) {
		PQclear(r);
		synced(p);
		return true;
	}
	if (e->kind == EXPECT_SYNC) {
		take_sync_error(p, r);
		return true;
	}
	p->answering = true;
	take_result(p, e, r);
	return true;
}

static void read_results(struct pipe *p)
{
	while (p->conn.state == CONN_READY && read_one(p))
		;
	if (p->conn.state == CONN_READY && p->broken)
		conn_fail(&p->conn, p->broken);
}

static void ready(struct conn *c)
{
	struct pipe *p = pipe_of(c);

	memset(p->prepared, 0, statement_count);
	memset(p->composed_generation, 0, COMPOSED_MAX * sizeof(*p->composed_generation));
	p->goodbye = false;
	p->broken = NULL;
	p->unflushed = false;
	p->owner->changed(p);
}

static void io(struct conn *c)
{
	read_results(pipe_of(c));
}

/*
 * What became of an operation when its connection was lost. A read may be sent again. A write was rolled back
 * if the server ended it with an error, was never begun if the server said goodbye before it, and has else an
 * unknown outcome.
 */
static void op_lost(struct pipe *p, struct op *op, bool first)
{
	take_off(p, op);
	if (!op->writes || (p->goodbye && !first))
		send_again(p, op);
	else if (op->failed)
		op_finish(op, ERR_UNAVAILABLE);
	else
		op_finish(op, ERR_OUTCOME_UNKNOWN);
}

static void lost(struct conn *c)
{
	struct pipe *p = pipe_of(c);
	struct list orphans;
	struct list *node;
	bool first = true;

	/* From the back, because what is sent again goes to the front of the lane's queue. */
	list_init(&orphans);
	list_move_all(&orphans, &p->in_flight);
	expected_clear(&p->expected);
	p->answering = false;
	while (!list_empty(&orphans)) {
		node = orphans.prev;
		first = orphans.next == node;
		op_lost(p, list_entry(node, struct op, node), first);
	}
	c->state = CONN_WAITING;
	p->owner->changed(p);
}

void pipe_close(struct pipe *p)
{
	if (p->conn.state == CONN_READY)
		lost(&p->conn);
	conn_close(&p->conn);
}

void pipe_flush(struct pipe *p)
{
	if (!p->unflushed || p->conn.state != CONN_READY)
		return;
	p->unflushed = false;
	if (p->broken) {
		conn_fail(&p->conn, p->broken);
		return;
	}
	conn_flush(&p->conn);
	/* An aborted pipeline is answered by libpq itself, without a byte on the socket. */
	read_results(p);
}

void pipe_tick(struct pipe *p)
{
	conn_tick(&p->conn);
	if (p->conn.state == CONN_READY && p->in_flight_count &&
	    uv_now(p->conn.config->loop) - p->oldest_at > p->timeout_ms)
		conn_fail(&p->conn, "no answer within the time for statements");
}
