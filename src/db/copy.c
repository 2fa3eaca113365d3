#include "db/copy.h"

#include "base/buf.h"
#include "base/log.h"
#include "copy_pool.h"
#include "db/sqlstate.h"

#include <stdio.h>
#include <string.h>

#define CURSOR "rows_of_bugd"

/* ---- ends ---- */

static void done(struct copy *c)
{
	c->doing = COPY_NOTHING;
	await_done(&c->wait);
}

static void keep_text(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%.*s", (int)strcspn(text ? text : "", "\n"), text ? text : "");
}

/* The first error counts: those behind it follow from it. */
static void note_error(struct copy *c, const PGresult *r)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

	if (c->err)
		return;
	c->err = sqlstate_err(state);
	keep_text(c->sqlstate, sizeof(c->sqlstate), state);
	keep_text(c->constraint, sizeof(c->constraint), PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME));
	keep_text(c->message, sizeof(c->message), PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY));
	if (c->err == ERR_INTERNAL)
		log_event(LOG_ERROR, "db", "a statement failed", "%s: %s", c->sqlstate, c->message);
}

void copy_lost(struct copy *c)
{
	c->broken = true;
	if (!c->err)
		c->err = ERR_UNAVAILABLE;
	if (c->doing != COPY_NOTHING)
		done(c);
}

/* Begins a call: what the last one left is dropped. False: it has ended already. */
static bool begin(struct copy *c, enum copy_doing doing)
{
	c->wait = (struct awaitable){ 0 };
	PQclear(c->result);
	c->result = NULL;
	arena_reset(&c->arena);
	c->at = uv_now(c->conn.config->loop);
	if (c->broken) {
		if (!c->err)
			c->err = ERR_UNAVAILABLE;
		c->wait.done = true;
		return false;
	}
	c->err = ERR_NONE;
	c->sqlstate[0] = c->constraint[0] = c->message[0] = '\0';
	c->doing = doing;
	return true;
}

/* libpq refuses only when the connection is gone, or memory is. */
static struct awaitable *sent(struct copy *c, int ok)
{
	if (ok)
		conn_flush(&c->conn);
	else
		conn_fail(&c->conn, PQerrorMessage(c->conn.pg));
	return &c->wait;
}

/* ---- calls ---- */

struct awaitable *copy_ready(struct copy *c)
{
	if (!begin(c, COPY_CONNECTING))
		return &c->wait;
	if (c->conn.state == CONN_READY)
		done(c);
	return &c->wait;
}

struct awaitable *copy_script(struct copy *c, const char *sql)
{
	if (!begin(c, COPY_RESULTS))
		return &c->wait;
	return sent(c, PQsendQuery(c->conn.pg, sql));
}

static struct awaitable *send_query(struct copy *c, const char *text, int count, const Oid *types,
				    const struct db_values *v)
{
	static const int binary[STATEMENT_ARGS_MAX] = { [0 ... STATEMENT_ARGS_MAX - 1] = 1 };

	return sent(c, PQsendQueryParams(c->conn.pg, text, count, types, v->value, v->length, binary, 1));
}

struct awaitable *copy_run(struct copy *c, const struct statement *st, const void *args)
{
	struct db_values values = { 0 };
	Oid types[STATEMENT_ARGS_MAX];

	if (!begin(c, COPY_RESULTS))
		return &c->wait;
	for (size_t i = 0; i < st->arg_count; i++) {
		types[i] = db_type_oid(st->args[i].type);
		statement_encode(&st->args[i], args, &c->arena, &values);
	}
	return send_query(c, st->text, values.count, types, &values);
}

struct awaitable *copy_declare(struct copy *c, const struct statement *st, const struct choice *choice,
			       const void *args)
{
	struct composed *composed = compose(st, choice);
	struct db_values values = { 0 };
	struct str text;

	if (!begin(c, COPY_RESULTS)) {
		if (composed)
			composed_release(composed);
		return &c->wait;
	}
	if (!composed) {
		c->err = ERR_BUSY;
		done(c);
		return &c->wait;
	}
	composed_encode(composed, st, choice, args, &c->arena, &values);
	text = arena_printf(&c->arena, "DECLARE " CURSOR " NO SCROLL CURSOR FOR %s", composed->text);
	send_query(c, text.p, composed->arg_count, composed->oid, &values);
	composed_release(composed);
	return &c->wait;
}

struct awaitable *copy_fetch(struct copy *c, unsigned rows)
{
	char text[64];

	if (!begin(c, COPY_RESULTS))
		return &c->wait;
	snprintf(text, sizeof(text), "FETCH %u FROM " CURSOR, rows);
	return send_query(c, text, 0, NULL, &(struct db_values){ 0 });
}

struct awaitable *copy_in(struct copy *c, const char *sql)
{
	if (!begin(c, COPY_ROWS_BEGIN))
		return &c->wait;
	return sent(c, PQsendQuery(c->conn.pg, sql));
}

/* Done at once as long as the socket takes it all; else when it has taken it. */
struct awaitable *copy_put(struct copy *c, struct str bytes)
{
	if (!begin(c, COPY_ROWS))
		return &c->wait;
	sent(c, bytes.n == 0 || PQputCopyData(c->conn.pg, bytes.p, (int)bytes.n) == 1);
	if (c->doing == COPY_ROWS && !(c->conn.events & UV_WRITABLE))
		done(c);
	return &c->wait;
}

struct awaitable *copy_in_end(struct copy *c)
{
	if (!begin(c, COPY_RESULTS))
		return &c->wait;
	return sent(c, PQputCopyEnd(c->conn.pg, NULL) == 1);
}

/* ---- results ---- */

static void take_result(struct copy *c, PGresult *r)
{
	switch (PQresultStatus(r)) {
	case PGRES_TUPLES_OK:
		PQclear(c->result);
		c->result = r;
		return;
	case PGRES_COMMAND_OK:
	case PGRES_EMPTY_QUERY:
		break;
	case PGRES_FATAL_ERROR:
		note_error(c, r);
		break;
	default: /* a COPY that was not asked for: libpq would give this result for ever */
		conn_fail(&c->conn, "an answer of an unexpected kind");
		break;
	}
	PQclear(r);
}

void copy_read(struct copy *c)
{
	c->at = uv_now(c->conn.config->loop);
	while ((c->doing == COPY_RESULTS || c->doing == COPY_ROWS_BEGIN) && !PQisBusy(c->conn.pg)) {
		PGresult *r = PQgetResult(c->conn.pg);

		if (!r) {
			if (PQstatus(c->conn.pg) == CONNECTION_OK)
				done(c);
			return; /* of a lost connection nothing more comes: conn tells */
		}
		if (c->doing == COPY_ROWS_BEGIN && PQresultStatus(r) == PGRES_COPY_IN) {
			PQclear(r);
			done(c);
			return;
		}
		take_result(c, r);
	}
}

void copy_written(struct copy *c)
{
	c->at = uv_now(c->conn.config->loop);
	if (c->doing == COPY_ROWS)
		done(c);
}
