#include "db/replica.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/lane.h"
#include "db/row.h"
#include "db/wal.h"
#include "io/turn.h"
#include "replica_probe.h"
#include "statements.h"

#include <stdlib.h>
#include <string.h>

#define TICK_MS 50

struct replica {
	struct replicas *all;
	const char *name;
	struct replica_probe probe;
	struct db *db;
	uint64_t as_of_us; /* all that was committed then is there */
	bool in_use;
	const char *why; /* it is not; of the log's last word */
	uint64_t reads, returned;
};

struct replicas {
	uv_loop_t *loop;
	struct db *primary;
	uint64_t max_lag_us;
	struct replica v[REPLICAS_MAX];
	size_t n;
	struct wal_clock clock;    /* of the primary */
	char lineage[LINEAGE_MAX]; /* likewise; "" until known */
	uint64_t sampled_us;
	struct arena sample_arena;
	struct db_reply *sample; /* what the primary is being asked */
	struct waker sampled;
	struct turn_task nudge;
	uint64_t passed;
	uv_timer_t timer;
	unsigned closing;
	void (*closed)(void *);
	void *closed_arg;
};

/* ---- who is in use ---- */

static uint64_t oldest_us(const struct replicas *all, uint64_t now_us)
{
	return now_us > all->max_lag_us ? now_us - all->max_lag_us : 1;
}

/* NULL: nothing speaks against it. */
static const char *objection(const struct replica *r, uint64_t now_us)
{
	const struct replicas *all = r->all;

	switch (r->probe.state) {
	case PROBE_SILENT:
		return "it does not answer";
	case PROBE_FAILED:
		return "it cannot say how far it is";
	case PROBE_PROMOTED:
		return "it is no standby: it was promoted, or never was one";
	case PROBE_STANDBY:
		break;
	}
	if (!all->lineage[0])
		return "the primary has not said how far it is";
	if (strcmp(r->probe.lineage, all->lineage) != 0)
		return "it does not follow the primary: another cluster, database or timeline";
	return r->as_of_us < oldest_us(all, now_us) ? "it is behind by more than REPLICA_MAX_LAG" : NULL;
}

static void judge(struct replica *r, uint64_t now_us)
{
	const char *why = objection(r, now_us);

	if (why == r->why && r->in_use == !why)
		return;
	log_begin(why ? LOG_WARN : LOG_INFO, "db", why ? "replica is not in use" : "replica is in use");
	log_str("replica", str_of(r->name));
	if (why)
		log_str("reason", str_of(why));
	log_end();
	r->why = why;
	r->in_use = !why;
}

static void probe_changed(struct replica_probe *p)
{
	struct replica *r = list_entry(p, struct replica, probe);

	r->as_of_us = p->state == PROBE_STANDBY ? wal_clock_at(&r->all->clock, p->lsn) : 0;
	judge(r, clock_mono_us());
}

/* ---- the primary ---- */

/* Places of another history say nothing of those of this one. */
static void learn_lineage(struct replicas *all, struct str lineage)
{
	if (str_eq_z(lineage, all->lineage) || lineage.n >= sizeof(all->lineage))
		return;
	all->clock = (struct wal_clock){ 0 };
	memcpy(all->lineage, lineage.p, lineage.n);
	all->lineage[lineage.n] = '\0';
	for (size_t i = 0; i < all->n; i++)
		all->v[i].as_of_us = 0;
}

static void sampled(struct waker *w)
{
	struct replicas *all = list_entry(w, struct replicas, sampled);
	const PGresult *r = all->sample->err ? NULL : all->sample->result[0];

	/* A standby that is taken for the primary (a failover is under way) knows of no place. */
	if (r && PQntuples(r) == 1 && !row_is_null(r, 0, 0)) {
		learn_lineage(all, row_text(r, 0, 1));
		wal_clock_add(&all->clock, (uint64_t)row_int(r, 0, 0), all->sampled_us);
	}
	all->sample = NULL;
	arena_reset(&all->sample_arena);
}

static void sample_primary(struct replicas *all, uint64_t now_us)
{
	if (all->sample || now_us - all->sampled_us < PROBE_EVERY_US)
		return;
	all->sampled_us = now_us;
	all->sampled.wake = sampled;
	all->sample = db_run(all->primary, &all->sample_arena, &statement_wal_position, NULL);
	all->sample->wait.waker = &all->sampled;
	if (all->sample->wait.done)
		sampled(&all->sampled);
}

static void tick(uv_timer_t *timer)
{
	struct replicas *all = timer->data;
	uint64_t now_us = clock_mono_us();

	sample_primary(all, now_us);
	for (size_t i = 0; i < all->n; i++) {
		struct replica *r = &all->v[i];

		/* What it was asked by others it will not answer either. */
		if (!probe_tick(&r->probe, now_us))
			db_disconnect(r->db, "the replica keeps silent");
		judge(r, now_us);
	}
}

/* ---- reads ---- */

static struct replica *choose(struct replicas *all, enum db_lane kind, const struct db_need *need)
{
	struct replica_view views[REPLICAS_MAX];
	int chosen;

	for (size_t i = 0; i < all->n; i++) {
		const struct replica *r = &all->v[i];
		const struct lane *l = db_lane_of(r->db, kind);

		views[i] = (struct replica_view){ .usable = r->in_use && lane_ready(l),
						  .lsn = r->probe.lsn,
						  .as_of_us = r->as_of_us,
						  .load = lane_queued(l) };
	}
	chosen = replica_choose(views, all->n, need, oldest_us(all, clock_mono_us()));
	return chosen < 0 ? NULL : &all->v[chosen];
}

struct db_reply *replicas_submit(struct replicas *all, struct op *op, struct arena *arena,
				 const struct db_need *need)
{
	struct replica *r = op->writes || op->busy ? NULL : choose(all, op->lane, need);
	struct db_reply *reply;

	if (!r) {
		all->passed++;
		return db_submit(all->primary, op, arena);
	}
	reply = db_expect(op, arena);
	op->replica = r;
	r->reads++;
	if (lane_submit(db_lane_of(r->db, op->lane), op) != ERR_NONE)
		op_finish(op, ERR_UNAVAILABLE);
	return reply;
}

/* A statement that takes too long would take as long again. */
static bool may_do_better(const struct op *op, enum err err)
{
	if (err != ERR_NONE)
		return err != ERR_SHUTTING_DOWN;
	for (int i = 0; i < op->count; i++) {
		const char *sqlstate =
			op->result[i] ? PQresultErrorField(op->result[i], PG_DIAG_SQLSTATE) : NULL;

		if (sqlstate)
			return strcmp(sqlstate, "57014") != 0;
	}
	return false;
}

static void start_afresh(struct op *op)
{
	for (int i = 0; i < op->count; i++) {
		PQclear(op->result[i]);
		op->result[i] = NULL;
	}
	op->replica = NULL;
	op->alone = op->failed = op->aborted = op->unsent = false;
	op->attempts = 0;
	op->sent_us = 0;
}

bool replica_take_back(struct op *op, enum err err)
{
	struct replica *r = op->replica;

	if (!op->reply || (err == ERR_NONE && !op->failed) || !may_do_better(op, err))
		return false;
	r->returned++;
	start_afresh(op);
	/* In this turn still, though the primary's queue may have been looked at already. */
	turn_ready(&r->all->nudge);
	if (lane_submit(db_lane_of(r->all->primary, op->lane), op) == ERR_NONE)
		return true;
	op_finish(op, ERR_UNAVAILABLE);
	return true;
}

/* ---- life ---- */

static void nudged(struct turn_task *task)
{
	(void)task; /* the hooks behind all tasks run again, and send what waits */
}

static void create_replica(struct replicas *all, size_t i, const struct replicas_config *config)
{
	struct db_config pool = config->pool;
	struct replica *r = &all->v[i];

	*r = (struct replica){ .all = all, .name = config->urls.name[i] };
	pool.conn.loop = all->loop;
	pool.conn.url = config->urls.url[i];
	pool.connections[DB_WRITE] = 0;
	r->db = db_create(all->loop, &pool);
	for (int l = 0; l < DB_LANE_COUNT; l++)
		db_lane_of(r->db, (enum db_lane)l)->patience_ms = 0; /* there is the primary */
	probe_init(&r->probe, &pool.conn, probe_changed);
	r->why = objection(r, clock_mono_us()); /* of which the log need not tell at the start */
}

struct replicas *replicas_create(uv_loop_t *loop, struct db *primary, const struct replicas_config *config)
{
	struct replicas *all = mem_zalloc(1, sizeof(*all));

	all->loop = loop;
	all->primary = primary;
	all->max_lag_us = config->max_lag_ms * 1000;
	all->n = config->urls.n;
	for (size_t i = 0; i < all->n; i++)
		create_replica(all, i, config);
	all->nudge.run = nudged;
	list_init(&all->nudge.node);
	uv_timer_init(loop, &all->timer);
	all->timer.data = all;
	return all;
}

void replicas_open(struct replicas *all)
{
	uv_timer_start(&all->timer, tick, TICK_MS, TICK_MS);
	for (size_t i = 0; i < all->n; i++) {
		db_open(all->v[i].db);
		probe_open(&all->v[i].probe);
	}
}

static void part_closed(void *arg)
{
	struct replicas *all = arg;

	if (--all->closing == 0)
		all->closed(all->closed_arg);
}

static void timer_closed(uv_handle_t *h)
{
	part_closed(h->data);
}

void replicas_close(struct replicas *all, void (*closed)(void *), void *arg)
{
	all->closed = closed;
	all->closed_arg = arg;
	all->closing = 1 + (unsigned)all->n;
	if (all->sample)
		await_abandon(&all->sample->wait);
	all->sample = NULL;
	arena_reset(&all->sample_arena);
	for (size_t i = 0; i < all->n; i++) {
		probe_close(&all->v[i].probe);
		db_close(all->v[i].db, part_closed, all);
	}
	turn_forget(&all->nudge);
	uv_close((uv_handle_t *)&all->timer, timer_closed);
}

void replicas_free(struct replicas *all)
{
	for (size_t i = 0; all && i < all->n; i++)
		db_free(all->v[i].db);
	free(all);
}

/* ---- for metrics ---- */

size_t replicas_count(const struct replicas *all)
{
	return all->n;
}

void replicas_stats(const struct replicas *all, size_t i, struct replica_stats *out)
{
	const struct replica *r = &all->v[i];
	uint64_t last = wal_clock_last(&all->clock);

	*out = (struct replica_stats){
		.name = r->name, .in_use = r->in_use, .reads = r->reads, .returned = r->returned, .lag_s = -1
	};
	if (r->as_of_us)
		out->lag_s = last > r->as_of_us ? (double)(last - r->as_of_us) * 1e-6 : 0;
}

uint64_t replicas_passed(const struct replicas *all)
{
	return all->passed;
}
