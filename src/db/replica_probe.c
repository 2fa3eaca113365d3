#include "replica_probe.h"

#include "base/clock.h"
#include "base/list.h"
#include "db/replica.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A replica that follows another primary since a failover has come to its timeline; what it says beside the timeline
 * that it receives (which not everybody may see) lags, and keeps it out of use for a while at worst. The same as
 * wal_position says of the primary (sql/query/pool.sql).
 */
const char replica_question[] =
	"SELECT pg_is_in_recovery(), coalesce(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0'), 0)::text,"
	" format('%s:%s:%s', (SELECT system_identifier FROM pg_control_system()),"
	" (SELECT oid FROM pg_database WHERE datname = current_database()),"
	" greatest((SELECT received_tli FROM pg_stat_wal_receiver),"
	" (SELECT min_recovery_end_timeline FROM pg_control_recovery()),"
	" (SELECT timeline_id FROM pg_control_checkpoint())))";

static struct replica_probe *probe_of(struct conn *c)
{
	return list_entry(c, struct replica_probe, conn);
}

static void ask(struct replica_probe *p, uint64_t now_us)
{
	p->asking = true;
	p->asked_us = now_us;
	if (PQsendQuery(p->conn.pg, replica_question))
		conn_flush(&p->conn);
	else
		conn_fail(&p->conn, PQerrorMessage(p->conn.pg));
}

static void ready(struct conn *c)
{
	ask(probe_of(c), clock_mono_us());
}

static void take(struct replica_probe *p, const PGresult *r)
{
	p->asking = false;
	if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) != 1) {
		p->state = PROBE_FAILED;
		return;
	}
	p->state = PQgetvalue(r, 0, 0)[0] == 't' ? PROBE_STANDBY : PROBE_PROMOTED;
	p->lsn = strtoull(PQgetvalue(r, 0, 1), NULL, 10);
	snprintf(p->lineage, sizeof(p->lineage), "%s", PQgetvalue(r, 0, 2));
}

static void io(struct conn *c)
{
	struct replica_probe *p = probe_of(c);

	while (!PQisBusy(c->pg)) {
		PGresult *r = PQgetResult(c->pg);

		if (!r)
			return;
		take(p, r);
		PQclear(r);
		p->changed(p);
	}
}

/* It may come back with less than it had: after a crash it replays again from its last restart point. */
static void lost(struct conn *c)
{
	struct replica_probe *p = probe_of(c);

	p->asking = false;
	p->state = PROBE_SILENT;
	p->lsn = 0;
	p->changed(p);
}

static const struct conn_owner conn_events = { ready, io, lost, NULL };

void probe_init(struct replica_probe *p, const struct conn_config *config,
		void (*changed)(struct replica_probe *p))
{
	*p = (struct replica_probe){ .config = *config, .changed = changed };
	conn_init(&p->conn, &p->config, &conn_events, false);
}

void probe_open(struct replica_probe *p)
{
	conn_open(&p->conn);
}

void probe_close(struct replica_probe *p)
{
	conn_close(&p->conn);
	p->state = PROBE_SILENT;
}

bool probe_tick(struct replica_probe *p, uint64_t now_us)
{
	conn_tick(&p->conn);
	if (p->conn.state != CONN_READY)
		return true;
	if (p->asking && now_us - p->asked_us > PROBE_PATIENCE_US) {
		conn_fail(&p->conn, "the replica keeps silent");
		return false;
	}
	if (!p->asking && now_us - p->asked_us >= PROBE_EVERY_US)
		ask(p, now_us);
	return true;
}
