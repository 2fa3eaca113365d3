/* The database: whether it can be reached, what it is, and what it allows. */
#include "app/doctor_judge.h"
#include "app/server_needs.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char facts_query[] =
	"SELECT current_setting('server_version_num'), current_setting('server_version'),"
	" pg_encoding_to_char(b.encoding), current_user, coalesce(current_schema(), ''),"
	" r.rolsuper, pg_is_in_recovery(), current_setting('default_transaction_read_only')::boolean,"
	" current_setting('fsync')::boolean, coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),"
	" current_setting('max_connections'),"
	" current_setting('superuser_reserved_connections')::int"
	"  + coalesce(current_setting('reserved_connections', true)::int, 0),"
	" r.rolconnlimit, b.datconnlimit,"
	" (SELECT count(*) FROM pg_stat_activity a WHERE a.backend_type = 'client backend'"
	"   AND (a.datname IS DISTINCT FROM b.datname OR a.application_name <> 'bugd'))"
	" FROM pg_roles r, pg_database b WHERE r.rolname = current_user AND b.datname = current_database()";

static bool yes(const PGresult *r, int column)
{
	return PQgetvalue(r, 0, column)[0] == 't';
}

static int whole(const PGresult *r, int column)
{
	return atoi(PQgetvalue(r, 0, column));
}

/* Texts are those of the result. */
static struct database_facts facts_of(const PGresult *r)
{
	return (struct database_facts){
		.version = whole(r, 0),
		.version_text = PQgetvalue(r, 0, 1),
		.encoding = PQgetvalue(r, 0, 2),
		.role = PQgetvalue(r, 0, 3),
		.schema = PQgetvalue(r, 0, 4),
		.superuser = yes(r, 5),
		.standby = yes(r, 6),
		.read_only = yes(r, 7),
		.fsync = yes(r, 8),
		.may_create = yes(r, 9),
		.max_connections = whole(r, 10),
		.reserved = whole(r, 11),
		.role_limit = whole(r, 12),
		.database_limit = whole(r, 13),
		.used_by_others = whole(r, 14),
	};
}

/* What could not be asked is a problem of its own; what follows is not asked then. */
static bool failed(struct doctor *d, const struct direct *db)
{
	doctor_say(d, FINDING_PROBLEM, "database",
		   "see the log of PostgreSQL, and pg_stat_activity for what it waits for", "%s", db->error);
	return false;
}

static bool look_at_server(struct doctor *d, const struct config *c, struct direct *db)
{
	PGresult *r = direct_query(db, facts_query, NULL, 0);
	struct database_facts f;

	if (!r || PQntuples(r) != 1) {
		PQclear(r);
		return failed(d, db);
	}
	f = facts_of(r);
	judge_version(d, &f);
	judge_server(d, &f);
	judge_role(d, &f);
	judge_connections(d, &f, pool_size(c) + 1);
	PQclear(r);
	return true;
}

static bool look_at_clock(struct doctor *d, struct direct *db)
{
	int64_t before = clock_now_us(), after, theirs;
	PGresult *r =
		direct_query(db, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint", NULL, 0);

	if (!r)
		return failed(d, db);
	after = clock_now_us();
	theirs = atoll(PQgetvalue(r, 0, 0));
	judge_clock(d, (theirs - (before + (after - before) / 2)) / 1000, (uint64_t)(after - before) / 1000);
	PQclear(r);
	return true;
}

static const char *mend_connection(const struct direct *db)
{
	if (strcmp(db->sqlstate, "3D000") == 0)
		return "createdb --owner bugd bugd, or name another database in DATABASE_URL";
	if (strncmp(db->sqlstate, "28", 2) == 0)
		return "set user and password in DATABASE_URL (createuser --pwprompt bugd), and see pg_hba.conf of PostgreSQL";
	if (strcmp(db->sqlstate, "53300") == 0)
		return "raise max_connections of PostgreSQL, or end sessions that nobody needs (pg_stat_activity)";
	return "see whether PostgreSQL runs and DATABASE_URL is right: `psql \"$DATABASE_URL\" -c 'SELECT 1'`; a "
	       "firewall may swallow what is sent";
}

/* The first result may wait behind a server that accepts and says nothing more. */
void doctor_database(struct doctor *d, const struct config *c)
{
	struct direct db;

	if (!direct_open(&db, c->database_url, c->db_connect_timeout, -1)) {
		doctor_say(d, FINDING_PROBLEM, "database", mend_connection(&db), "%s", db.error);
		doctor_replicas(d, c, &db);
		return;
	}
	db.timeout_ms = c->db_connect_timeout;
	doctor_say(d, FINDING_OK, "database", NULL, "it can be reached");
	if (look_at_server(d, c, &db) && look_at_clock(d, &db))
		doctor_schema(d, c, &db);
	doctor_replicas(d, c, &db);
	direct_close(&db);
}
