/* A lane of the pool: a bounded queue and the pipes that serve it. Part of the pool; see db/pool.h. */
#ifndef BUGD_DB_LANE_H
#define BUGD_DB_LANE_H

#include "db/fair_queue.h"
#include "db/pool.h"

struct lane {
	struct db *db;
	enum db_lane kind;
	uv_loop_t *loop;
	bool open;
	struct fair_queue queue;
	struct fair_queue large; /* those that take long and must not be sent yet */
	unsigned admitted;       /* of the large ones, those that are in `queue` or in flight */
	size_t queue_max;        /* of both together */
	struct pipe *pipes;
	unsigned pipe_count;
	struct list usable;   /* pipes that are ready and take more; in order of use */
	struct list full;     /* pipes that are ready and have as much in flight as they take */
	struct list down;     /* pipes without a connection */
	uint64_t patience_ms; /* without a connection, before what waits fails */
	uint64_t down_since;  /* of uv_now: since when no pipe is ready; 0 when one is */
	uint64_t operations, groups, refused;
	struct histogram wait, group_sizes; /* see struct lane_stats */
};

void lane_init(struct lane *l, struct db *db, enum db_lane kind, const struct conn_config *config,
	       unsigned connections, size_t queue_max);
void lane_open(struct lane *l);
void lane_disconnect(struct lane *l, const char *why);
void lane_close(struct lane *l);
void lane_free(struct lane *l);

/* How many operations wait. */
size_t lane_queued(const struct lane *l);

/* Queues the operation, or says why not. */
enum err lane_submit(struct lane *l, struct op *op);

/* Sends what waits, as far as pipes are free. At the end of a turn. */
void lane_dispatch(struct lane *l);
void lane_tick(struct lane *l);
bool lane_ready(const struct lane *l);

struct lane *db_lane_of(struct db *db, enum db_lane lane);

#endif
