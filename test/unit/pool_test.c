#include "db/row.h"
#include "pool_rig.h"

#include <stdio.h>
#include <string.h>

/* The pool on a real PostgreSQL (`make test` starts one). */

static void lookups_share_a_group(void **state)
{
	struct db_reply *r[64];

	(void)state;
	pool_rig_open(NULL);
	for (int i = 0; i < 64; i++)
		r[i] = rig_run(DB_READ, "SELECT :a, now()", i);
	for (int i = 0; i < 64; i++) {
		rig_until(r[i]->wait.done);
		assert_int_equal(pool_rig_value(r[i]), i);
		/* One transaction. */
		assert_int_equal(row_timestamp(r[i]->result[0], 0, 1), row_timestamp(r[0]->result[0], 0, 1));
	}
	assert_int_equal(rig_stats(DB_READ).groups, 1);
	assert_int_equal(rig_stats(DB_READ).operations, 64);
}

static void one_that_fails_does_not_fail_the_others(void **state)
{
	struct db_reply *r[40];

	(void)state;
	pool_rig_open(NULL);
	for (int i = 0; i < 40; i++)
		r[i] = rig_run(DB_READ, "SELECT 100 / :a", i % 10);
	for (int i = 0; i < 40; i++) {
		rig_until(r[i]->wait.done);
		if (i % 10) {
			assert_int_equal(pool_rig_value(r[i]), 100 / (i % 10));
			continue;
		}
		assert_int_equal(r[i]->err, ERR_INTERNAL);
		assert_string_equal(r[i]->sqlstate, "22012");
	}
	/* What was aborted leaves at once, each with a Sync: not a round trip for each. */
	assert_true(rig_stats(DB_READ).groups <= 4);
}

static void an_operation_is_one_transaction(void **state)
{
	static const struct choice nothing;
	struct op *op;
	struct db_reply *reply;

	(void)state;
	pool_rig_open(NULL);
	for (int divisor = 0; divisor < 2; divisor++) {
		op = db_begin(rig.db, DB_WRITE);
		db_add_composed(op, rig_statement(DB_WRITE, "INSERT INTO t (n) VALUES (:a)"), &nothing,
				&(struct text_args){ .a = divisor });
		db_add_composed(op, rig_statement(DB_WRITE, "SELECT 1 / :a"), &nothing,
				&(struct text_args){ .a = divisor });
		db_add_composed(op, rig_statement(DB_WRITE, "INSERT INTO t (n) SELECT 7"), &nothing,
				&(struct text_args){ .a = divisor });
		reply = db_submit(rig.db, op, &rig.arena);
		rig_until(reply->wait.done);
		assert_int_equal(reply->err, divisor ? ERR_NONE : ERR_INTERNAL);
		assert_int_equal(db_schema_number("SELECT count(*) FROM t"), 2 * divisor);
	}
}

/* The error comes at the Sync; the write behind it has a transaction of its own. */
static void a_commit_may_fail(void **state)
{
	struct db_reply *a, *b, *c;

	(void)state;
	pool_rig_open(NULL);
	assert_int_equal(rig_do(DB_WRITE, "INSERT INTO t (late) VALUES (:a)", 1)->err, ERR_NONE);
	a = rig_run(DB_WRITE, "INSERT INTO t (late) VALUES (:a)", 1);
	b = rig_run(DB_WRITE, "INSERT INTO t (late) VALUES (:a)", 2);
	c = rig_run(DB_WRITE, "INSERT INTO t (late) VALUES (:a)", 3);
	rig_until(a->wait.done && b->wait.done && c->wait.done);
	assert_int_equal(a->err, ERR_CONFLICT);
	assert_string_equal(a->constraint, "t_late");
	assert_int_equal(b->err, ERR_NONE);
	assert_int_equal(c->err, ERR_NONE);
	assert_int_equal(db_schema_number("SELECT count(*) FROM t"), 3);
}

static void every_type_of_error_has_its_place(void **state)
{
	(void)state;
	pool_rig_open(NULL);
	db_schema_sql("CREATE FUNCTION fails(code text) RETURNS int LANGUAGE plpgsql AS "
		      "$$BEGIN RAISE EXCEPTION 'x' USING ERRCODE = code; END$$");
	assert_int_equal(rig_do(DB_WRITE, "SELECT fails('40001')", 1)->err, ERR_BUSY);
	assert_int_equal(rig_do(DB_WRITE, "SELECT fails('23505')", 1)->err, ERR_CONFLICT);
	assert_int_equal(rig_do(DB_WRITE, "SELECT nonsense", 1)->err, ERR_INTERNAL);
	assert_int_equal(rig_do(DB_READ, "SELECT fails('53200')", 1)->err, ERR_UNAVAILABLE);
	assert_int_equal(pool_rig_value(rig_do(DB_READ, "SELECT :a", 4)), 4);
}

static void texts_and_large_results(void **state)
{
	static const struct choice nothing;
	static char big[3 << 20];
	const struct statement *st = rig_statement(DB_READ, "SELECT :t || '', length(:t), repeat('y', 1000)"
							    " FROM generate_series(1, :a)");
	struct text_args args = { .a = 1, .t = STR_INIT("a\0b") };
	struct op *op;
	struct db_reply *reply;

	(void)state;
	pool_rig_open(NULL);
	/* A NUL is refused by the server, not cut off by libpq. */
	op = db_begin(rig.db, DB_READ);
	db_add_composed(op, st, &nothing, &args);
	reply = db_submit(rig.db, op, &rig.arena);
	rig_until(reply->wait.done);
	assert_string_equal(reply->sqlstate, "22021");
	memset(big, 'x', sizeof(big));
	args = (struct text_args){ .a = 5, .t = { big, sizeof(big) } };
	op = db_begin(rig.db, DB_READ);
	db_add_composed(op, st, &nothing, &args);
	reply = db_submit(rig.db, op, &rig.arena);
	rig_until(reply->wait.done);
	assert_int_equal(reply->err, ERR_NONE);
	assert_int_equal(PQntuples(reply->result[0]), 5);
	for (int i = 0; i < 5; i++) {
		struct str s = row_text(reply->result[0], i, 0);

		assert_int_equal(s.n, sizeof(big));
		assert_memory_equal(s.p, big, sizeof(big));
	}
}

static const char *text_number(int i)
{
	static char text[64];

	snprintf(text, sizeof(text), "SELECT :a + %d", i);
	return text;
}

/* More texts than there is room for, every third one in a group that is aborted before it comes to prepare it. */
static void a_session_holds_a_bounded_number_of_prepared_texts(void **state)
{
	struct db_reply *reply;

	(void)state;
	pool_rig_open(NULL);
	for (int i = 0; i < 3 * COMPOSED_MAX; i++) {
		struct db_reply *broken = i % 3 ? NULL : rig_run(DB_READ, "SELECT 1 / :a", 0);

		reply = rig_do(DB_READ, text_number(i), 1);
		assert_int_equal(pool_rig_value(reply), i + 1);
		if (broken)
			assert_string_equal(broken->sqlstate, "22012");
	}
	reply = rig_do(DB_READ, "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'list_%'", 0);
	assert_true(pool_rig_value(reply) <= COMPOSED_MAX);
	assert_int_equal(rig_stats(DB_READ).reconnects, 0);
}

/* A migration goes by while we run. */
static void other_columns_are_prepared_anew(void **state)
{
	struct db_reply *reply;

	(void)state;
	pool_rig_open(NULL);
	db_schema_sql("INSERT INTO t (n) VALUES (1)");
	assert_int_equal(rig_do(DB_READ, "SELECT * FROM t", 0)->err, ERR_NONE);
	assert_int_equal(rig_do(DB_WRITE, "UPDATE t SET n = n + 1 RETURNING *", 0)->err, ERR_NONE);
	db_schema_sql("ALTER TABLE t ADD more text");
	reply = rig_do(DB_READ, "SELECT * FROM t", 0);
	assert_int_equal(reply->err, ERR_NONE);
	assert_true(PQfnumber(reply->result[0], "more") >= 0);
	reply = rig_do(DB_WRITE, "UPDATE t SET n = n + 1 RETURNING *", 0);
	assert_int_equal(reply->err, ERR_NONE);
	assert_true(PQfnumber(reply->result[0], "more") >= 0);
	assert_int_equal(db_schema_number("SELECT n FROM t"), 3);
}

static void two_slow_ones(struct db_config *c)
{
	c->connections[DB_SLOW] = 2;
}

static void a_short_list_does_not_wait_for_a_long_one(void **state)
{
	struct db_reply *slow, *quick, *third;

	(void)state;
	pool_rig_open(two_slow_ones);
	quick = rig_run(DB_SLOW, "SELECT :a", 1);
	slow = rig_run(DB_SLOW, "SELECT 1 FROM pg_sleep(:a)", 1);
	third = rig_run(DB_SLOW, "SELECT :a", 3);
	rig_until(quick->wait.done);
	assert_false(slow->wait.done);
	rig_until(slow->wait.done);
	assert_int_equal(slow->err, ERR_NONE);
	rig_until(third->wait.done);
	quick = rig_run(DB_SLOW, "SELECT :a", 1);
	slow = rig_run(DB_SLOW, "SELECT 1 FROM pg_sleep(:a)", 1);
	rig_until(quick->wait.done);
	assert_false(slow->wait.done);
}

static void what_nobody_waits_for_is_cancelled(void **state)
{
	struct db_reply *slow, *behind, *later;
	uint64_t start;

	(void)state;
	pool_rig_open(NULL);
	start = uv_hrtime();
	slow = rig_run(DB_SLOW, "SELECT 1 FROM pg_sleep(:a)", 4);
	behind = rig_run(DB_SLOW, "SELECT 2 FROM pg_sleep(0.3)", 4);
	rig_turn_for(30);
	rig_abandon(slow);
	later = rig_run(DB_SLOW, "SELECT :a", 3);
	rig_until(behind->wait.done && later->wait.done);
	assert_true(uv_hrtime() - start < UINT64_C(2000000000));
	assert_int_equal(pool_rig_value(behind), 2);
	assert_int_equal(pool_rig_value(later), 3);
	assert_int_equal(rig_stats(DB_SLOW).reconnects, 0);
	/* The lane goes on as before. */
	for (int i = 0; i < 20; i++)
		assert_int_equal(pool_rig_value(rig_do(DB_SLOW, "SELECT :a", i)), i);
}

static void what_somebody_waits_for_is_not_cancelled(void **state)
{
	struct db_reply *slow;

	(void)state;
	pool_rig_open(NULL);
	slow = rig_run(DB_SLOW, "SELECT 5 FROM pg_sleep(:a)", 1);
	rig_until(slow->wait.done);
	assert_int_equal(pool_rig_value(slow), 5);
}

static void hasty(struct db_config *c)
{
	c->conn.statement_timeout_ms = 100;
}

static void a_statement_has_a_timeout(void **state)
{
	struct db_reply *reply;

	(void)state;
	pool_rig_open(hasty);
	reply = rig_do(DB_SLOW, "SELECT 1 FROM pg_sleep(:a)", 3);
	assert_int_equal(reply->err, ERR_DEADLINE);
	reply = rig_do(DB_WRITE, "INSERT INTO t (n) SELECT 1 FROM pg_sleep(:a)", 3);
	assert_int_equal(reply->err, ERR_DEADLINE);
	assert_int_equal(db_schema_number("SELECT count(*) FROM t"), 0);
}

static void a_session_is_set_up(void **state)
{
	static const char *const settings[][2] = {
		{ "statement_timeout", "100ms" },
		{ "lock_timeout", "100ms" },
		{ "idle_in_transaction_session_timeout", "100ms" },
		{ "TimeZone", "UTC" },
		{ "DateStyle", "ISO, YMD" },
		{ "IntervalStyle", "iso_8601" },
		{ "plan_cache_mode", "force_generic_plan" },
		{ "jit", "off" },
		{ "enable_seqscan", "off" },
	};
	char text[160];

	(void)state;
	pool_rig_open(hasty);
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		snprintf(text, sizeof(text), "SELECT (current_setting('%s') = '%s')::int", settings[i][0],
			 settings[i][1]);
		if (pool_rig_value(rig_do(DB_READ, text, 0)) != 1)
			fail_msg("%s is not %s", settings[i][0], settings[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		POOL_TEST(lookups_share_a_group),
		POOL_TEST(one_that_fails_does_not_fail_the_others),
		POOL_TEST(an_operation_is_one_transaction),
		POOL_TEST(a_commit_may_fail),
		POOL_TEST(every_type_of_error_has_its_place),
		POOL_TEST(texts_and_large_results),
		POOL_TEST(a_session_holds_a_bounded_number_of_prepared_texts),
		POOL_TEST(other_columns_are_prepared_anew),
		POOL_TEST(a_short_list_does_not_wait_for_a_long_one),
		POOL_TEST(what_nobody_waits_for_is_cancelled),
		POOL_TEST(what_somebody_waits_for_is_not_cancelled),
		POOL_TEST(a_statement_has_a_timeout),
		POOL_TEST(a_session_is_set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
