/* What a replica says of itself: a connection of its own on which it is asked again and again. Part of db/replica.h. */
#ifndef BUGD_DB_REPLICA_PROBE_H
#define BUGD_DB_REPLICA_PROBE_H

#include "db/conn.h"

/* How often the primary and the replicas are asked, and how long one may keep silent. */
#define PROBE_EVERY_US    UINT64_C(250000)
#define PROBE_PATIENCE_US UINT64_C(1500000)

#define LINEAGE_MAX 64

enum probe_state {
	PROBE_SILENT,   /* no connection, or no answer yet on this one: nothing is known */
	PROBE_FAILED,   /* it answers with an error */
	PROBE_STANDBY,  /* it replays */
	PROBE_PROMOTED, /* it is a primary */
};

struct replica_probe {
	struct conn conn;
	struct conn_config config;
	enum probe_state state;
	uint64_t lsn;              /* replayed at least; of a standby */
	char lineage[LINEAGE_MAX]; /* which history it follows, as the primary says of its own */
	uint64_t asked_us;         /* the last question; of clock_mono_us */
	bool asking;               /* it is not answered yet */
	void (*changed)(struct replica_probe *p); /* an answer came, or the connection was lost */
};

/* `config` is copied, its url must outlive the probe. */
void probe_init(struct replica_probe *p, const struct conn_config *config,
		void (*changed)(struct replica_probe *p));
void probe_open(struct replica_probe *p);
void probe_close(struct replica_probe *p);

/* Looks at the clock. False: it has kept silent for too long, and its connection was given up just now. */
bool probe_tick(struct replica_probe *p, uint64_t now_us);

#endif
