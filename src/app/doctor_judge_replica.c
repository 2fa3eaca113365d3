/* What is judged of a replica. The server goes on without one that is of no use, and asks the primary instead. */
#include "app/doctor_judge.h"

#include <inttypes.h>

static void judge_progress(struct doctor *d, const struct replica_facts *f)
{
	if (!f->behind)
		doctor_say(d, FINDING_OK, "replica", NULL,
			   "%s follows the primary, and had all of it within %" PRIu64 " ms", f->name,
			   f->waited_ms);
	else if (f->paused)
		doctor_say(d, FINDING_WARNING, "replica", "on the replica: SELECT pg_wal_replay_resume()",
			   "%s is %" PRIu64 " bytes of the log behind, as replaying was paused there",
			   f->name, f->behind);
	else
		doctor_say(
			d, FINDING_WARNING, "replica",
			"see pg_stat_replication of the primary, pg_stat_wal_receiver and the log of the replica; a longer "
			"REPLICA_MAX_LAG lets it answer with older data",
			"%s lacks what the primary had %" PRIu64 " ms before, and is %" PRIu64
			" bytes of the log behind",
			f->name, f->waited_ms, f->behind);
}

void judge_replica(struct doctor *d, const struct replica_facts *f)
{
	if (!f->standby)
		doctor_say(d, FINDING_PROBLEM, "replica",
			   "take it out of DATABASE_REPLICA_URLS, or make a standby of it (pg_basebackup -R)",
			   "%s is no standby: it was promoted, or never was one; nothing is read there",
			   f->name);
	else if (f->primary_known && !f->same_history)
		doctor_say(
			d, FINDING_PROBLEM, "replica",
			"name standbys of the server and database that DATABASE_URL names, and no others",
			"%s does not follow the primary: another cluster, database or timeline; nothing is read there",
			f->name);
	else if (f->primary_known)
		judge_progress(d, f);
	else
		doctor_say(d, FINDING_OK, "replica", NULL,
			   "%s is a standby; how far it is could be told by the primary alone", f->name);
	/* Else it is what was found of the primary's. */
	if (f->schema && f->standby && (f->behind || !f->primary_known))
		doctor_say(d, FINDING_WARNING, "replica",
			   "wait until it has replayed the migrations of the primary", "%s: %s", f->name,
			   f->schema);
}
