#include "copy_pool.h"

#include "base/mem.h"

#include <stdlib.h>

#define TICK_MS UINT64_C(50)

/* Beyond the own timeout of the server, before a silent connection is given up. */
#define SILENCE_GRACE_MS   2000
#define SILENCE_DEFAULT_MS 15000

/* A connection is on the list of those that are free, or taken. */
struct copy_pool {
	struct copy_pool_config config;
	struct copy *copies;
	struct list free; /* last given back first, so that the rest can be closed */
	struct list taken;
	uv_timer_t timer;
	bool closing;
	void (*closed)(void *);
	void *closed_arg;
};

static struct copy *copy_of(struct conn *c)
{
	return list_entry(c, struct copy, conn);
}

static uint64_t now(const struct copy *c)
{
	return uv_now(c->conn.config->loop);
}

/* ---- the connection ---- */

static void ready(struct conn *conn)
{
	struct copy *c = copy_of(conn);

	c->at = now(c);
	if (c->doing == COPY_CONNECTING) {
		c->doing = COPY_NOTHING;
		await_done(&c->wait);
	}
}

static void io(struct conn *conn)
{
	copy_read(copy_of(conn));
}

static void lost(struct conn *conn)
{
	copy_lost(copy_of(conn));
}

static void written(struct conn *conn)
{
	copy_written(copy_of(conn));
}

static const struct conn_owner conn_events = { ready, io, lost, written };

/* ---- time ---- */

static void tick_taken(struct copy *c)
{
	uint64_t waited = now(c) - c->at;

	if (c->broken)
		return; /* what was open on it is gone, so that another one is of no use to its holder */
	conn_tick(&c->conn);
	if (c->doing == COPY_CONNECTING && waited > c->pool->config.conn.connect_timeout_ms)
		copy_lost(c);
	else if (c->doing > COPY_CONNECTING && waited > c->patience_ms)
		conn_fail(&c->conn, "no answer for too long");
}

static void tick_free(struct copy *c)
{
	if (c->conn.state != CONN_CLOSED && now(c) - c->at > c->pool->config.keep_ms)
		conn_close(&c->conn);
}

static void tick(uv_timer_t *timer)
{
	struct copy_pool *p = timer->data;

	for (unsigned i = 0; i < p->config.connections; i++) {
		if (p->copies[i].taken)
			tick_taken(&p->copies[i]);
		else
			tick_free(&p->copies[i]);
	}
}

/* The timer runs while there is a connection to look after. */
static bool anything_open(const struct copy_pool *p)
{
	for (unsigned i = 0; i < p->config.connections; i++) {
		if (p->copies[i].taken || p->copies[i].conn.state != CONN_CLOSED)
			return true;
	}
	return false;
}

static void tick_or_rest(uv_timer_t *timer)
{
	struct copy_pool *p = timer->data;

	tick(timer);
	if (!anything_open(p))
		uv_timer_stop(timer);
}

/* ---- taking and giving back ---- */

struct copy *copy_take(struct copy_pool *p)
{
	struct list *node = p->closing ? NULL : list_pop(&p->free);
	struct copy *c;

	if (!node)
		return NULL;
	c = list_entry(node, struct copy, node);
	list_append(&p->taken, &c->node);
	c->taken = true;
	c->broken = false;
	c->err = ERR_NONE;
	c->patience_ms = p->config.conn.statement_timeout_ms
				 ? p->config.conn.statement_timeout_ms + SILENCE_GRACE_MS
				 : SILENCE_DEFAULT_MS;
	if (c->conn.state != CONN_READY)
		conn_open(&c->conn);
	if (!uv_is_active((uv_handle_t *)&p->timer))
		uv_timer_start(&p->timer, tick_or_rest, TICK_MS, TICK_MS);
	return c;
}

/* Whether nothing is going on and no transaction is open: as good as new. */
static bool is_clean(const struct copy *c)
{
	return !c->broken && c->doing == COPY_NOTHING && c->conn.state == CONN_READY &&
	       PQtransactionStatus(c->conn.pg) == PQTRANS_IDLE;
}

static void forget_last_call(struct copy *c)
{
	PQclear(c->result);
	c->result = NULL;
	arena_reset(&c->arena);
	c->wait = (struct awaitable){ 0 };
	c->doing = COPY_NOTHING;
}

void copy_give_back(struct copy *c)
{
	if (!c->taken)
		return;
	if (!is_clean(c))
		conn_close(&c->conn);
	forget_last_call(c);
	c->taken = false;
	c->at = now(c);
	list_remove(&c->node);
	if (c->conn.state == CONN_READY)
		list_prepend(&c->pool->free, &c->node);
	else
		list_append(&c->pool->free, &c->node);
}

void copy_give_back_deferred(void *c)
{
	copy_give_back(c);
}

void copy_pool_stats(const struct copy_pool *p, struct copy_stats *out)
{
	*out = (struct copy_stats){ .size = p->config.connections };
	for (unsigned i = 0; i < p->config.connections; i++) {
		out->taken += p->copies[i].taken;
		out->open += p->copies[i].conn.state == CONN_READY;
	}
}

/* ---- life ---- */

struct copy_pool *copy_pool_create(const struct copy_pool_config *config)
{
	struct copy_pool *p = mem_zalloc(1, sizeof(*p));

	p->config = *config;
	p->copies = mem_zalloc(config->connections, sizeof(*p->copies));
	list_init(&p->free);
	list_init(&p->taken);
	for (unsigned i = 0; i < config->connections; i++) {
		p->copies[i].pool = p;
		conn_init(&p->copies[i].conn, &p->config.conn, &conn_events, false);
		list_append(&p->free, &p->copies[i].node);
	}
	uv_timer_init(config->conn.loop, &p->timer);
	p->timer.data = p;
	return p;
}

static void timer_closed(uv_handle_t *handle)
{
	struct copy_pool *p = handle->data;

	p->closed(p->closed_arg);
	free(p->copies);
	free(p);
}

void copy_pool_close(struct copy_pool *p, void (*closed)(void *), void *arg)
{
	p->closing = true;
	p->closed = closed;
	p->closed_arg = arg;
	for (unsigned i = 0; i < p->config.connections; i++) {
		struct copy *c = &p->copies[i];

		if (c->taken && !c->broken)
			copy_lost(c);
		conn_close(&c->conn);
		PQclear(c->result);
		c->result = NULL;
		arena_reset(&c->arena);
	}
	uv_close((uv_handle_t *)&p->timer, timer_closed);
}
