/*
 * Replicas: streaming standbys of the primary to which reads may go that say what they have to see (struct db_need).
 *
 *	replicas_submit(need) → a replica that has seen enough → its pool → reply
 *	                                    ╰ it fails, is gone, or there is none → the primary's pool → reply
 *
 * The primary and each replica are asked several times a second how far they are. A replica is in use while it
 * answers, replays, follows the primary's own history (so not when it was promoted, or belongs to something else), and
 * is not behind by more than the greatest lag; when the primary is silent nobody knows that, and none is in use for
 * longer. Whatever goes wrong with a read on a replica, it is sent once more, to the primary. Only reads that ask for
 * it come here, and no writes.
 */
#ifndef BUGD_DB_REPLICA_H
#define BUGD_DB_REPLICA_H

#include "db/pool.h"
#include "db/replica_choice.h"
#include "db/replica_urls.h"

struct replicas_config {
	struct replica_urls urls;
	struct db_config pool; /* of each; its url and its connections for writes are of no interest */
	uint64_t max_lag_ms;
};

/*
 * What each is asked: whether it replays, how far it is, and which history it follows, as wal_position
 * (sql/query/pool.sql) says of the primary. One row, without arguments.
 */
extern const char replica_question[];

struct replicas;

/* `config` is copied, its texts must outlive the replicas, as `primary` must. Connects to nobody yet. */
struct replicas *replicas_create(uv_loop_t *loop, struct db *primary, const struct replicas_config *config);
void replicas_open(struct replicas *all);
/* `closed` is called when the loop holds nothing of them; the primary's pool is closed after that. */
void replicas_close(struct replicas *all, void (*closed)(void *), void *arg);
void replicas_free(struct replicas *all);

/* As db_submit, to a replica that has seen what is needed, or to the primary. */
struct db_reply *replicas_submit(struct replicas *all, struct op *op, struct arena *arena,
				 const struct db_need *need);

struct replica_stats {
	const char *name;
	bool in_use;
	double lag_s;             /* behind the last that is known of the primary; negative: not known */
	uint64_t reads, returned; /* sent to it; of these those that went to the primary after all */
};

size_t replicas_count(const struct replicas *all);
void replicas_stats(const struct replicas *all, size_t i, struct replica_stats *out);
/* Reads that might have gone to a replica, but none had seen enough. */
uint64_t replicas_passed(const struct replicas *all);

/*
 * op_finish asks: an operation of a replica has ended. True: it was handed to the primary, and goes on. Part of the
 * pool.
 */
bool replica_take_back(struct op *op, enum err err);

#endif
