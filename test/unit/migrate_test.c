#include "db/migrate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* These need a PostgreSQL (`make test` starts one); each test has a schema of its own in it. */

static const struct migration_file files[] = {
	{ 1, "first", "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1);", "DROP TABLE a;" },
	{ 2, "second", "CREATE TABLE b (x int);", "DROP TABLE b;" },
	{ 10, "third", "ALTER TABLE a ADD y int;", "ALTER TABLE a DROP y;" },
};

static char schema[64];
static struct direct db;
static char said[2048];

static void say(void *arg, const char *line)
{
	(void)arg;
	strncat(said, line, sizeof(said) - strlen(said) - 2);
	strcat(said, "\n");
}

static struct migrator migrator(const struct migration_file *f, size_t n)
{
	said[0] = '\0';
	return (struct migrator){ .db = &db, .files = f, .file_count = n, .say = say };
}

static void connect_again(void)
{
	char sql[128];

	direct_close(&db);
	assert_true(direct_open(&db, getenv("TEST_DATABASE_URL"), 5000, -1));
	snprintf(sql, sizeof(sql), "SET search_path = %s", schema);
	assert_true(direct_run(&db, sql));
}

static int make_schema(void **state)
{
	static int number;
	char sql[128];

	(void)state;
	if (!getenv("TEST_DATABASE_URL"))
		return 0;
	snprintf(schema, sizeof(schema), "migrate_test_%d_%d", (int)getpid(), number++);
	snprintf(sql, sizeof(sql), "CREATE SCHEMA %s", schema);
	if (!direct_open(&db, getenv("TEST_DATABASE_URL"), 5000, -1) || !direct_run(&db, sql))
		return -1;
	connect_again();
	return 0;
}

static int drop_schema(void **state)
{
	char sql[128];

	(void)state;
	if (!getenv("TEST_DATABASE_URL"))
		return 0;
	connect_again();
	snprintf(sql, sizeof(sql), "DROP SCHEMA %s CASCADE", schema);
	direct_run(&db, sql);
	direct_close(&db);
	return 0;
}

static void needs_database(void)
{
	if (!getenv("TEST_DATABASE_URL"))
		skip();
}

static long count(const char *sql)
{
	PGresult *r = direct_query(&db, sql, NULL, 0);
	long n;

	if (!r)
		fail_msg("%s: %s", sql, db.error);
	n = strtol(PQgetvalue(r, 0, 0), NULL, 10);
	PQclear(r);
	return n;
}

static void assert_up(const struct migration_file *f, size_t n)
{
	struct migrator m = migrator(f, n);

	if (!migrate_up(&m))
		fail_msg("%s", db.error);
}

static enum schema_state state_of(const struct migration_file *f, size_t n, char *text)
{
	struct migrator m = migrator(f, n);
	struct schema s;

	assert_true(migrate_check(&m, &s));
	strcpy(text, s.text);
	return s.state;
}

static void a_fresh_database_is_older(void **state)
{
	struct migrator m = migrator(files, 3);
	struct migration_list list;
	char text[512];

	(void)state;
	needs_database();
	assert_int_equal(state_of(files, 3, text), SCHEMA_OLDER);
	assert_string_equal(
		text, "the database's schema is older than this bugd: 3 migrations are to be applied, the "
		      "first of them 001_first; run `bugd migrate up`");
	assert_true(migrate_list(&m, &list));
	assert_int_equal(list.n, 3);
	assert_int_equal(list.v[2].number, 10);
	assert_int_equal(list.v[2].state, MIGRATION_PENDING);
	assert_string_equal(list.v[2].applied_at, "");
	free(list.v);
	/* Looking changes nothing. */
	assert_int_equal(count("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"), 0);
}

static void up_applies_what_is_pending(void **state)
{
	struct migrator m = migrator(files, 3);
	struct migration_list list;
	char text[512];

	(void)state;
	needs_database();
	assert_up(files, 1);
	assert_int_equal(state_of(files, 3, text), SCHEMA_OLDER);
	assert_up(files, 3);
	assert_null(strstr(said, "001_first"));
	assert_non_null(strstr(said, "applied 002_second ("));
	assert_int_equal(state_of(files, 3, text), SCHEMA_CURRENT);
	assert_string_equal(text, "");
	assert_int_equal(count("SELECT count(y) + count(x) FROM a"), 1);
	assert_true(migrate_list(&m, &list));
	assert_int_equal(list.v[0].state, MIGRATION_APPLIED);
	assert_int_equal(strlen(list.v[0].applied_at), 27);
	free(list.v);
	assert_up(files, 3);
	assert_string_equal(said, "nothing to apply: the schema is current\n");
}

static void down_takes_one_step(void **state)
{
	struct migrator m = migrator(files, 3);
	char text[512];

	(void)state;
	needs_database();
	assert_up(files, 3);
	m = migrator(files, 3);
	assert_true(migrate_down(&m));
	assert_string_equal(said, "took back 010_third\n");
	assert_int_equal(state_of(files, 3, text), SCHEMA_OLDER);
	assert_int_equal(state_of(files, 2, text), SCHEMA_CURRENT);
	assert_true(migrate_down(&m));
	assert_true(migrate_down(&m));
	assert_int_equal(count("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"), 1);
	m = migrator(files, 3);
	assert_true(migrate_down(&m));
	assert_string_equal(said, "nothing to take back: no migration is applied\n");
}

static void an_edited_file_is_refused(void **state)
{
	struct migration_file edited[] = { files[0], files[1], files[2] };
	struct migrator m = migrator(edited, 3);
	char text[512];

	(void)state;
	needs_database();
	assert_up(files, 2);
	edited[1].up = "CREATE TABLE b (x bigint);";
	assert_int_equal(state_of(edited, 3, text), SCHEMA_EDITED);
	assert_non_null(
		strstr(text, "migration 002_second was edited after it had been applied: its SHA-256 was "));
	assert_non_null(strstr(text, "; restore the file, and put the change into a new migration"));
	assert_false(migrate_up(&m));
	assert_string_equal(db.error, text);
	assert_false(db.passing);
	connect_again();
	assert_false(migrate_down(&m));
	connect_again();
	assert_int_equal(count("SELECT count(*) FROM schema_migrations"), 2);
}

static void a_newer_schema_is_refused(void **state)
{
	struct migrator m = migrator(files, 2);
	char text[512];

	(void)state;
	needs_database();
	assert_up(files, 3);
	assert_int_equal(state_of(files, 2, text), SCHEMA_NEWER);
	assert_non_null(strstr(text, "does not know migration 010_third; "));
	assert_false(migrate_up(&m));
	assert_string_equal(db.error, text);
	connect_again();
	assert_false(migrate_down(&m));
}

static void a_failure_leaves_nothing_of_its_migration(void **state)
{
	const struct migration_file wrong[] = {
		files[0],
		{ 2, "wrong", "CREATE TABLE c (x int);\n\nSELECT 'ä', nothing;\n", "" },
	};
	struct migrator m = migrator(wrong, 2);

	(void)state;
	needs_database();
	assert_false(migrate_up(&m));
	assert_string_equal(db.error,
			    "migration 002_wrong failed: line 3: column \"nothing\" does not exist");
	assert_false(db.passing);
	connect_again();
	assert_int_equal(count("SELECT count(*) FROM schema_migrations"), 1);
	assert_int_equal(count("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"), 2);
	/* The lock is free again. */
	assert_up(files, 3);
}

static void a_migration_must_not_end_its_transaction(void **state)
{
	const struct migration_file wrong[] = { { 1, "wrong", "CREATE TABLE c (x int); COMMIT;", "" } };
	struct migrator m = migrator(wrong, 1);

	(void)state;
	needs_database();
	assert_false(migrate_up(&m));
	assert_string_equal(db.error,
			    "migration 001_wrong failed: it ends its transaction; expected no COMMIT or "
			    "ROLLBACK in a migration");
}

/* Runs `work` in a process of its own, with a connection of its own. */
static pid_t in_child(void (*work)(void))
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid)
		return pid;
	db.pg = NULL; /* the parent's */
	connect_again();
	work();
	_exit(0);
}

static void assert_child_succeeded(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void migrate_in_child(void)
{
	struct migrator m = migrator(files, 3);

	if (!migrate_up(&m))
		_exit(1);
}

static void many_may_start_at_once(void **state)
{
	pid_t children[6];

	(void)state;
	needs_database();
	for (size_t i = 0; i < 6; i++)
		children[i] = in_child(migrate_in_child);
	for (size_t i = 0; i < 6; i++)
		assert_child_succeeded(children[i]);
	assert_int_equal(count("SELECT count(*) FROM schema_migrations"), 3);
	assert_int_equal(count("SELECT count(*) FROM a"), 1);
}

static void hold_lock_for_a_while(void)
{
	if (!direct_run(&db, "SELECT pg_advisory_lock(1651861348); CREATE TABLE holds ()"))
		_exit(1);
	usleep(300 * 1000);
}

static void who_waits_says_so(void **state)
{
	pid_t child;

	(void)state;
	needs_database();
	child = in_child(hold_lock_for_a_while);
	while (count("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()") == 0)
		usleep(1000);
	assert_up(files, 1);
	assert_non_null(
		strstr(said, "waiting for another process that migrates this database\napplied 001_first"));
	assert_child_succeeded(child);
}

/* What is embedded is what bugd needs; each file's way back takes it to where it came from. */
static void the_lock_is_given_back_while_the_session_goes_on(void **state)
{
	struct direct other;
	PGresult *r;

	(void)state;
	needs_database();
	assert_up(files, 1);
	assert_true(direct_open(&other, getenv("TEST_DATABASE_URL"), 5000, -1));
	r = direct_query(&other, "SELECT pg_try_advisory_lock(1651861348)", NULL, 0);
	assert_string_equal(PQgetvalue(r, 0, 0), "t");
	PQclear(r);
	direct_close(&other);
}

static void an_operators_bound_for_statements_does_not_count_and_one_for_locks_does(void **state)
{
	static const struct migration_file slow = {
		1, "slow",
		"CREATE TABLE s AS SELECT extract(epoch FROM current_setting('lock_timeout')::interval) AS bound,"
		" (SELECT 1 FROM pg_sleep(0.2)) AS one;",
		"DROP TABLE s;"
	};

	(void)state;
	needs_database();
	assert_true(direct_run(&db, "SET statement_timeout = 50; SET lock_timeout = 0"));
	assert_up(&slow, 1);
	assert_int_equal(count("SELECT bound::int FROM s"), 60);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_schema, drop_schema)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_fresh_database_is_older),
		TEST(up_applies_what_is_pending),
		TEST(down_takes_one_step),
		TEST(an_edited_file_is_refused),
		TEST(a_newer_schema_is_refused),
		TEST(a_failure_leaves_nothing_of_its_migration),
		TEST(a_migration_must_not_end_its_transaction),
		TEST(many_may_start_at_once),
		TEST(who_waits_says_so),
		TEST(the_lock_is_given_back_while_the_session_goes_on),
		TEST(an_operators_bound_for_statements_does_not_count_and_one_for_locks_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
