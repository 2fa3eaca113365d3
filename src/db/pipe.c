#include "db/pipe.h"

#include "base/clock.h"
#include "base/mem.h"
#include "db/hold.h"
#include "pipe_read.h"
#include "statements.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Beyond the server's own statement timeout, before a silent connection is given up. */
#define SILENCE_GRACE_MS   2000
#define SILENCE_DEFAULT_MS 15000

static void ready(struct conn *c);
static void io(struct conn *c);
static void lost(struct conn *c);

static const struct conn_owner conn_events = { ready, io, lost, NULL };

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

/* ---- sending ---- */

static struct expected *expect(struct pipe *p, enum expected_kind kind, struct op *op, int index)
{
	if (p->expected.count == 0)
		p->waiting_since = uv_now(p->conn.config->loop);
	return expected_add(&p->expected, kind, op, index);
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
	expect(p, EXPECT_PREPARE, op, index);
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
		expect(p, EXPECT_DEALLOCATE, op, index)->generation = *generation;
		sent(p, PQsendQueryParams(p->conn.pg, text, 0, NULL, NULL, NULL, NULL, 0));
	}
	expect(p, EXPECT_PREPARE, op, index);
	sent(p, PQsendPrepare(p->conn.pg, c->name, c->text, c->arg_count, c->oid));
	*generation = c->generation;
}

static void execute(struct pipe *p, struct op *op, int index)
{
	static const int binary[STATEMENT_ARGS_MAX] = { [0 ... STATEMENT_ARGS_MAX - 1] = 1 };
	const struct op_statement *s = op->statement[index];
	const char *name = s->composed ? s->composed->name : s->st->name;

	if (s->composed)
		prepare_composed(p, op, index);
	else
		prepare_fixed(p, op, index);
	expect(p, EXPECT_EXECUTE, op, index);
	sent(p, PQsendQueryPrepared(p->conn.pg, name, s->values.count, s->values.value, s->values.length,
				    binary, 1));
}

static void send_sync(struct pipe *p)
{
	expect(p, EXPECT_SYNC, NULL, 0);
#ifdef LIBPQ_HAS_SEND_PIPELINE_SYNC
	sent(p, PQsendPipelineSync(p->conn.pg));
#else
	sent(p, PQpipelineSync(p->conn.pg));
#endif
}

void pipe_send(struct pipe *p, struct op *op, bool sync)
{
	p->in_flight_count++;
	op->sent_us = clock_mono_us();
	list_append(&p->in_flight, &op->node);
	op->answered = 0;
	op->failed = op->aborted = op->ending = false;
	for (int i = 0; i < op->count && !p->broken; i++)
		execute(p, op, i);
	/* Without a Sync nothing of it can be committed, whatever of it has left. */
	op->unsent = p->broken != NULL;
	if (op->hold && !p->broken) {
		p->holding = true;
		sent(p, PQsendFlushRequest(p->conn.pg));
	} else if (sync && !p->broken) {
		send_sync(p);
	}
}

void pipe_flush(struct pipe *p)
{
	if (!p->unflushed || p->conn.state != CONN_READY)
		return;
	p->unflushed = false;
	if (!p->broken)
		conn_flush(&p->conn);
	/* An aborted pipeline is answered by libpq itself, without a byte on the socket. */
	if (p->conn.state == CONN_READY)
		pipe_read(p);
}

/* ---- holding ---- */

void pipe_go_on(struct pipe *p, struct op *op)
{
	p->holding = false;
	p->held = NULL;
	op->bound = true;
	pipe_send(p, op, true);
}

void pipe_hold_answered(struct pipe *p, struct op *op)
{
	struct op *undo;

	if (op->failed || op->aborted) {
		p->holding = false;
		send_sync(p); /* behind which the connection is of use again; nothing was changed */
		return;
	}
	if (op->reply) {
		p->held = op->hold;
		p->held->pipe = p;
		pipe_take_off(p, op);
		op_finish(op, ERR_NONE);
		return;
	}
	undo = op_create(DB_WRITE);
	db_add(undo, &statement_rollback, NULL);
	pipe_go_on(p, undo);
}

static void forget_hold(struct pipe *p)
{
	if (p->held)
		p->held->pipe = NULL;
	p->held = NULL;
	p->holding = false;
}

/* ---- the connection ---- */

static void ready(struct conn *c)
{
	struct pipe *p = pipe_of(c);

	memset(p->prepared, 0, statement_count);
	memset(p->composed_generation, 0, COMPOSED_MAX * sizeof(*p->composed_generation));
	p->goodbye = false;
	p->broken = p->retired = NULL;
	p->unflushed = false;
	p->cancel.wanted = false;
	p->owner->changed(p);
}

static void io(struct conn *c)
{
	pipe_read(pipe_of(c));
}

static void op_lost(struct pipe *p, struct op *op)
{
	pipe_take_off(p, op);
	if (op->failed && op->writes)
		op_finish(op, ERR_NONE);
	else if (!op->writes || op->unsent || op->aborted || (op->hold && p->holding) ||
		 (p->goodbye && !op->ending))
		pipe_send_again(p, op);
	else
		op_finish(op, ERR_OUTCOME_UNKNOWN);
}

static void lost(struct conn *c)
{
	struct pipe *p = pipe_of(c);

	c->state = CONN_WAITING;
	expected_clear(&p->expected);
	p->answering = false;
	/* From the back, because what is sent again goes to the front of the lane's queue. */
	while (!list_empty(&p->in_flight))
		op_lost(p, list_entry(p->in_flight.prev, struct op, node));
	forget_hold(p);
	p->owner->changed(p);
}

void pipe_close(struct pipe *p)
{
	if (p->conn.state == CONN_READY)
		lost(&p->conn);
	conn_close(&p->conn);
}

bool pipe_takes(const struct pipe *p, size_t depth)
{
	return p->conn.state == CONN_READY && !p->retired && !p->cancel.wanted && !p->holding &&
	       p->in_flight_count < depth;
}

void pipe_tick(struct pipe *p)
{
	conn_tick(&p->conn);
	if (p->conn.state == CONN_READY && p->expected.count &&
	    uv_now(p->conn.config->loop) - p->waiting_since > p->timeout_ms)
		conn_fail(&p->conn, "no answer within the time for statements");
}
