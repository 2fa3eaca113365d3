#include "db/lane.h"

#include "base/mem.h"

#include <stdlib.h>

/* Operations that share a Sync, at most: larger groups gain nothing and make the first wait for the last. */
#define READ_GROUP 64
#define SLOW_GROUP 4
/* Writes in flight on one connection: the next is there when a commit ends. */
#define WRITE_DEPTH 2
/* How long the queue waits for a connection that was lost before it says that the database is away. */
#define PATIENCE_MS 1000

static size_t capacity(const struct lane *l)
{
	return l->kind == DB_WRITE ? WRITE_DEPTH : 1;
}

/* The one place that moves a pipe between the lists. */
static void place(struct lane *l, struct pipe *p)
{
	struct list *to = &l->down;

	if (p->conn.state == CONN_READY)
		to = p->in_flight_count < capacity(l) ? &l->usable : &l->full;
	list_remove(&p->node);
	list_append(to, &p->node);
	if (!list_empty(&l->usable) || !list_empty(&l->full))
		l->down_since = 0;
	else if (l->down_since == 0)
		l->down_since = uv_now(l->loop);
}

static void on_changed(struct pipe *p)
{
	place(p->lane, p);
}

static void on_again(struct pipe *p, struct op *op)
{
	struct lane *l = p->lane;

	op->alone = true;
	op->attempts++;
	list_remove(&op->node);
	if (!l->open || op->attempts > 3) {
		op_finish(op, ERR_UNAVAILABLE);
		return;
	}
	list_prepend(&l->queue, &op->node);
	l->queued++;
}

static const struct pipe_owner pipe_events = { on_changed, on_again };

void lane_init(struct lane *l, enum db_lane kind, uv_loop_t *loop, const struct conn_config *config,
	       unsigned connections, size_t queue_max)
{
	*l = (struct lane){ .kind = kind, .loop = loop, .pipe_count = connections, .queue_max = queue_max };
	list_init(&l->queue);
	list_init(&l->usable);
	list_init(&l->full);
	list_init(&l->down);
	l->pipes = mem_zalloc(connections, sizeof(*l->pipes));
	for (unsigned i = 0; i < connections; i++) {
		pipe_init(&l->pipes[i], config, &pipe_events, l);
		list_append(&l->down, &l->pipes[i].node);
	}
}

void lane_open(struct lane *l)
{
	l->open = true;
	l->down_since = uv_now(l->loop);
	for (unsigned i = 0; i < l->pipe_count; i++)
		conn_open(&l->pipes[i].conn);
}

static void fail_queued(struct lane *l, enum err err)
{
	struct list *node;

	while ((node = list_pop(&l->queue))) {
		l->queued--;
		op_finish(list_entry(node, struct op, node), err);
	}
}

void lane_close(struct lane *l)
{
	l->open = false;
	fail_queued(l, ERR_SHUTTING_DOWN);
	for (unsigned i = 0; i < l->pipe_count; i++)
		pipe_close(&l->pipes[i]);
}

void lane_free(struct lane *l)
{
	for (unsigned i = 0; i < l->pipe_count; i++)
		pipe_free(&l->pipes[i]);
	free(l->pipes);
}

static bool is_away(const struct lane *l)
{
	return l->down_since && uv_now(l->loop) - l->down_since > PATIENCE_MS;
}

enum err lane_submit(struct lane *l, struct op *op)
{
	if (!l->open || is_away(l)) {
		l->refused++;
		return ERR_UNAVAILABLE;
	}
	if (l->queued >= l->queue_max) {
		l->refused++;
		return ERR_BUSY;
	}
	list_append(&l->queue, &op->node);
	l->queued++;
	l->operations++;
	return ERR_NONE;
}

/* The next operation that somebody still waits for. */
static struct op *take(struct lane *l)
{
	struct list *node;

	while ((node = list_pop(&l->queue))) {
		struct op *op = list_entry(node, struct op, node);

		l->queued--;
		if (op->reply)
			return op;
		op_finish(op, ERR_NONE);
	}
	return NULL;
}

static bool next_is_alone(struct lane *l)
{
	struct list *node = list_first(&l->queue);

	return node && list_entry(node, struct op, node)->alone;
}

static size_t share(const struct lane *l)
{
	if (l->kind == DB_WRITE)
		return 1;
	return l->kind == DB_READ ? READ_GROUP : SLOW_GROUP;
}

/* Sends one group: for writes one operation. */
static void send_group(struct lane *l, struct pipe *p)
{
	size_t most = share(l);
	struct op *op = take(l);

	for (size_t sent = 1; op; sent++) {
		bool last = sent == most || op->alone || next_is_alone(l) || list_empty(&l->queue);
		struct op *next;

		pipe_send(p, op, last);
		if (last)
			break;
		next = take(l);
		if (!next)
			pipe_sync(p); /* those that were left behind it had been abandoned */
		op = next;
	}
	l->groups++;
}

void lane_dispatch(struct lane *l)
{
	struct list *node;

	while (l->queued && (node = list_first(&l->usable))) {
		struct pipe *p = list_entry(node, struct pipe, node);

		send_group(l, p);
		place(l, p);
	}
	for (unsigned i = 0; i < l->pipe_count; i++)
		pipe_flush(&l->pipes[i]);
}

void lane_tick(struct lane *l)
{
	if (l->open && is_away(l))
		fail_queued(l, ERR_UNAVAILABLE);
	for (unsigned i = 0; i < l->pipe_count; i++)
		pipe_tick(&l->pipes[i]);
}

bool lane_ready(const struct lane *l)
{
	return l->open && l->down_since == 0;
}
