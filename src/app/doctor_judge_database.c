/* What is judged of the database's server, its role and its limits. */
#include "app/doctor_judge.h"

#include <string.h>

void judge_version(struct doctor *d, const struct database_facts *f)
{
	if (f->version < DATABASE_VERSION_LEAST)
		doctor_say(
			d, FINDING_PROBLEM, "version",
			"move the database to PostgreSQL 14 or later: pg_upgrade, or pg_dump and pg_restore",
			"PostgreSQL %s is older than what bugd needs", f->version_text);
	else
		doctor_say(d, FINDING_OK, "version", NULL, "PostgreSQL %s", f->version_text);
}

static void judge_writing(struct doctor *d, const struct database_facts *f)
{
	if (f->standby)
		doctor_say(
			d, FINDING_PROBLEM, "writing",
			"name the primary in DATABASE_URL, or all hosts with target_session_attrs=read-write",
			"the server is a standby, which takes no changes");
	else if (f->read_only)
		doctor_say(
			d, FINDING_PROBLEM, "writing",
			doctor_text(
				d,
				"ALTER ROLE \"%s\" SET default_transaction_read_only = off, and the same for the database "
				"(ALTER DATABASE … SET) and in postgresql.conf",
				f->role),
			"default_transaction_read_only is on: no change would be taken");
	else
		doctor_say(d, FINDING_OK, "writing", NULL, "the server takes changes");
	if (!f->fsync)
		doctor_say(d, FINDING_WARNING, "writing",
			   "ALTER SYSTEM SET fsync = on; SELECT pg_reload_conf()",
			   "fsync is off: a crash of the machine may destroy the database");
}

void judge_server(struct doctor *d, const struct database_facts *f)
{
	judge_writing(d, f);
	if (strcmp(f->encoding, "UTF8") != 0)
		doctor_say(d, FINDING_PROBLEM, "encoding",
			   "createdb --encoding UTF8 --template template0, and move the data there",
			   "the database's encoding is %s; expected UTF8", f->encoding);
}

void judge_role(struct doctor *d, const struct database_facts *f)
{
	if (!*f->schema) {
		doctor_say(d, FINDING_PROBLEM, "role",
			   doctor_text(d,
				       "GRANT USAGE, CREATE ON SCHEMA public TO \"%s\"; see search_path, too",
				       f->role),
			   "role %s has no schema to work in", f->role);
		return;
	}
	if (f->superuser)
		doctor_say(
			d, FINDING_WARNING, "role",
			"createuser bugd, make it the owner of the database and its tables, and name it in DATABASE_URL",
			"role %s is a superuser; bugd needs no more than to own its database", f->role);
	else
		doctor_say(d, FINDING_OK, "role", NULL, "role %s, schema %s", f->role, f->schema);
	if (!f->may_create)
		doctor_say(d, FINDING_WARNING, "role",
			   doctor_text(d, "GRANT CREATE ON SCHEMA \"%s\" TO \"%s\"", f->schema, f->role),
			   "role %s may not create tables in schema %s: `bugd migrate up` would fail",
			   f->role, f->schema);
}

static int lesser(int limit, int other)
{
	return other >= 0 && other < limit ? other : limit;
}

void judge_connections(struct doctor *d, const struct database_facts *f, unsigned pool)
{
	int usable = f->superuser ? f->max_connections : f->max_connections - f->reserved;
	int room = lesser(lesser(usable, f->role_limit), f->database_limit);
	int unused = usable > f->used_by_others ? usable - f->used_by_others : 0;
	long left = lesser(room, unused), needed = (long)pool * d->processes;
	long wanted = needed + (long)pool + f->used_by_others + f->reserved;
	const char *mend = doctor_text(
		d,
		"ALTER SYSTEM SET max_connections = %ld and restart PostgreSQL, raise the limits of role and database "
		"(ALTER ROLE \"%s\" CONNECTION LIMIT -1), or set less for DB_…_CONNECTIONS",
		wanted > f->max_connections ? wanted : (long)f->max_connections, f->role);

	if (needed > left)
		doctor_say(d, FINDING_PROBLEM, "connections", mend,
			   "%u %s of %u connections need %ld, and PostgreSQL has room for %ld", d->processes,
			   d->processes == 1 ? "process" : "processes", pool, needed, left);
	else if (needed + pool > left)
		doctor_say(
			d, FINDING_WARNING, "connections", mend,
			"%u %s of %u connections fit into %ld, but not one more, as there is during an upgrade",
			d->processes, d->processes == 1 ? "process" : "processes", pool, left);
	else
		doctor_say(d, FINDING_OK, "connections", NULL,
			   "%u for each process, and PostgreSQL has room for %ld", pool, left);
}
