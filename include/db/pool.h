/*
 * The pool: lanes of pipelined connections, each lane with a bounded queue.
 *
 *	submit → lane queue → (end of the turn) → a pipe that is free → results → reply
 *
 * Read lanes work by smart batching: while a group is in flight on a connection, what arrives collects in the
 * queue; then it leaves together, with one Sync and one flush. Writes have a Sync each.
 */
#ifndef BUGD_DB_POOL_H
#define BUGD_DB_POOL_H

#include "base/histogram.h"
#include "db/conn.h"
#include "db/reply.h"

struct db_config {
	struct conn_config conn;
	unsigned connections[DB_LANE_COUNT]; /* a lane without any refuses what it is given */
	size_t queue_max;                    /* operations that wait, per lane */
};

/* `config` is copied; its texts must live as long as the pool. */
struct db *db_create(uv_loop_t *loop, const struct db_config *config);

/* Starts to connect. Until then every operation fails with ERR_UNAVAILABLE. */
void db_open(struct db *db);

/* Fails what waits, closes all connections; `closed` is called when the loop holds nothing of the pool. */
void db_close(struct db *db, void (*closed)(void *), void *arg);
void db_free(struct db *db);

/* Gives up all connections that are ready, as somebody knows that they are of no use, and connects again. */
void db_disconnect(struct db *db, const char *why);

/* Whether at least one connection of every lane is ready. */
bool db_ready(const struct db *db);

struct lane_stats {
	unsigned size, ready;
	size_t queued, in_flight;
	uint64_t reconnects, operations, groups, refused;
	struct histogram wait;        /* in the queue, microseconds */
	struct histogram group_sizes; /* operations that left together */
};

void db_stats(const struct db *db, enum db_lane lane, struct lane_stats *out);

#endif
