#include "base/buf.h"
#include "db/copy.h"
#include "db/row.h"
#include "db_rig.h"
#include "db_schema.h"
#include "statements.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Connections outside the pipe, on a real PostgreSQL (`make test` starts one), with a table of their own. */

static struct copy_pool *pool;

static int begin(void **state)
{
	(void)state;
	if (db_schema_open("CREATE TABLE t (n int CONSTRAINT t_n UNIQUE, s text)"))
		rig_begin();
	return 0;
}

static void count_closed(void *arg)
{
	++*(int *)arg;
}

static int end(void **state)
{
	int closed = 0;

	(void)state;
	if (!db_schema_here())
		return 0;
	if (pool) {
		copy_pool_close(pool, count_closed, &closed);
		while (!closed)
			rig_turn();
	}
	pool = NULL;
	compose_stop();
	rig_end();
	db_schema_close();
	return 0;
}

static void open_pool(unsigned connections, uint64_t statement_timeout_ms, const char *where)
{
	struct copy_pool_config config = {
		.conn = { .loop = &rig.loop,
			  .url = where,
			  .connect_timeout_ms = 1000,
			  .statement_timeout_ms = statement_timeout_ms },
		.connections = connections,
		.keep_ms = 300,
	};

	if (!db_schema_here())
		skip();
	pool = copy_pool_create(&config);
}

static struct copy *take(void)
{
	struct copy *c = copy_take(pool);
	const struct awaitable *wait;

	assert_non_null(c);
	wait = copy_ready(c);
	rig_until(wait->done);
	return c;
}

#define WAIT(c, call)                                                                                        \
	do {                                                                                                 \
		const struct awaitable *wait_ = (call);                                                      \
		rig_until(wait_->done);                                                                      \
	} while (0)

#define OK(c, call)                                                                                          \
	do {                                                                                                 \
		WAIT(c, call);                                                                               \
		if ((c)->err)                                                                                \
			fail_msg("%s: %s %s", #call, err_code((c)->err), (c)->message);                      \
	} while (0)

static int sessions(void)
{
	char text[128];

	snprintf(text, sizeof(text), "SELECT count(*) FROM pg_stat_activity WHERE application_name = '%s'",
		 db_schema.name);
	return (int)db_schema_number(text);
}

/* ---- rows in ---- */

static void rows_are_stored_when_the_transaction_is_committed(void **state)
{
	struct copy *c;

	(void)state;
	open_pool(1, 5000, db_schema.url);
	c = take();
	OK(c, copy_script(c, "BEGIN"));
	OK(c, copy_in(c, "COPY t FROM STDIN"));
	OK(c, copy_put(c, STR("1\ta\n2\tb")));
	OK(c, copy_put(c, STR("\n")));
	OK(c, copy_in_end(c));
	assert_int_equal(db_schema_number("SELECT count(*) FROM t"), 0);
	OK(c, copy_script(c, "COMMIT"));
	assert_int_equal(db_schema_number("SELECT count(*) FROM t"), 2);
	copy_give_back(c);
}

static void rows_that_are_too_many_for_the_socket_wait_and_all_arrive(void **state)
{
	struct buf line = { 0 };
	struct copy *c;
	int waited = 0;

	(void)state;
	open_pool(1, 20000, db_schema.url);
	for (int i = 0; i < 1 << 20; i++)
		buf_add_char(&line, i == (1 << 20) - 1 ? '\n' : 'x');
	c = take();
	OK(c, copy_in(c, "COPY t (s) FROM STDIN"));
	for (int i = 0; i < 64; i++) {
		const struct awaitable *wait = copy_put(c, buf_str(&line));

		waited += !wait->done;
		rig_until(wait->done);
	}
	OK(c, copy_in_end(c));
	assert_true(waited > 0);
	assert_int_equal(db_schema_number("SELECT sum(length(s)) / 1024 FROM t"), 64 * 1024 - 1);
	buf_free(&line);
	copy_give_back(c);
}

static void a_row_that_the_server_refuses_tells_at_the_end_why(void **state)
{
	struct copy *c;

	(void)state;
	open_pool(1, 5000, db_schema.url);
	c = take();
	OK(c, copy_in(c, "COPY t FROM STDIN"));
	OK(c, copy_put(c, STR("1\ta\n1\tb\n")));
	WAIT(c, copy_in_end(c));
	assert_int_equal(c->err, ERR_CONFLICT);
	assert_string_equal(c->sqlstate, "23505");
	assert_string_equal(c->constraint, "t_n");
	OK(c, copy_script(c, "SELECT 1"));
	copy_give_back(c);
	assert_int_equal(db_schema_number("SELECT count(*) FROM t"), 0);
}

static void a_copy_into_nothing_is_an_error_and_the_connection_lives_on(void **state)
{
	struct copy *c;

	(void)state;
	open_pool(1, 5000, db_schema.url);
	c = take();
	WAIT(c, copy_in(c, "COPY nowhere FROM STDIN"));
	assert_int_equal(c->err, ERR_INTERNAL);
	assert_string_equal(c->sqlstate, "42P01");
	OK(c, copy_run(c, &statement_rollback, NULL));
	copy_give_back(c);
}

/* ---- rows out ---- */

static void a_cursor_gives_its_rows_in_pieces_from_one_snapshot(void **state)
{
	const struct statement *st = rig_statement(
		DB_SLOW, "SELECT n, s FROM t WHERE n <= :a AND s <> coalesce(:t, '') ORDER BY n");
	static const struct choice nothing;
	struct text_args args = { .a = 1000 };
	struct copy *c;
	int seen = 0;

	(void)state;
	open_pool(1, 5000, db_schema.url);
	db_schema_sql("INSERT INTO t SELECT n, 's' || n FROM generate_series(1, 2000) n");
	c = take();
	OK(c, copy_script(c, "BEGIN"));
	OK(c, copy_declare(c, st, &nothing, &args));
	do {
		OK(c, copy_fetch(c, 300));
		for (int i = 0; i < PQntuples(c->result); i++)
			assert_int_equal(row_int(c->result, i, 0), ++seen);
		db_schema_sql("DELETE FROM t WHERE n > 300");
	} while (PQntuples(c->result) == 300);
	assert_int_equal(seen, 1000);
	OK(c, copy_script(c, "COMMIT"));
	copy_give_back(c);
}

/* ---- who has them ---- */

static void there_are_no_more_than_the_bound_and_one_that_is_given_back_is_used_again(void **state)
{
	struct copy *a, *b, *again;
	struct copy_stats stats;

	(void)state;
	open_pool(2, 5000, db_schema.url);
	a = take();
	b = take();
	assert_null(copy_take(pool));
	assert_int_equal(sessions(), 2);
	copy_give_back(a);
	copy_give_back(a);
	again = take();
	assert_ptr_equal(again, a);
	assert_int_equal(sessions(), 2);
	copy_pool_stats(pool, &stats);
	assert_int_equal(stats.taken, 2);
	copy_give_back(again);
	copy_give_back(b);
	rig_until(sessions() == 0);
}

static void what_is_given_back_in_the_midst_of_a_transaction_is_undone(void **state)
{
	struct copy *c;

	(void)state;
	open_pool(1, 5000, db_schema.url);
	c = take();
	OK(c, copy_script(c, "BEGIN; INSERT INTO t VALUES (1, '')"));
	copy_give_back(c);
	rig_until(sessions() == 0);
	c = take();
	OK(c, copy_in(c, "COPY t FROM STDIN"));
	OK(c, copy_put(c, STR("2\t\n")));
	copy_give_back(c);
	rig_until(sessions() == 0);
	assert_int_equal(db_schema_number("SELECT count(*) FROM t"), 0);
}

static void a_statement_whose_holder_has_gone_is_stopped_within_a_second_or_two(void **state)
{
	struct copy *c;

	(void)state;
	open_pool(1, 60000, db_schema.url);
	c = take();
	OK(c, copy_script(c, "BEGIN;" COPY_NOTICE));
	copy_script(c, "SELECT pg_sleep(60)");
	rig_turn_for(100);
	copy_give_back(c);
	rig_until(sessions() == 0);
}

/* ---- trouble ---- */

static void a_database_that_is_away_is_told_after_the_time_for_connecting(void **state)
{
	struct copy *c;

	(void)state;
	open_pool(1, 5000, "postgresql://nobody@127.0.0.1:1/none");
	c = take();
	assert_int_equal(c->err, ERR_UNAVAILABLE);
	WAIT(c, copy_script(c, "SELECT 1"));
	assert_int_equal(c->err, ERR_UNAVAILABLE);
	copy_give_back(c);
}

static void a_connection_that_is_lost_fails_what_runs_and_the_next_holder_gets_a_new_one(void **state)
{
	struct copy *c;

	(void)state;
	open_pool(1, 20000, db_schema.url);
	c = take();
	copy_script(c, "SELECT pg_sleep(60)");
	rig_turn_for(100);
	db_schema_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '%s'",
		      db_schema.name);
	rig_until(c->wait.done);
	assert_int_equal(c->err, ERR_UNAVAILABLE);
	WAIT(c, copy_script(c, "SELECT 1"));
	assert_int_equal(c->err, ERR_UNAVAILABLE);
	copy_give_back(c);
	c = take();
	OK(c, copy_script(c, "SELECT 1"));
	copy_give_back(c);
}

static void a_connection_that_is_lost_while_rows_go_in_is_noticed_by_who_puts_them(void **state)
{
	struct copy *c;

	(void)state;
	open_pool(1, 20000, db_schema.url);
	c = take();
	OK(c, copy_in(c, "COPY t FROM STDIN"));
	db_schema_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '%s'",
		      db_schema.name);
	rig_until((rig_turn_for(10), copy_put(c, STR("1\t\n"))->done && c->err));
	assert_int_equal(c->err, ERR_UNAVAILABLE);
	copy_give_back(c);
}

static void a_server_that_is_silent_for_too_long_is_given_up(void **state)
{
	struct copy *c;

	(void)state;
	open_pool(1, 60000, db_schema.url);
	c = take();
	c->patience_ms = 200;
	WAIT(c, copy_script(c, "SELECT pg_sleep(60)"));
	assert_int_equal(c->err, ERR_UNAVAILABLE);
	copy_give_back(c);
}

static void the_pool_closes_while_somebody_waits(void **state)
{
	struct copy *c;

	(void)state;
	open_pool(2, 5000, db_schema.url);
	c = take();
	copy_script(c, "SELECT pg_sleep(60)");
	rig_turn_for(50);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rows_are_stored_when_the_transaction_is_committed),
		TEST(rows_that_are_too_many_for_the_socket_wait_and_all_arrive),
		TEST(a_row_that_the_server_refuses_tells_at_the_end_why),
		TEST(a_copy_into_nothing_is_an_error_and_the_connection_lives_on),
		TEST(a_cursor_gives_its_rows_in_pieces_from_one_snapshot),
		TEST(there_are_no_more_than_the_bound_and_one_that_is_given_back_is_used_again),
		TEST(what_is_given_back_in_the_midst_of_a_transaction_is_undone),
		TEST(a_statement_whose_holder_has_gone_is_stopped_within_a_second_or_two),
		TEST(a_database_that_is_away_is_told_after_the_time_for_connecting),
		TEST(a_connection_that_is_lost_fails_what_runs_and_the_next_holder_gets_a_new_one),
		TEST(a_connection_that_is_lost_while_rows_go_in_is_noticed_by_who_puts_them),
		TEST(a_server_that_is_silent_for_too_long_is_given_up),
		TEST(the_pool_closes_while_somebody_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
