#include "db/listen.h"

#include "base/buf.h"
#include "base/list.h"
#include "base/mem.h"

#include <stdlib.h>

#define TICK_MS 50

struct listen {
	struct conn conn;
	const char *const *channels;
	const struct listen_owner *owner;
	void *arg;
	bool on;
	uv_timer_t timer;
	void (*closed)(void *);
	void *closed_arg;
};

static struct listen *listen_of(struct conn *c)
{
	return list_entry(c, struct listen, conn);
}

static void turn_on(struct listen *l, bool on)
{
	if (l->on == on)
		return;
	l->on = on;
	l->owner->listening(l->arg, on);
}

/* The channels are names of ours, not input. */
static void ready(struct conn *c)
{
	struct listen *l = listen_of(c);
	struct buf sql = { 0 };
	int sent;

	for (const char *const *name = l->channels; *name; name++)
		buf_printf(&sql, "LISTEN %s;", *name);
	buf_add_char(&sql, '\0');
	sent = PQsendQuery(c->pg, sql.p);
	buf_free(&sql);
	if (sent)
		conn_flush(c);
	else
		conn_fail(c, PQerrorMessage(c->pg));
}

static void hear(struct listen *l)
{
	PGnotify *n;

	while ((n = PQnotifies(l->conn.pg))) {
		l->owner->notified(l->arg, str_of(n->relname), str_of(n->extra));
		PQfreemem(n);
	}
}

static void io(struct conn *c)
{
	struct listen *l = listen_of(c);

	while (!PQisBusy(c->pg)) {
		PGresult *r = PQgetResult(c->pg);
		bool failed = r && PQresultStatus(r) != PGRES_COMMAND_OK;

		PQclear(r);
		if (!r) {
			if (PQstatus(c->pg) == CONNECTION_OK)
				turn_on(l, true);
			break;
		}
		if (failed) {
			conn_fail(c, PQerrorMessage(c->pg));
			return;
		}
	}
	hear(l);
}

static void lost(struct conn *c)
{
	turn_on(listen_of(c), false);
}

static const struct conn_owner conn_events = { ready, io, lost, NULL };

static void tick(uv_timer_t *timer)
{
	struct listen *l = timer->data;

	conn_tick(&l->conn);
}

struct listen *listen_create(const struct conn_config *config, const char *const *channels,
			     const struct listen_owner *owner, void *arg)
{
	struct listen *l = mem_zalloc(1, sizeof(*l));

	l->channels = channels;
	l->owner = owner;
	l->arg = arg;
	conn_init(&l->conn, config, &conn_events, false);
	uv_timer_init(config->loop, &l->timer);
	l->timer.data = l;
	return l;
}

void listen_open(struct listen *l)
{
	uv_timer_start(&l->timer, tick, TICK_MS, TICK_MS);
	conn_open(&l->conn);
}

static void timer_closed(uv_handle_t *h)
{
	struct listen *l = h->data;

	l->closed(l->closed_arg);
	free(l);
}

void listen_close(struct listen *l, void (*closed)(void *), void *arg)
{
	l->closed = closed;
	l->closed_arg = arg;
	conn_close(&l->conn);
	uv_close((uv_handle_t *)&l->timer, timer_closed);
}
