#include "db/migrate.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Any number that no other user of the database takes for its own locks: "bugd" in ASCII. */
#define LOCK_KEY "1651861348"

static void say(const struct migrator *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(const struct migrator *m, const char *format, ...)
{
	char line[256];
	va_list args;

	if (!m->say)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	m->say(m->arg, line);
}

static bool try_lock(struct migrator *m, bool *locked)
{
	PGresult *r = direct_query(m->db, "SELECT pg_try_advisory_lock(" LOCK_KEY ")", NULL, 0);

	*locked = r && PQgetvalue(r, 0, 0)[0] == 't';
	PQclear(r);
	return r != NULL;
}

static bool wait_for_lock(struct migrator *m)
{
	say(m, "waiting for another process that migrates this database");
	if (direct_run(m->db, "SELECT pg_advisory_lock(" LOCK_KEY ")"))
		return true;
	if (strcmp(m->db->sqlstate, "55P03") == 0) /* lock_not_available */
		snprintf(m->db->error, sizeof(m->db->error),
			 "another process has been migrating this database for more than a minute; wait for "
			 "it, or look in pg_locks for who holds the advisory lock " LOCK_KEY);
	return false;
}

/*
 * The bounds that an operator set for sessions would cut a long migration off. Waiting for locks has a bound
 * instead, because all that needs a table queues up behind a migration that waits for it.
 */
static bool begin_work(struct migrator *m)
{
	bool locked;

	if (!direct_run(m->db, "SET statement_timeout = 0; SET lock_timeout = '60s'") ||
	    !try_lock(m, &locked))
		return false;
	if (!locked && !wait_for_lock(m))
		return false;
	return direct_run(m->db, "CREATE TABLE IF NOT EXISTS schema_migrations ("
				 " number integer PRIMARY KEY,"
				 " name text NOT NULL,"
				 " checksum text NOT NULL,"
				 " applied_at timestamptz NOT NULL DEFAULT now())");
}

/* After a failure the server rolls back and releases the lock, because the session ends. */
static bool end_work(struct migrator *m, bool done)
{
	if (done)
		return direct_run(m->db, "SELECT pg_advisory_unlock(" LOCK_KEY ")");
	direct_close(m->db);
	return false;
}

static bool refuse(struct migrator *m, const struct migration_list *list)
{
	struct schema schema;

	migrate_judge(list, &schema);
	if (schema.state == SCHEMA_EDITED || schema.state == SCHEMA_NEWER)
		return !direct_fail(m->db, "%s", schema.text);
	return false;
}

/* Runs the file's text and the statement that keeps the books, both or none. */
static bool run_step(struct migrator *m, const char *text, const char *booking, const struct str *params,
		     int count)
{
	PGresult *booked;

	if (!direct_run(m->db, "BEGIN") || !direct_run(m->db, text))
		return false;
	if (PQtransactionStatus(m->db->pg) != PQTRANS_INTRANS)
		return direct_fail(m->db,
				   "it ends its transaction; expected no COMMIT or ROLLBACK in a migration");
	booked = direct_query(m->db, booking, params, count);
	PQclear(booked);
	return booked && direct_run(m->db, "COMMIT");
}

/* Puts what was being done before the reason of a failure. */
static bool fail_in(struct migrator *m, const char *what, const struct migration *migration)
{
	char reason[DIRECT_ERROR_MAX];

	memcpy(reason, m->db->error, sizeof(reason));
	snprintf(m->db->error, sizeof(m->db->error), "%s %03d_%s failed: %.*s", what, migration->number,
		 migration->name, DIRECT_ERROR_MAX - 128, reason);
	return false;
}

static bool apply(struct migrator *m, const struct migration *migration)
{
	uint64_t start = clock_mono_us();
	char number[16];
	struct str params[] = { str_of(number), str_of(migration->name), str_of(migration->checksum) };

	params[0].n = (size_t)snprintf(number, sizeof(number), "%d", migration->number);
	if (!run_step(m, migration->file->up,
		      "INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)", params,
		      3))
		return fail_in(m, "migration", migration);
	say(m, "applied %03d_%s (%" PRIu64 " ms)", migration->number, migration->name,
	    (clock_mono_us() - start) / 1000);
	return true;
}

static bool apply_pending(struct migrator *m, const struct migration_list *list)
{
	size_t applied = 0;

	if (refuse(m, list))
		return false;
	for (size_t i = 0; i < list->n; i++) {
		if (list->v[i].state != MIGRATION_PENDING)
			continue;
		if (!apply(m, &list->v[i]))
			return false;
		applied++;
	}
	if (applied == 0)
		say(m, "nothing to apply: the schema is current");
	return true;
}

static bool take_back(struct migrator *m, const struct migration *migration)
{
	char number[16];
	struct str params[] = { str_of(number) };

	params[0].n = (size_t)snprintf(number, sizeof(number), "%d", migration->number);
	if (!run_step(m, migration->file->down, "DELETE FROM schema_migrations WHERE number = $1", params, 1))
		return fail_in(m, "taking back", migration);
	say(m, "took back %03d_%s", migration->number, migration->name);
	return true;
}

static bool take_back_last(struct migrator *m, const struct migration_list *list)
{
	if (refuse(m, list))
		return false;
	for (size_t i = list->n; i > 0; i--)
		if (list->v[i - 1].state == MIGRATION_APPLIED)
			return take_back(m, &list->v[i - 1]);
	say(m, "nothing to take back: no migration is applied");
	return true;
}

static bool work_on_list(struct migrator *m, bool (*work)(struct migrator *, const struct migration_list *))
{
	struct migration_list list = { 0 };
	bool done = begin_work(m) && migrate_list(m, &list) && work(m, &list);

	free(list.v);
	return end_work(m, done);
}

bool migrate_up(struct migrator *m)
{
	return work_on_list(m, apply_pending);
}

bool migrate_down(struct migrator *m)
{
	return work_on_list(m, take_back_last);
}
