#include "db/migrate.h"
#include "db/row.h"
#include "statements.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* What two do at the same time to issues of one project (`make test` starts a PostgreSQL for it). */

static struct direct db;
static PGconn *other;
static char schema[64];
static struct arena arena;

#define ID(n)                                                                                                \
	{                                                                                                    \
		{                                                                                            \
			0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, n                                       \
		}                                                                                            \
	}
static const struct uuid user = ID(1), project = ID(2), first = ID(11), second = ID(12);
static uint8_t next_id;

static struct uuid new_id(void)
{
	return (struct uuid){ { 9, ++next_id } };
}

static void run(PGconn *c, const char *text)
{
	PGresult *r = PQexec(c, text);

	if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", text, PQerrorMessage(c));
	PQclear(r);
}

static int begin(void **state)
{
	static int count;
	struct migrator m = { .db = &db, .files = migration_files, .file_count = migration_file_count };
	char text[256];

	(void)state;
	if (!getenv("TEST_DATABASE_URL"))
		return 0;
	snprintf(schema, sizeof(schema), "issue_sql_test_%d_%d", (int)getpid(), count++);
	if (!direct_open(&db, getenv("TEST_DATABASE_URL"), 5000, -1))
		return -1;
	other = PQconnectdb(getenv("TEST_DATABASE_URL"));
	snprintf(text, sizeof(text),
		 "SET client_min_messages = warning; CREATE SCHEMA %s; SET search_path = %s", schema, schema);
	run(db.pg, text);
	if (!migrate_up(&m))
		fail_msg("%s", db.error);
	snprintf(text, sizeof(text), "SET search_path = %s; SET lock_timeout = '3s'", schema);
	run(other, text);
	run(db.pg,
	    "INSERT INTO users (id, email, name, role, password_hash)"
	    " VALUES ('00000000-0000-0000-0000-000000000001', 'a@b.c', 'A', 'admin', '');"
	    "INSERT INTO projects (id, key, name, owner_id) VALUES"
	    " ('00000000-0000-0000-0000-000000000002', 'AB', 'N', '00000000-0000-0000-0000-000000000001');"
	    "INSERT INTO project_counters (project_id, last_number, open)"
	    " VALUES ('00000000-0000-0000-0000-000000000002', 2, 2);"
	    "INSERT INTO issues (id, project_id, number, key, title, creator_id)"
	    " SELECT ('00000000-0000-0000-0000-00000000000' || CASE n WHEN 1 THEN 'b' ELSE 'c' END)::uuid,"
	    " '00000000-0000-0000-0000-000000000002', n, 'AB-' || n, 'T', '00000000-0000-0000-0000-000000000001'"
	    " FROM generate_series(1, 2) n");
	return 0;
}

static int end(void **state)
{
	char text[128];

	(void)state;
	arena_reset(&arena);
	if (!getenv("TEST_DATABASE_URL"))
		return 0;
	PQfinish(other);
	snprintf(text, sizeof(text), "DROP SCHEMA %s CASCADE", schema);
	direct_run(&db, text);
	direct_close(&db);
	return 0;
}

static void needs_database(void)
{
	if (!getenv("TEST_DATABASE_URL"))
		skip();
}

static void start(PGconn *c, const struct statement *st, const void *args)
{
	struct db_values v = { 0 };
	Oid types[STATEMENT_ARGS_MAX];
	int formats[STATEMENT_ARGS_MAX];

	for (size_t i = 0; i < st->arg_count; i++) {
		statement_encode(&st->args[i], args, &arena, &v);
		types[i] = db_type_oid(st->args[i].type);
		formats[i] = 1;
	}
	assert_true(PQsendQueryParams(c, st->text, v.count, types, v.value, v.length, formats, 1));
}

/* Waits until the other one waits for a lock. */
static void until_it_waits(PGconn *c, PGconn *from)
{
	char text[128];

	snprintf(text, sizeof(text),
		 "SELECT 1 FROM pg_stat_activity WHERE pid = %d AND wait_event_type = 'Lock'",
		 PQbackendPID(c));
	for (int i = 0; i < 2000; i++) {
		PGresult *r = PQexec(from, text);
		int n = PQntuples(r);

		PQclear(r);
		if (n)
			return;
		usleep(1000);
	}
	fail_msg("it does not wait");
}

static PGresult *answer(PGconn *c)
{
	PGresult *r = PQgetResult(c), *end_of_it = PQgetResult(c);

	assert_null(end_of_it);
	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		fail_msg("%s", PQresultErrorMessage(r));
	return r;
}

static void assert_outcome(PGconn *c, const char *outcome)
{
	PGresult *r = answer(c);
	struct str found = row_text(r, 0, row_column(r, "_outcome"));

	if (!str_eq_z(found, outcome))
		fail_msg("expected %s, found %.*s", outcome, STR_FMT(found));
	PQclear(r);
}

static void assert_sql(const char *text)
{
	PGresult *r = PQexec(db.pg, text);

	if (PQntuples(r) != 1 || strcmp(PQgetvalue(r, 0, 0), "t") != 0)
		fail_msg("not so: %s %s", text, PQerrorMessage(db.pg));
	PQclear(r);
}

static struct access everybody(void)
{
	return (struct access){ .viewer = user, .role = STR("admin"), .everywhere = true };
}

static struct issue_update_args update_of(const struct uuid *id)
{
	return (struct issue_update_args){ .caller = everybody(),
					   .id = id,
					   .event_id = new_id(),
					   .any_version = true,
					   .set.beyond_own = true };
}

static struct issue_create_args child_of(const struct uuid *parent)
{
	return (struct issue_create_args){ .caller = everybody(),
					   .id = new_id(),
					   .event_id = new_id(),
					   .project_id = &project,
					   .title = STR("new"),
					   .description = STR(""),
					   .type = STR("task"),
					   .priority = STR("low"),
					   .parent_id = parent };
}

static void two_changes_of_parents_make_no_circle(void **state)
{
	struct issue_update_args a = update_of(&first), b = update_of(&second);

	(void)state;
	needs_database();
	a.set.set_parent = b.set.set_parent = true;
	a.set.parent_id = &second;
	b.set.parent_id = &first;
	run(db.pg, "BEGIN");
	start(db.pg, &statement_issue_update, &a);
	assert_outcome(db.pg, "ok");
	start(other, &statement_issue_update, &b);
	until_it_waits(other, db.pg);
	run(db.pg, "COMMIT");
	assert_outcome(other, "parent_cycle");
	assert_sql("SELECT count(parent_id) = 1 FROM issues");
	/* By one alone, too. */
	a = update_of(&first);
	a.set.set_parent = true;
	a.set.parent_id = &first;
	start(db.pg, &statement_issue_update, &a);
	assert_outcome(db.pg, "parent_cycle");
}

/* It would hold the counters, for which the change of the parent may wait. */
static void a_child_is_made_while_its_parent_changes(void **state)
{
	struct issue_update_args a = update_of(&first);
	struct issue_create_args b = child_of(&first);

	(void)state;
	needs_database();
	a.set.title = STR("other");
	run(db.pg, "BEGIN");
	start(db.pg, &statement_issue_update, &a);
	assert_outcome(db.pg, "ok");
	start(other, &statement_issue_create, &b);
	assert_outcome(other, "ok");
	run(db.pg, "COMMIT");
	assert_sql("SELECT last_number = 3 AND open = 3 FROM project_counters");
}

static void an_issue_is_made_while_its_project_changes(void **state)
{
	struct project_update_args a = {
		.caller = everybody(), .id = &project, .any_version = true, .name = STR("other")
	};
	struct issue_create_args b = child_of(NULL);

	(void)state;
	needs_database();
	run(db.pg, "BEGIN");
	start(db.pg, &statement_project_update, &a);
	assert_outcome(db.pg, "ok");
	start(other, &statement_issue_create, &b);
	assert_outcome(other, "ok");
	run(db.pg, "COMMIT");
}

static void the_second_change_builds_on_the_first(void **state)
{
	struct issue_update_args a = update_of(&first), b = update_of(&first), c = update_of(&first);
	static const struct str version_1 = STR_INIT("1");

	(void)state;
	needs_database();
	a.set.title = STR("from a");
	b.set.status = STR("in_progress");
	run(db.pg, "BEGIN");
	start(db.pg, &statement_issue_update, &a);
	assert_outcome(db.pg, "ok");
	start(other, &statement_issue_update, &b);
	until_it_waits(other, db.pg);
	run(db.pg, "COMMIT");
	assert_outcome(other, "ok");
	assert_sql(
		"SELECT title = 'from a' AND status = 'in_progress' AND version = 3 FROM issues WHERE number = 1");
	assert_sql("SELECT open = 1 AND in_progress = 1 FROM project_counters");
	assert_sql("SELECT array_agg(version ORDER BY version) = '{2,3}' FROM issue_events");
	/* And one that is based on the first version is refused, after the wait as well. */
	c.any_version = false;
	c.versions = (struct db_array){ &version_1, 1 };
	c.set.status = STR("open");
	start(other, &statement_issue_update, &c);
	assert_outcome(other, "version_conflict");
}

static void a_number_that_was_given_back_is_used_again(void **state)
{
	struct issue_create_args a = child_of(NULL), b = child_of(NULL);

	(void)state;
	needs_database();
	run(db.pg, "BEGIN");
	start(db.pg, &statement_issue_create, &a);
	assert_outcome(db.pg, "ok");
	start(other, &statement_issue_create, &b);
	until_it_waits(other, db.pg);
	run(db.pg, "ROLLBACK");
	assert_outcome(other, "ok");
	assert_sql("SELECT array_agg(number ORDER BY number) = '{1,2,3}' FROM issues");
	assert_sql("SELECT last_number = 3 AND open = 3 FROM project_counters");
}

static void one_of_two_deletions_counts(void **state)
{
	struct issue_set_deleted_args a = { .caller = everybody(),
					    .id = &first,
					    .event_id = new_id(),
					    .any_version = true,
					    .deleted = true,
					    .step = -1 };
	struct issue_set_deleted_args b = a;

	(void)state;
	needs_database();
	b.event_id = new_id();
	run(db.pg, "BEGIN");
	start(db.pg, &statement_issue_set_deleted, &a);
	assert_outcome(db.pg, "ok");
	start(other, &statement_issue_set_deleted, &b);
	until_it_waits(other, db.pg);
	run(db.pg, "COMMIT");
	assert_outcome(other, "not_found");
	assert_sql("SELECT open = 1 FROM project_counters");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_changes_of_parents_make_no_circle),
		TEST(a_child_is_made_while_its_parent_changes),
		TEST(an_issue_is_made_while_its_project_changes),
		TEST(the_second_change_builds_on_the_first),
		TEST(a_number_that_was_given_back_is_used_again),
		TEST(one_of_two_deletions_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
