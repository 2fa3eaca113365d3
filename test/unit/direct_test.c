#include "db/direct.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

/* Those with a database are skipped without one (`make test` starts one). */

static struct direct db;

static void open_database(int stop_fd)
{
	const char *url = getenv("TEST_DATABASE_URL");

	if (!url)
		skip();
	assert_true(direct_open(&db, url, 5000, stop_fd));
}

static int close_database(void **state)
{
	(void)state;
	direct_close(&db);
	return 0;
}

static uint64_t now_ms(void)
{
	return clock_mono_us() / 1000;
}

static void parameters_are_texts(void **state)
{
	const struct str params[] = { STR("a'b\"\\"), STR_NONE, STR("") };
	PGresult *r;

	(void)state;
	open_database(-1);
	r = direct_query(&db, "SELECT $1::text, $2::text, $3::text", params, 3);
	assert_non_null(r);
	assert_string_equal(PQgetvalue(r, 0, 0), "a'b\"\\");
	assert_true(PQgetisnull(r, 0, 1));
	assert_false(PQgetisnull(r, 0, 2));
	PQclear(r);
}

static void a_script_stops_at_its_first_error(void **state)
{
	(void)state;
	open_database(-1);
	assert_false(direct_run(&db, "SELECT 1;\nSELECT 1/0;\nSELECT nothing;"));
	assert_string_equal(db.error, "division by zero");
	assert_string_equal(db.sqlstate, "22012");
	assert_false(db.passing);
	assert_true(direct_run(&db, "SELECT 1"));
}

static void detail_and_hint_are_told_in_one_line(void **state)
{
	(void)state;
	open_database(-1);
	assert_false(direct_run(&db, "DO $$ BEGIN RAISE 'one' USING DETAIL = 'two', HINT = 'three'; END $$"));
	assert_string_equal(db.error, "one; two; three");
}

static void copy_does_not_hang(void **state)
{
	(void)state;
	open_database(-1);
	assert_false(direct_run(&db, "COPY (SELECT 1) TO STDOUT"));
	assert_string_equal(db.error, "COPY is not possible here");
	assert_null(db.pg);
}

static void waiting_has_a_bound(void **state)
{
	uint64_t start = now_ms();

	(void)state;
	open_database(-1);
	db.timeout_ms = 50;
	assert_false(direct_run(&db, "SELECT pg_sleep(30)"));
	assert_string_equal(db.error, "the database did not answer in time");
	assert_true(db.passing);
	assert_true(now_ms() - start < 5000);
	assert_false(direct_run(&db, "SELECT 1"));
	assert_string_equal(db.error, "the connection to the database was lost");
}

static void another_thread_can_end_the_wait(void **state)
{
	int stop = eventfd(1, 0);

	(void)state;
	if (!getenv("TEST_DATABASE_URL")) {
		close(stop);
		skip();
	}
	assert_false(direct_open(&db, getenv("TEST_DATABASE_URL"), 5000, stop));
	assert_string_equal(db.error, "it was stopped");
	assert_true(db.passing);
	close(stop);
}

static void a_backend_that_dies_may_come_back(void **state)
{
	(void)state;
	open_database(-1);
	assert_false(direct_run(&db, "SELECT pg_terminate_backend(pg_backend_pid())"));
	assert_true(db.passing);
}

static void a_refused_connection_may_pass(void **state)
{
	(void)state;
	assert_false(direct_open(&db, "postgresql://bugd:secret@127.0.0.1:1/bugd", 5000, -1));
	assert_true(db.passing);
	assert_null(db.pg);
	assert_non_null(strstr(db.error, "Connection refused"));
	assert_null(strstr(db.error, "secret"));
	assert_null(strchr(db.error, '\n'));
}

/* Somebody accepts the connection, and never says a word. */
static void a_silent_server_is_given_up(void **state)
{
	char folder[] = "/tmp/bugd-direct-XXXXXX", url[128];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	uint64_t start = now_ms();

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.5432", folder);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	snprintf(url, sizeof(url), "postgresql:///bugd?host=%s&user=bugd", folder);
	assert_false(direct_open(&db, url, 100, -1));
	assert_string_equal(db.error, "the database did not accept the connection in time");
	assert_true(now_ms() - start >= 100);
	assert_true(now_ms() - start < 5000);
	close(listener);
	unlink(address.sun_path);
	rmdir(folder);
}

#define TEST(name) cmocka_unit_test_teardown(name, close_database)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(parameters_are_texts),
		TEST(a_script_stops_at_its_first_error),
		TEST(detail_and_hint_are_told_in_one_line),
		TEST(copy_does_not_hang),
		TEST(waiting_has_a_bound),
		TEST(another_thread_can_end_the_wait),
		TEST(a_backend_that_dies_may_come_back),
		TEST(a_refused_connection_may_pass),
		TEST(a_silent_server_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
