/* The replicas: whether each can be reached, replays, follows the primary, and how far it is behind. */
#include "app/doctor_judge.h"
#include "base/clock.h"
#include "db/migrate.h"
#include "db/replica.h"
#include "statements.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOOK_EVERY_MS 50

/* Where a server is in its log, and which history that is a part of. */
struct place {
	bool known;
	uint64_t lsn;
	char lineage[128];
};

static uint64_t now_ms(void)
{
	return clock_mono_us() / 1000;
}

static void take_place(struct place *p, const PGresult *r, int lsn)
{
	p->known = true;
	p->lsn = strtoull(PQgetvalue(r, 0, lsn), NULL, 10);
	snprintf(p->lineage, sizeof(p->lineage), "%s", PQgetvalue(r, 0, lsn + 1));
}

/* Not known when the primary is away, or is none. */
static struct place primary_place(struct direct *primary)
{
	PGresult *r = direct_query(primary, statement_wal_position.text, NULL, 0);
	struct place p = { 0 };

	if (r && PQntuples(r) == 1)
		take_place(&p, r, 0);
	PQclear(r);
	return p;
}

static bool ask(struct direct *db, struct place *own, bool *standby)
{
	PGresult *r = direct_query(db, replica_question, NULL, 0);

	if (!r)
		return false;
	*standby = PQgetvalue(r, 0, 0)[0] == 't';
	take_place(own, r, 1);
	PQclear(r);
	return true;
}

/*
 * Waits until it has replayed what the primary had: that tells how far it is behind whatever the clocks say, and also
 * when nobody changes anything.
 */
static bool look_how_far(struct direct *db, const struct place *primary, struct replica_facts *f)
{
	uint64_t begin = now_ms();
	struct place own;

	for (;;) {
		if (!ask(db, &own, &f->standby))
			return false;
		f->waited_ms = now_ms() - begin;
		f->same_history = strcmp(own.lineage, primary->lineage) == 0;
		f->behind = primary->lsn > own.lsn ? primary->lsn - own.lsn : 0;
		if (!f->standby || !primary->known || !f->same_history || !f->behind ||
		    f->waited_ms >= f->patience_ms)
			return true;
		usleep(LOOK_EVERY_MS * 1000);
	}
}

static bool look_whether_paused(struct direct *db, struct replica_facts *f)
{
	PGresult *r;

	if (!f->standby)
		return true;
	r = direct_query(db, "SELECT pg_is_wal_replay_paused()", NULL, 0);
	f->paused = r && PQgetvalue(r, 0, 0)[0] == 't';
	PQclear(r);
	return r != NULL;
}

/* That of one that follows is the primary's, but for what it has not replayed yet. */
static bool look_at_schema(struct doctor *d, struct direct *db, struct replica_facts *f)
{
	struct migrator m = { .db = db, .files = migration_files, .file_count = migration_file_count };
	struct schema schema;

	if (!migrate_check(&m, &schema))
		return false;
	f->schema = schema.state == SCHEMA_CURRENT ? NULL : doctor_text(d, "%s", schema.text);
	return true;
}

static const char *mend(const struct direct *db)
{
	if (strncmp(db->sqlstate, "28", 2) == 0)
		return "set user and password in DATABASE_REPLICA_URLS, and see pg_hba.conf of the replica";
	if (strcmp(db->sqlstate, "3D000") == 0)
		return "name the database of DATABASE_URL in DATABASE_REPLICA_URLS, too";
	return "see whether it runs (with hot_standby = on) and DATABASE_REPLICA_URLS is right; until then its reads go "
	       "to the primary";
}

static void look_at_replica(struct doctor *d, const struct config *c, size_t i, struct direct *primary)
{
	struct replica_facts f = { .name = c->replicas.name[i] };
	struct place place = primary_place(primary);
	struct direct db;

	f.primary_known = place.known;
	f.patience_ms =
		c->replica_max_lag < c->db_connect_timeout ? c->replica_max_lag : c->db_connect_timeout;
	if (!direct_open(&db, c->replicas.url[i], c->db_connect_timeout, -1)) {
		doctor_say(d, FINDING_PROBLEM, "replica", mend(&db), "%s: %s", f.name, db.error);
		return;
	}
	db.timeout_ms = c->db_connect_timeout;
	if (look_how_far(&db, &place, &f) && look_whether_paused(&db, &f) && look_at_schema(d, &db, &f))
		judge_replica(d, &f);
	else
		doctor_say(d, FINDING_PROBLEM, "replica", mend(&db), "%s: %s", f.name, db.error);
	direct_close(&db);
}

/* An address that is not right has no name, and is among the settings' problems. */
void doctor_replicas(struct doctor *d, const struct config *c, struct direct *primary)
{
	for (size_t i = 0; i < c->replicas.n; i++)
		if (c->replicas.name[i])
			look_at_replica(d, c, i, primary);
}
