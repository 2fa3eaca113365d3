#include "db/conn.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/rand.h"
#include "db/resolve.h"

#include <stdlib.h>
#include <string.h>

#define RETRY_FIRST_MS UINT64_C(50)
#define RETRY_MOST_MS  800

/* A poll handle outlives its connection until libuv has closed it. */
struct conn_poll {
	uv_poll_t handle;
	struct conn *conn; /* NULL once it is closing */
};

static void setup_results(struct conn *c);

void conn_init(struct conn *c, const struct conn_config *config, const struct conn_owner *owner,
	       bool pipelined)
{
	*c = (struct conn){ .config = config, .owner = owner, .pipelined = pipelined };
}

static void poll_freed(uv_handle_t *h)
{
	free(h->data);
}

static void poll_drop(struct conn *c)
{
	if (!c->poll)
		return;
	c->poll->conn = NULL;
	uv_close((uv_handle_t *)&c->poll->handle, poll_freed);
	c->poll = NULL;
	c->events = 0;
}

static void notices(void *arg, const PGresult *r)
{
	const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);

	(void)arg;
	log_event(LOG_DEBUG, "db", "notice", "%s", text ? text : "");
}

static void drop(struct conn *c)
{
	poll_drop(c);
	PQfinish(c->pg);
	c->pg = NULL;
}

static void wait_and_retry(struct conn *c)
{
	uint64_t pause = RETRY_FIRST_MS << (c->attempts < 4 ? c->attempts : 4);

	if (pause > RETRY_MOST_MS)
		pause = RETRY_MOST_MS;
	/* Jitter, so that all connections of all processes do not come back in step. */
	pause = pause / 2 + rand_u64() % (pause / 2 + 1);
	c->attempts++;
	c->retry_at = uv_now(c->config->loop) + pause;
	c->state = CONN_WAITING;
}

/* libpq's texts end in a newline and may have several lines; the first says it. */
static void log_failure(const struct conn *c, const char *what, const char *why)
{
	/* Once a series, not at each attempt. */
	if (c->attempts > 0 && c->attempts % 32 != 0)
		return;
	log_begin(LOG_WARN, "db", what);
	log_str("reason", (struct str){ why, strcspn(why, "\n") });
	log_end();
}

void conn_fail(struct conn *c, const char *why)
{
	bool was_ready = c->state == CONN_READY;

	log_failure(c, was_ready ? "connection lost" : "connection failed", why);
	if (was_ready)
		c->owner->lost(c);
	drop(c);
	wait_and_retry(c);
}

static void on_poll(uv_poll_t *handle, int status, int events);

static bool poll_make(struct conn *c)
{
	struct conn_poll *p = mem_zalloc(1, sizeof(*p));

	poll_drop(c);
	if (uv_poll_init(c->config->loop, &p->handle, PQsocket(c->pg)) != 0) {
		free(p);
		return false;
	}
	p->handle.data = p;
	p->conn = c;
	c->poll = p;
	return true;
}

static void poll_events(struct conn *c, int events)
{
	if (c->events == events)
		return;
	c->events = events;
	uv_poll_start(&c->poll->handle, events, on_poll);
}

/*
 * What every session has: no time zone or style of the operator's, and bounds on time. Statements are planned
 * once and not for each value, as a lookup takes less time than its planning; none is compiled; and none
 * reads a whole table where an index can serve, however common the value may be in general. One statement,
 * so that a connection is ready after one round trip.
 */
static void send_setup(struct conn *c)
{
	static const char text[] = "SELECT set_config('TimeZone', 'UTC', false),"
				   " set_config('DateStyle', 'ISO, YMD', false),"
				   " set_config('IntervalStyle', 'iso_8601', false),"
				   " set_config('client_min_messages', 'warning', false),"
				   " set_config('plan_cache_mode', 'force_generic_plan', false),"
				   " set_config('jit', 'off', false),"
				   " set_config('enable_seqscan', 'off', false),"
				   " set_config('statement_timeout', $1, false),"
				   " set_config('lock_timeout', $1, false),"
				   " set_config('idle_in_transaction_session_timeout', $1, false),"
				   " pg_backend_pid()";
	char timeout[24];
	const char *const values[] = { timeout };

	snprintf(timeout, sizeof(timeout), "%llu", (unsigned long long)c->config->statement_timeout_ms);
	c->state = CONN_SETUP;
	if (PQsetnonblocking(c->pg, 1) != 0 ||
	    !PQsendQueryParams(c->pg, text, 1, NULL, values, NULL, NULL, 0)) {
		conn_fail(c, PQerrorMessage(c->pg));
		return;
	}
	conn_flush(c);
}

static void connect_step(struct conn *c)
{
	PostgresPollingStatusType next = PQconnectPoll(c->pg);

	if (next == PGRES_POLLING_FAILED || !poll_make(c)) {
		conn_fail(c, PQerrorMessage(c->pg));
		return;
	}
	if (next == PGRES_POLLING_OK) {
		send_setup(c);
		return;
	}
	poll_events(c, next == PGRES_POLLING_READING ? UV_READABLE : UV_WRITABLE);
}

static void begin_connect(struct conn *c, const struct resolve_params *params)
{
	c->pg = PQconnectStartParams(params->keywords, params->values, 0);
	if (!c->pg || PQstatus(c->pg) == CONNECTION_BAD || PQsocket(c->pg) < 0 || !poll_make(c)) {
		conn_fail(c, c->pg ? PQerrorMessage(c->pg) : "out of memory");
		return;
	}
	PQsetNoticeReceiver(c->pg, notices, NULL);
	c->state = CONN_CONNECTING;
	/* Before the first PQconnectPoll the socket counts as PGRES_POLLING_WRITING. */
	poll_events(c, UV_WRITABLE);
}

static void on_resolved(void *arg, const struct resolve_params *params, const char *error)
{
	struct conn *c = arg;

	if (params)
		begin_connect(c, params);
	else
		conn_fail(c, error);
}

void conn_open(struct conn *c)
{
	resolve_free(c->resolve);
	c->resolve = NULL;
	c->state = CONN_RESOLVING;
	c->give_up_at = uv_now(c->config->loop) + c->config->connect_timeout_ms;
	if (c->attempts)
		c->reconnects++;
	c->resolve = resolve_start(c->config->loop, c->config->url, c->timeouts, on_resolved, c);
}

void conn_open_later(struct conn *c, uint64_t pause_ms)
{
	c->state = CONN_WAITING;
	c->retry_at = uv_now(c->config->loop) + pause_ms;
}

void conn_close(struct conn *c)
{
	resolve_free(c->resolve);
	c->resolve = NULL;
	drop(c);
	c->state = CONN_CLOSED;
}

static void became_ready(struct conn *c)
{
	if (c->pipelined && !PQenterPipelineMode(c->pg)) {
		conn_fail(c, "pipeline mode was refused");
		return;
	}
	c->state = CONN_READY;
	c->attempts = 0;
	c->timeouts = 0;
	poll_events(c, UV_READABLE);
	c->owner->ready(c);
}

/* A pooler between us and the server has numbers of its own, which no statement can use. */
static void learn_pid(struct conn *c, const PGresult *r)
{
	int last = PQnfields(r) - 1;
	long pid = PQntuples(r) == 1 ? strtol(PQgetvalue(r, 0, last), NULL, 10) : 0;

	c->backend_pid = pid == PQbackendPID(c->pg) ? (int32_t)pid : 0;
}

static void setup_results(struct conn *c)
{
	while (!PQisBusy(c->pg)) {
		PGresult *r = PQgetResult(c->pg);

		if (!r) {
			became_ready(c);
			return;
		}
		if (PQresultStatus(r) != PGRES_TUPLES_OK) {
			PQclear(r);
			conn_fail(c, PQerrorMessage(c->pg));
			return;
		}
		learn_pid(c, r);
		PQclear(r);
	}
}

static void exchange_bytes(struct conn *c)
{
	int ok = PQconsumeInput(c->pg);

	/* Results that came before the end are still read; the owner looks at PQstatus itself. */
	if (c->state == CONN_READY) {
		c->owner->io(c);
		if (c->state == CONN_READY && (!ok || PQstatus(c->pg) == CONNECTION_BAD))
			conn_fail(c, PQerrorMessage(c->pg));
		return;
	}
	if (!ok) {
		conn_fail(c, PQerrorMessage(c->pg));
		return;
	}
	setup_results(c);
}

static void go_on_writing(struct conn *c)
{
	conn_flush(c);
	if (c->state == CONN_READY && !(c->events & UV_WRITABLE) && c->owner->written)
		c->owner->written(c);
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
	struct conn_poll *p = handle->data;
	struct conn *c = p->conn;

	if (!c)
		return;
	/* A refused or reset connection comes as an error status; libpq knows the reason. */
	if (c->state == CONN_CONNECTING) {
		connect_step(c);
		return;
	}
	if (events & UV_WRITABLE)
		go_on_writing(c);
	if ((events & UV_READABLE || status < 0) && (c->state == CONN_READY || c->state == CONN_SETUP))
		exchange_bytes(c);
	/* libuv has stopped the handle, so nothing more would be heard of the socket. */
	if (status < 0 && c->poll == p)
		conn_fail(c, uv_strerror(status));
}

/* libpq reads when it cannot write, and has found the end: no event comes of a socket that it has closed. */
static void flush_failed(struct conn *c)
{
	if (c->state == CONN_READY)
		c->owner->io(c); /* what the server said before it went away */
	if (c->state == CONN_READY || c->state == CONN_SETUP)
		conn_fail(c, PQerrorMessage(c->pg));
}

void conn_flush(struct conn *c)
{
	int more;

	if (!c->poll || (c->state != CONN_READY && c->state != CONN_SETUP))
		return;
	more = PQflush(c->pg);
	if (more < 0) {
		flush_failed(c);
		return;
	}
	poll_events(c, more ? UV_READABLE | UV_WRITABLE : UV_READABLE);
}

static void give_up(struct conn *c)
{
	/* Else the names could come while the connection waits for its next attempt. */
	resolve_free(c->resolve);
	c->resolve = NULL;
	c->timeouts++;
	conn_fail(c, "no answer within the connect timeout");
}

void conn_tick(struct conn *c)
{
	uint64_t now = uv_now(c->config->loop);

	if (c->state == CONN_WAITING && now >= c->retry_at)
		conn_open(c);
	else if (c->state > CONN_WAITING && c->state < CONN_READY && now >= c->give_up_at)
		give_up(c);
}
