/* Operations: made, filled, submitted, finished. */
#include "base/log.h"
#include "db/batch.h"
#include "db/lane.h"
#include "db/replica.h"
#include "db/sqlstate.h"
#include "db/stats.h"

#include <stdlib.h>
#include <string.h>

struct op *op_create(enum db_lane lane)
{
	struct arena arena = ARENA_EMPTY;
	struct op *op = arena_new(&arena, struct op);

	op->arena = arena;
	op->lane = lane;
	op->writes = lane == DB_WRITE;
	list_init(&op->node);
	return op;
}

struct op *db_begin(struct db *db, enum db_lane lane)
{
	(void)db;
	return op_create(lane);
}

void db_mark_large(struct op *op)
{
	op->large = true;
}

void db_mark_owner(struct op *op, uint32_t owner)
{
	op->owner = owner;
}

static struct op_statement *add_statement(struct op *op, const struct statement *st)
{
	struct op_statement *s = arena_new(&op->arena, struct op_statement);

	if (op->count == DB_STATEMENTS_MAX)
		abort(); /* a handler of ours adds too many */
	if (st->lane == DB_WRITE && !op->writes)
		abort(); /* or a write to reads, with which it would be repeated */
	s->st = st;
	op->statement[op->count++] = s;
	return s;
}

void db_add(struct op *op, const struct statement *st, const void *args)
{
	struct op_statement *s = add_statement(op, st);

	for (size_t i = 0; i < st->arg_count; i++)
		statement_encode(&st->args[i], args, &op->arena, &s->values);
}

void db_add_composed(struct op *op, const struct statement *st, const struct choice *choice, const void *args)
{
	struct op_statement *s = add_statement(op, st);

	s->composed = compose(st, choice);
	if (s->composed)
		composed_encode(s->composed, st, choice, args, &op->arena, &s->values);
	else
		op->busy = true;
}

static void result_free(void *r)
{
	PQclear(r);
}

/* Hands the results over to the reply, in whose arena they are freed. */
static void give_results(struct op *op, struct db_reply *reply)
{
	PGresult **results = op->result + op->guards;

	reply->count = op->count - op->guards;
	for (int i = 0; i < reply->count; i++) {
		if (!results[i])
			continue;
		reply->result[i] = results[i];
		arena_defer(reply->arena, result_free, results[i]);
		results[i] = NULL;
	}
	/* Those of a member of a batch are known already. */
	for (int i = 0; i < reply->count && !reply->rows[i].statement; i++) {
		reply->rows[i].statement = op->statement[op->guards + i]->st;
		reply->rows[i].count = PQntuples(reply->result[i]);
		reply->rows[i].first = reply->rows[i].count > 0 ? 0 : -1;
	}
	reply->row = reply->rows[0].first;
}

void op_free(struct op *op)
{
	struct arena arena = op->arena;

	for (int i = 0; i < op->count; i++) {
		PQclear(op->result[i]);
		if (op->statement[i]->composed)
			composed_release(op->statement[i]->composed);
	}
	arena_reset(&arena);
}

static void copy_text(char *to, size_t size, const char *from)
{
	size_t n = from ? strnlen(from, size - 1) : 0;

	if (n)
		memcpy(to, from, n);
	to[n] = '\0';
}

/* The first result that failed says why. */
static enum err take_error(struct op *op, struct db_reply *reply)
{
	for (int i = 0; i < op->count; i++) {
		const PGresult *r = op->result[i];

		if (!r || PQresultStatus(r) != PGRES_FATAL_ERROR)
			continue;
		copy_text(reply->sqlstate, sizeof(reply->sqlstate), PQresultErrorField(r, PG_DIAG_SQLSTATE));
		copy_text(reply->constraint, sizeof(reply->constraint),
			  PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME));
		return sqlstate_err(PQresultErrorField(r, PG_DIAG_SQLSTATE));
	}
	return ERR_UNAVAILABLE;
}

static void log_failed(const struct op *op)
{
	for (int i = 0; i < op->count; i++) {
		const PGresult *r = op->result[i];
		const char *sqlstate = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;

		if (!r || PQresultStatus(r) != PGRES_FATAL_ERROR || sqlstate_err(sqlstate) == ERR_CONFLICT)
			continue;
		/* The primary message only: DETAIL may hold what people wrote. */
		log_begin(LOG_ERROR, "db", "statement failed");
		log_str("statement", str_of(op->statement[i]->st->name));
		log_str("sqlstate", str_of(sqlstate));
		log_str("reason", str_of(PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY)));
		log_end();
	}
}

/* What is held is rolled back when nobody commits it. */
static bool may_have_changed(const struct op *op, enum err err)
{
	return op->writes && op->sent_us && !op->hold && (err == ERR_NONE || err == ERR_OUTCOME_UNKNOWN);
}

void op_finish(struct op *op, enum err err)
{
	struct db_reply *reply = op->reply;

	list_remove(&op->node);
	if (op->admitted)
		--*op->admitted;
	op->admitted = NULL;
	if (op->replica && replica_take_back(op, err))
		return;
	statement_stats_note(op);
	if (op->batch) {
		batch_finish(op, err);
		return;
	}
	if (op->failed)
		log_failed(op);
	if (reply) {
		reply->op = NULL;
		reply->err = op->failed && err == ERR_NONE ? take_error(op, reply) : err;
		reply->wait.in_doubt = may_have_changed(op, reply->err);
		give_results(op, reply);
		op_free(op);
		await_done(&reply->wait);
		return;
	}
	op_free(op);
}

static void reply_abandon(struct awaitable *a)
{
	struct db_reply *reply = (struct db_reply *)(void *)((char *)a - offsetof(struct db_reply, wait));

	struct op *op = reply->op;

	if (!op)
		return;
	a->in_doubt = may_have_changed(op, ERR_OUTCOME_UNKNOWN);
	op->reply = NULL;
	reply->op = NULL;
}

/* For one that ends without having awaited the reply. */
static void reply_forget(void *reply)
{
	reply_abandon(&((struct db_reply *)reply)->wait);
}

struct db_reply *db_expect(struct op *op, struct arena *arena)
{
	struct db_reply *reply = arena_new(arena, struct db_reply);

	reply->arena = arena;
	reply->op = op;
	reply->wait.abandon = reply_abandon;
	op->reply = reply;
	arena_defer(arena, reply_forget, reply);
	return reply;
}

struct db_reply *db_submit(struct db *db, struct op *op, struct arena *arena)
{
	struct db_reply *reply = db_expect(op, arena);
	enum err refused;

	refused = op->busy ? ERR_BUSY : lane_submit(db_lane_of(db, op->lane), op);
	if (refused != ERR_NONE)
		op_finish(op, refused);
	return reply;
}

struct db_reply *db_run(struct db *db, struct arena *arena, const struct statement *st, const void *args)
{
	struct op *op = db_begin(db, st->lane);

	db_add(op, st, args);
	return db_submit(db, op, arena);
}
