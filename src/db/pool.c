#include "db/pool.h"

#include "base/mem.h"
#include "db/lane.h"
#include "db/row.h"
#include "db/stats.h"
#include "io/turn.h"

#include <stdlib.h>

#define TICK_MS 50

struct db {
	struct db_config config;
	struct lane lane[DB_LANE_COUNT];
	struct turn_hook hook;
	uv_timer_t timer;
	void (*closed)(void *);
	void *closed_arg;
};

struct lane *db_lane_of(struct db *db, enum db_lane lane)
{
	return &db->lane[lane];
}

static void end_of_turn(struct turn_hook *h)
{
	struct db *db = list_entry(h, struct db, hook);

	for (int i = 0; i < DB_LANE_COUNT; i++)
		lane_dispatch(&db->lane[i]);
}

static void tick(uv_timer_t *timer)
{
	struct db *db = timer->data;

	for (int i = 0; i < DB_LANE_COUNT; i++)
		lane_tick(&db->lane[i]);
}

struct db *db_create(uv_loop_t *loop, const struct db_config *config)
{
	struct db *db = mem_zalloc(1, sizeof(*db));

	db->config = *config;
	db->config.conn.loop = loop;
	for (int i = 0; i < DB_LANE_COUNT; i++)
		lane_init(&db->lane[i], db, (enum db_lane)i, &db->config.conn, config->connections[i],
			  config->queue_max);
	db->hook.run = end_of_turn;
	list_init(&db->hook.node);
	turn_add_hook(&db->hook);
	uv_timer_init(loop, &db->timer);
	db->timer.data = db;
	return db;
}

void db_open(struct db *db)
{
	uv_timer_start(&db->timer, tick, TICK_MS, TICK_MS);
	for (int i = 0; i < DB_LANE_COUNT; i++)
		lane_open(&db->lane[i]);
}

static void timer_closed(uv_handle_t *h)
{
	struct db *db = h->data;

	db->closed(db->closed_arg);
}

void db_close(struct db *db, void (*closed)(void *), void *arg)
{
	db->closed = closed;
	db->closed_arg = arg;
	turn_remove_hook(&db->hook);
	for (int i = 0; i < DB_LANE_COUNT; i++)
		lane_close(&db->lane[i]);
	uv_close((uv_handle_t *)&db->timer, timer_closed);
}

void db_free(struct db *db)
{
	for (int i = 0; i < DB_LANE_COUNT; i++)
		lane_free(&db->lane[i]);
	free(db);
	compose_stop();
	row_stop();
	statement_stats_stop();
}

void db_disconnect(struct db *db, const char *why)
{
	for (int i = 0; i < DB_LANE_COUNT; i++)
		lane_disconnect(&db->lane[i], why);
}

bool db_ready(const struct db *db)
{
	for (int i = 0; i < DB_LANE_COUNT; i++) {
		if (!lane_ready(&db->lane[i]))
			return false;
	}
	return true;
}

void db_stats(const struct db *db, enum db_lane kind, struct lane_stats *out)
{
	const struct lane *l = &db->lane[kind];

	*out = (struct lane_stats){
		.size = l->pipe_count,
		.queued = lane_queued(l),
		.operations = l->operations,
		.groups = l->groups,
		.refused = l->refused,
		.wait = l->wait,
		.group_sizes = l->group_sizes,
	};
	for (unsigned i = 0; i < l->pipe_count; i++) {
		out->ready += l->pipes[i].conn.state == CONN_READY;
		out->in_flight += l->pipes[i].in_flight_count;
		out->reconnects += l->pipes[i].conn.reconnects;
	}
}
