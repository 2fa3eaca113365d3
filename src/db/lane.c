#include "db/lane.h"

#include "base/clock.h"
#include "base/mem.h"
#include "db/batch.h"

#include <stdlib.h>

/* Lookups that share a Sync, at most: larger groups gain nothing and make the first wait for the last. */
#define READ_GROUP 64
/*
 * Slow statements in flight on one connection. The next is there when one ends, and each has a Sync: the server
 * keeps an answer back until the Sync behind it, so that a short list would wait for a long one.
 */
#define SLOW_GROUP 4
/* Writes in flight on one connection: the next is there when a commit ends. */
#define WRITE_DEPTH 2
/*
 * Of the connections for writes one in so many may be busy with writes that take long, and at least one. They share
 * the disk and the locks with the others anyway; more of them at a time would make each slower. In the slow lane it is
 * all but one, which is left for the lists that end soon.
 */
#define LARGE_SHARE 4
/* Of what may wait in the slow lane, so much may be one person's. */
#define OWNER_SHARE 4
/* How long the queue waits for a connection that was lost before it says that the database is away. */
#define PATIENCE_MS 1000
/* How long after the first connection of a lane the others follow. */
#define FURTHER_MS 100

/* Nothing is sent behind a write that takes long. */
static bool is_taken(const struct lane *l, struct pipe *p)
{
	if (l->admitted == 0)
		return false;
	list_for_each(&p->in_flight, it, next) {
		if (list_entry(it, struct op, node)->large)
			return true;
	}
	return false;
}

static bool takes_more(const struct lane *l, struct pipe *p)
{
	return pipe_takes(p, l->kind == DB_WRITE ? WRITE_DEPTH : 1) && !is_taken(l, p);
}

/* The one place that moves a pipe between the lists. */
static void place(struct lane *l, struct pipe *p)
{
	struct list *to = &l->down;

	if (p->conn.state == CONN_READY)
		to = takes_more(l, p) ? &l->usable : &l->full;
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

/* Back to the front of the queue. */
static void put_back(struct lane *l, struct op *op)
{
	op->alone = true;
	op->attempts++;
	list_remove(&op->node);
	/* What a replica did not do the primary does at once. */
	if (op->replica && op->reply && l->open) {
		op_finish(op, ERR_UNAVAILABLE);
		return;
	}
	if (!op->reply || !l->open || op->attempts > 3) {
		op_finish(op, l->open ? ERR_UNAVAILABLE : ERR_SHUTTING_DOWN);
		return;
	}
	fair_queue_prepend(op->large && !op->admitted ? &l->large : &l->queue, op);
}

static void on_again(struct pipe *p, struct op *op)
{
	struct op *member;

	if (!op->batch) {
		put_back(p->lane, op);
		return;
	}
	while ((member = batch_pop(op)))
		put_back(p->lane, member);
	op_finish(op, ERR_NONE);
}

static const struct pipe_owner pipe_events = { on_changed, on_again };

void lane_init(struct lane *l, struct db *db, enum db_lane kind, const struct conn_config *config,
	       unsigned connections, size_t queue_max)
{
	*l = (struct lane){ .db = db, .kind = kind, .loop = config->loop };
	l->pipe_count = connections;
	l->patience_ms = PATIENCE_MS;
	l->queue_max = queue_max;
	/* Lookups are over before anybody could have a turn. */
	fair_queue_init(&l->queue, kind == DB_READ ? 1 : FAIR_QUEUE_LISTS);
	fair_queue_init(&l->large, kind == DB_READ ? 1 : FAIR_QUEUE_LISTS);
	list_init(&l->usable);
	list_init(&l->full);
	list_init(&l->down);
	l->pipes = connections ? mem_zalloc(connections, sizeof(*l->pipes)) : NULL;
	for (unsigned i = 0; i < connections; i++) {
		pipe_init(&l->pipes[i], config, &pipe_events, l);
		list_append(&l->down, &l->pipes[i].node);
	}
}

void lane_open(struct lane *l)
{
	l->open = true;
	l->down_since = uv_now(l->loop);
	/* PostgreSQL starts a process for each connection; the first ones should not have to wait for the rest. */
	if (l->pipe_count)
		conn_open(&l->pipes[0].conn);
	for (unsigned i = 1; i < l->pipe_count; i++)
		conn_open_later(&l->pipes[i].conn, FURTHER_MS);
}

static void fail_all(struct fair_queue *queue, enum err err)
{
	struct op *op;

	while ((op = fair_queue_pop(queue)))
		op_finish(op, err);
}

static void fail_queued(struct lane *l, enum err err)
{
	fail_all(&l->queue, err);
	fail_all(&l->large, err);
}

void lane_close(struct lane *l)
{
	l->open = false;
	fail_queued(l, ERR_SHUTTING_DOWN);
	for (unsigned i = 0; i < l->pipe_count; i++)
		pipe_close(&l->pipes[i]);
}

void lane_disconnect(struct lane *l, const char *why)
{
	for (unsigned i = 0; i < l->pipe_count; i++) {
		if (l->pipes[i].conn.state == CONN_READY)
			conn_fail(&l->pipes[i].conn, why);
	}
}

void lane_free(struct lane *l)
{
	for (unsigned i = 0; i < l->pipe_count; i++)
		pipe_free(&l->pipes[i]);
	free(l->pipes);
	fair_queue_free(&l->queue);
	fair_queue_free(&l->large);
}

size_t lane_queued(const struct lane *l)
{
	return l->queue.count + l->large.count;
}

static bool is_full_for(const struct lane *l, const struct op *op)
{
	size_t own = fair_queue_list(&l->queue, op)->count + fair_queue_list(&l->large, op)->count;

	if (lane_queued(l) >= l->queue_max)
		return true;
	return l->kind == DB_SLOW && op->owner && own > l->queue_max / OWNER_SHARE;
}

static bool is_away(const struct lane *l)
{
	return l->down_since && uv_now(l->loop) - l->down_since > l->patience_ms;
}

enum err lane_submit(struct lane *l, struct op *op)
{
	if (!l->open || is_away(l)) {
		l->refused++;
		return ERR_UNAVAILABLE;
	}
	if (is_full_for(l, op)) {
		l->refused++;
		return ERR_BUSY;
	}
	op->submitted_us = clock_mono_us();
	fair_queue_append(op->large ? &l->large : &l->queue, op);
	l->operations++;
	return ERR_NONE;
}

static unsigned most_large(const struct lane *l)
{
	unsigned most = l->kind == DB_SLOW ? l->pipe_count - 1 : l->pipe_count / LARGE_SHARE;

	return most && l->pipe_count ? most : 1;
}

/* Lets as many of the large ones into the queue as may run; in front, as nobody else may meanwhile. */
static void admit(struct lane *l)
{
	unsigned most = most_large(l);
	struct op *op;

	while (l->admitted < most && (op = fair_queue_pop(&l->large))) {
		op->admitted = &l->admitted;
		l->admitted++;
		fair_queue_prepend(&l->queue, op);
	}
}

/* The next operation that somebody still waits for. */
static struct op *take(struct lane *l)
{
	struct op *op;

	while ((op = fair_queue_pop(&l->queue))) {
		if (op->reply)
			return op;
		op_finish(op, ERR_NONE);
	}
	return NULL;
}

/* The next operation, together with those of its owner that wait and that one execution can answer as well. */
static struct op *take_batch(struct lane *l)
{
	struct op *op = take(l), *batch = NULL;
	struct fair_queue *queue;
	size_t looked_at = 0;

	if (!op || l->kind == DB_WRITE || !batch_possible(op))
		return op;
	queue = op->large ? &l->large : &l->queue;
	list_for_each(&fair_queue_list(queue, op)->ops, it, next) {
		struct op *other = list_entry(it, struct op, node);

		if (looked_at++ == 2 * BATCH_MAX)
			break;
		if (!batch_fits(op, other))
			continue;
		if (!batch)
			batch = batch_begin(op);
		if (!batch_add(batch, other))
			break;
		fair_queue_remove(queue, other);
	}
	if (!batch)
		return op;
	batch_end(batch);
	return batch;
}

/* How many operations a pipe gets at a time. Slow ones are spread over all pipes that are free. */
static size_t share(const struct lane *l)
{
	size_t usable = 1, each; /* there is the one that asks */

	if (l->kind != DB_SLOW)
		return l->kind == DB_READ ? READ_GROUP : 1;
	for (struct list *it = l->usable.next->next; it != &l->usable; it = it->next)
		usable++;
	each = (l->queue.count + usable - 1) / usable;
	return each < SLOW_GROUP ? each : SLOW_GROUP;
}

/* Sends what leaves together: for writes one operation, for lookups a group with one Sync. */
static void send_group(struct lane *l, struct pipe *p)
{
	size_t most = share(l), waiting = lane_queued(l);
	struct op *op = take_batch(l), *next;

	if (op)
		l->groups++;
	for (size_t sent = 1; op; sent++) {
		next = sent < most && !op->large ? take_batch(l) : NULL;
		histogram_add(&l->wait, &histogram_durations, clock_mono_us() - op->submitted_us);
		pipe_send(p, op, !next || l->kind != DB_READ || op->alone || next->alone);
		op = next;
	}
	if (lane_queued(l) < waiting)
		histogram_add(&l->group_sizes, &histogram_sizes, waiting - lane_queued(l));
}

static void send_queued(struct lane *l)
{
	struct list *node;

	admit(l);
	while (l->queue.count && (node = list_first(&l->usable))) {
		struct pipe *p = list_entry(node, struct pipe, node);

		send_group(l, p);
		place(l, p);
	}
}

void lane_dispatch(struct lane *l)
{
	/* A connection that turns out to be lost gives operations back, which may go to another at once. */
	do {
		send_queued(l);
		for (unsigned i = 0; i < l->pipe_count; i++)
			pipe_flush(&l->pipes[i]);
	} while (l->queue.count && !list_empty(&l->usable));
}

void lane_tick(struct lane *l)
{
	if (l->open && is_away(l))
		fail_queued(l, ERR_UNAVAILABLE);
	for (unsigned i = 0; i < l->pipe_count; i++) {
		pipe_tick(&l->pipes[i]);
		if (l->kind == DB_SLOW)
			pipe_cancel_abandoned(&l->pipes[i], l->db);
	}
}

bool lane_ready(const struct lane *l)
{
	return l->open && l->down_since == 0;
}
