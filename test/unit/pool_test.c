#include "base/rand.h"
#include "db/row.h"
#include "db_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The pool on a real PostgreSQL (`make test` starts one), with tables of its own. */

static PGconn *admin;
static char schema[48], url[512];

static void __attribute__((format(printf, 1, 2))) sql(const char *format, ...)
{
	char text[512];
	PGresult *r;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	r = PQexec(admin, text);
	if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", text, PQerrorMessage(admin));
	PQclear(r);
}

static long number(const char *text)
{
	PGresult *r = PQexec(admin, text);
	long n;

	if (PQntuples(r) != 1)
		fail_msg("%s: %s", text, PQerrorMessage(admin));
	n = strtol(PQgetvalue(r, 0, 0), NULL, 10);
	PQclear(r);
	return n;
}

static int begin(void **state)
{
	static int count;
	const char *base = getenv("TEST_DATABASE_URL");

	(void)state;
	if (!base)
		return 0;
	admin = PQconnectdb(base);
	if (PQstatus(admin) != CONNECTION_OK)
		return -1;
	snprintf(schema, sizeof(schema), "pool_test_%d_%d", (int)getpid(), count++);
	snprintf(url, sizeof(url), "%s%coptions=-csearch_path%%3D%s&application_name=%s", base,
		 strchr(base, '?') ? '&' : '?', schema, schema);
	sql("SET client_min_messages = warning; CREATE SCHEMA %s; SET search_path = %s", schema, schema);
	sql("CREATE TABLE t (n int, late int, CONSTRAINT t_late UNIQUE (late) DEFERRABLE INITIALLY DEFERRED)");
	rig_begin();
	return 0;
}

static int end(void **state)
{
	(void)state;
	if (!getenv("TEST_DATABASE_URL"))
		return 0;
	if (rig.db)
		rig_close();
	rig.db = NULL;
	rig_end();
	sql("DROP SCHEMA %s CASCADE", schema);
	PQfinish(admin);
	return 0;
}

static void open_pool(void (*adjust)(struct db_config *))
{
	if (!getenv("TEST_DATABASE_URL"))
		skip();
	rig_open(url, adjust);
	rig_ready();
}

static int64_t value(const struct db_reply *reply)
{
	assert_int_equal(reply->err, ERR_NONE);
	assert_int_equal(PQntuples(reply->result[0]), 1);
	return row_int(reply->result[0], 0, 0);
}

static void lookups_share_a_group(void **state)
{
	struct db_reply *r[64];

	(void)state;
	open_pool(NULL);
	for (int i = 0; i < 64; i++)
		r[i] = rig_run(DB_READ, "SELECT :a, now()", i);
	for (int i = 0; i < 64; i++) {
		rig_until(r[i]->wait.done);
		assert_int_equal(value(r[i]), i);
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
	open_pool(NULL);
	for (int i = 0; i < 40; i++)
		r[i] = rig_run(DB_READ, "SELECT 100 / :a", i % 10);
	for (int i = 0; i < 40; i++) {
		rig_until(r[i]->wait.done);
		if (i % 10) {
			assert_int_equal(value(r[i]), 100 / (i % 10));
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
	open_pool(NULL);
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
		assert_int_equal(number("SELECT count(*) FROM t"), 2 * divisor);
	}
}

/* The error comes at the Sync; the write behind it has a transaction of its own. */
static void a_commit_may_fail(void **state)
{
	struct db_reply *a, *b, *c;

	(void)state;
	open_pool(NULL);
	assert_int_equal(rig_do(DB_WRITE, "INSERT INTO t (late) VALUES (:a)", 1)->err, ERR_NONE);
	a = rig_run(DB_WRITE, "INSERT INTO t (late) VALUES (:a)", 1);
	b = rig_run(DB_WRITE, "INSERT INTO t (late) VALUES (:a)", 2);
	c = rig_run(DB_WRITE, "INSERT INTO t (late) VALUES (:a)", 3);
	rig_until(a->wait.done && b->wait.done && c->wait.done);
	assert_int_equal(a->err, ERR_CONFLICT);
	assert_string_equal(a->constraint, "t_late");
	assert_int_equal(b->err, ERR_NONE);
	assert_int_equal(c->err, ERR_NONE);
	assert_int_equal(number("SELECT count(*) FROM t"), 3);
}

static void every_type_of_error_has_its_place(void **state)
{
	(void)state;
	open_pool(NULL);
	sql("CREATE FUNCTION fails(code text) RETURNS int LANGUAGE plpgsql AS "
	    "$$BEGIN RAISE EXCEPTION 'x' USING ERRCODE = code; END$$");
	assert_int_equal(rig_do(DB_WRITE, "SELECT fails('40001')", 1)->err, ERR_BUSY);
	assert_int_equal(rig_do(DB_WRITE, "SELECT fails('23505')", 1)->err, ERR_CONFLICT);
	assert_int_equal(rig_do(DB_WRITE, "SELECT nonsense", 1)->err, ERR_INTERNAL);
	assert_int_equal(rig_do(DB_READ, "SELECT fails('53200')", 1)->err, ERR_UNAVAILABLE);
	assert_int_equal(value(rig_do(DB_READ, "SELECT :a", 4)), 4);
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
	open_pool(NULL);
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
	open_pool(NULL);
	for (int i = 0; i < 3 * COMPOSED_MAX; i++) {
		struct db_reply *broken = i % 3 ? NULL : rig_run(DB_READ, "SELECT 1 / :a", 0);

		reply = rig_do(DB_READ, text_number(i), 1);
		assert_int_equal(value(reply), i + 1);
		if (broken)
			assert_string_equal(broken->sqlstate, "22012");
	}
	reply = rig_do(DB_READ, "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'list_%'", 0);
	assert_true(value(reply) <= COMPOSED_MAX);
	assert_int_equal(rig_stats(DB_READ).reconnects, 0);
}

/* A migration goes by while we run. */
static void other_columns_are_prepared_anew(void **state)
{
	struct db_reply *reply;

	(void)state;
	open_pool(NULL);
	sql("INSERT INTO t (n) VALUES (1)");
	assert_int_equal(rig_do(DB_READ, "SELECT * FROM t", 0)->err, ERR_NONE);
	assert_int_equal(rig_do(DB_WRITE, "UPDATE t SET n = n + 1 RETURNING *", 0)->err, ERR_NONE);
	sql("ALTER TABLE t ADD more text");
	reply = rig_do(DB_READ, "SELECT * FROM t", 0);
	assert_int_equal(reply->err, ERR_NONE);
	assert_int_equal(PQnfields(reply->result[0]), 3);
	reply = rig_do(DB_WRITE, "UPDATE t SET n = n + 1 RETURNING *", 0);
	assert_int_equal(reply->err, ERR_NONE);
	assert_int_equal(PQnfields(reply->result[0]), 3);
	assert_int_equal(number("SELECT n FROM t"), 3);
}

static void two_slow_ones(struct db_config *c)
{
	c->connections[DB_SLOW] = 2;
}

static void a_short_list_does_not_wait_for_a_long_one(void **state)
{
	struct db_reply *slow, *quick, *third;

	(void)state;
	open_pool(two_slow_ones);
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
	open_pool(NULL);
	start = uv_hrtime();
	slow = rig_run(DB_SLOW, "SELECT 1 FROM pg_sleep(:a)", 4);
	behind = rig_run(DB_SLOW, "SELECT 2 FROM pg_sleep(0.3)", 4);
	rig_turn_for(30);
	rig_abandon(slow);
	later = rig_run(DB_SLOW, "SELECT :a", 3);
	rig_until(behind->wait.done && later->wait.done);
	assert_true(uv_hrtime() - start < UINT64_C(2000000000));
	assert_int_equal(value(behind), 2);
	assert_int_equal(value(later), 3);
	assert_int_equal(rig_stats(DB_SLOW).reconnects, 0);
	/* The lane goes on as before. */
	for (int i = 0; i < 20; i++)
		assert_int_equal(value(rig_do(DB_SLOW, "SELECT :a", i)), i);
}

static void what_somebody_waits_for_is_not_cancelled(void **state)
{
	struct db_reply *slow;

	(void)state;
	open_pool(NULL);
	slow = rig_run(DB_SLOW, "SELECT 5 FROM pg_sleep(:a)", 1);
	rig_until(slow->wait.done);
	assert_int_equal(value(slow), 5);
}

static void hasty(struct db_config *c)
{
	c->conn.statement_timeout_ms = 100;
}

static void a_statement_has_a_timeout(void **state)
{
	struct db_reply *reply;

	(void)state;
	open_pool(hasty);
	reply = rig_do(DB_SLOW, "SELECT 1 FROM pg_sleep(:a)", 3);
	assert_int_equal(reply->err, ERR_DEADLINE);
	reply = rig_do(DB_WRITE, "INSERT INTO t (n) SELECT 1 FROM pg_sleep(:a)", 3);
	assert_int_equal(reply->err, ERR_DEADLINE);
	assert_int_equal(number("SELECT count(*) FROM t"), 0);
}

static void a_session_is_set_up(void **state)
{
	struct db_reply *reply;

	(void)state;
	open_pool(hasty);
	reply = rig_do(DB_READ,
		       "SELECT (current_setting('statement_timeout') = '100ms'"
		       " AND current_setting('TimeZone') = 'UTC' AND current_setting('jit') = 'off')::int",
		       0);
	assert_int_equal(value(reply), 1);
}

/* ---- batches ---- */

static const struct statement_arg single_args[] = { { "t", DB_TEXT, true, offsetof(struct text_args, t) } };
static const struct statement_arg many_args[] = { { "t", DB_TEXT_ARRAY, false, 0 } };
static const size_t places[] = { 0 };

/* Two of the table lend their places. */
static const struct statement many = {
	.name = "test_many",
	.text = "SELECT n.at::int AS _number, 100 / n.t::int, count(*) OVER ()"
		" FROM unnest($1::text[]) WITH ORDINALITY n (t, at) WHERE n.t <> '7'",
	.lane = DB_READ,
	.args = many_args,
	.arg_count = 1,
	.index = 1
};
static const struct statement single = { .name = "test_single",
					 .text = "SELECT 1 AS _number, 100 / $1::text::int, 1::bigint"
						 " WHERE $1 <> '7'",
					 .lane = DB_READ,
					 .args = single_args,
					 .arg_count = 1,
					 .batch = &many,
					 .batch_args = places,
					 .index = 0 };

static struct db_reply *divide_by(int n)
{
	char text[16];
	struct text_args args = { .t = { text, (size_t)snprintf(text, sizeof(text), "%d", n) } };

	return db_run(rig.db, &rig.arena, &single, &args);
}

static void lookups_of_one_statement_are_one_execution(void **state)
{
	struct db_reply *r[100];

	(void)state;
	open_pool(NULL);
	for (int i = 1; i < 100; i++)
		r[i] = divide_by(i);
	rig_abandon(r[3]);
	for (int i = 1; i < 100; i++) {
		if (i == 3)
			continue;
		rig_until(r[i]->wait.done);
		assert_int_equal(r[i]->err, ERR_NONE);
		assert_int_equal(r[i]->row >= 0, i != 7);
		if (i != 7)
			assert_int_equal(row_int(r[i]->result[0], r[i]->row, 1), 100 / i);
	}
	assert_true(row_int(r[1]->result[0], r[1]->row, 2) > 1);
	/* Some are left alone for a while after the others have gone. */
	arena_reset(&rig.arena);
}

static void a_batch_that_fails_is_taken_apart(void **state)
{
	struct db_reply *r[20];

	(void)state;
	open_pool(NULL);
	for (int i = 0; i < 20; i++)
		r[i] = divide_by(i);
	for (int i = 0; i < 20; i++) {
		rig_until(r[i]->wait.done);
		if (i == 0) {
			assert_string_equal(r[i]->sqlstate, "22012");
			continue;
		}
		assert_int_equal(r[i]->err, ERR_NONE);
		assert_int_equal(r[i]->row, i == 7 ? -1 : 0);
	}
}

static void a_batch_survives_its_connection(void **state)
{
	struct db_reply *r[30];

	(void)state;
	open_pool(NULL);
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 30; i++)
			r[i] = divide_by(i + 1);
		rig_abandon(r[4]);
		if (round % 2)
			rig_turn();
		sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '%s'",
		    schema);
		for (int i = 0; i < 30; i++) {
			if (i == 4)
				continue;
			rig_until(r[i]->wait.done);
			assert_int_equal(r[i]->err, ERR_NONE);
		}
		rig_ready();
	}
}

/* ---- the same ---- */

#define WHEN "SELECT :a, clock_timestamp()"

static int64_t when(struct db_reply *reply)
{
	rig_until(reply->wait.done);
	assert_int_equal(reply->err, ERR_NONE);
	return row_timestamp(reply->result[0], 0, 1);
}

static void the_same_that_waits_runs_once(void **state)
{
	struct db_reply *same[50], *other[50];

	(void)state;
	open_pool(NULL);
	for (int i = 0; i < 50; i++) {
		same[i] = rig_run(DB_SLOW, WHEN, 7);
		other[i] = rig_run(DB_SLOW, WHEN, 100 + i);
	}
	rig_abandon(same[0]);
	rig_abandon(same[30]);
	for (int i = 1; i < 50; i++) {
		if (i == 30)
			continue;
		assert_int_equal(when(same[i]), when(same[1]));
		assert_int_equal(value(same[i]), 7);
		assert_int_not_equal(when(other[i]), when(same[1]));
		assert_int_equal(value(other[i]), 100 + i);
	}
}

/* Else one would not see what it wrote itself. */
static void who_comes_later_does_not_join_what_is_under_way(void **state)
{
	struct db_reply *first, *second;

	(void)state;
	open_pool(NULL);
	first = rig_run(DB_SLOW, WHEN " FROM pg_sleep(0.05)", 1);
	rig_turn();
	assert_int_equal(rig_stats(DB_SLOW).in_flight, 1);
	second = rig_run(DB_SLOW, WHEN " FROM pg_sleep(0.05)", 1);
	assert_true(when(second) - when(first) >= 50000);
}

static void the_same_fails_for_each(void **state)
{
	struct db_reply *r[20];

	(void)state;
	open_pool(NULL);
	for (int i = 0; i < 20; i++)
		r[i] = rig_run(DB_SLOW, "SELECT 1 / :a", 0);
	for (int i = 0; i < 20; i++) {
		rig_until(r[i]->wait.done);
		assert_int_equal(r[i]->err, ERR_INTERNAL);
		assert_string_equal(r[i]->sqlstate, "22012");
	}
}

static void the_same_write_is_written_each_time(void **state)
{
	struct db_reply *r[20];

	(void)state;
	open_pool(NULL);
	for (int i = 0; i < 20; i++)
		r[i] = rig_run(DB_WRITE, "INSERT INTO t (n) VALUES (:a)", 5);
	for (int i = 0; i < 20; i++)
		rig_until(r[i]->wait.done);
	assert_int_equal(number("SELECT count(*) FROM t WHERE n = 5"), 20);
}

static void the_same_survives_its_connection(void **state)
{
	struct db_reply *r[20];

	(void)state;
	open_pool(NULL);
	for (int i = 0; i < 20; i++)
		r[i] = rig_run(DB_SLOW, "SELECT :a FROM pg_sleep(0.05)", 5);
	rig_turn();
	sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '%s'", schema);
	for (int i = 0; i < 20; i++) {
		rig_until(r[i]->wait.done);
		assert_int_equal(value(r[i]), 5);
	}
}

/* ---- under fire ---- */

#define WRITES 6000
#define READS  6000

static struct db_reply *writes[WRITES];
static bool given_up[WRITES];
static enum err outcome[WRITES];

static void several(struct db_config *c)
{
	c->connections[DB_READ] = 2;
	c->connections[DB_WRITE] = 3;
	c->connections[DB_SLOW] = 2;
}

static void kill_some(int n)
{
	char text[256];
	PGresult *r;

	snprintf(text, sizeof(text),
		 "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity WHERE"
		 " application_name = '%s' ORDER BY random() LIMIT %d) x",
		 schema, n);
	r = PQexec(admin, text);
	PQclear(r);
}

static int count_of(const PGresult *r, int n)
{
	int low = 0, high = PQntuples(r) - 1;

	while (low <= high) {
		int middle = (low + high) / 2, found = atoi(PQgetvalue(r, middle, 0));

		if (found == n)
			return atoi(PQgetvalue(r, middle, 1));
		if (found < n)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return 0;
}

/* What was acknowledged is there once, what was refused is not there, of the rest there is one or none. */
static void assert_truth(void)
{
	PGresult *r = PQexec(admin, "SELECT n, count(*) FROM t GROUP BY n ORDER BY n");
	int unknown = 0, acknowledged = 0;

	for (int i = 0; i < WRITES; i++) {
		int there = count_of(r, i);

		if (given_up[i]) {
			assert_true(there <= 1);
			continue;
		}
		if (outcome[i] == ERR_OUTCOME_UNKNOWN) {
			unknown++;
			assert_true(there <= 1);
			continue;
		}
		if (there != (outcome[i] == ERR_NONE))
			fail_msg("%d: err %d, %d times", i, (int)outcome[i], there);
		acknowledged += there;
	}
	PQclear(r);
	assert_true(acknowledged > WRITES / 2);
	/* A terminated backend nearly always says goodbye before the commit. */
	print_message("%d acknowledged, %d unknown\n", acknowledged, unknown);
}

static void nothing_is_lost_and_nothing_doubled(void **state)
{
	struct db_reply *reads[64] = { NULL };
	int written = 0, read = 0;

	(void)state;
	open_pool(several);
	memset(given_up, 0, sizeof(given_up));
	for (int round = 0; written < WRITES || read < READS; round++) {
		for (int i = 0; i < 8 && written < WRITES; i++, written++) {
			writes[written] = rig_run(DB_WRITE, "INSERT INTO t (n) VALUES (:a)", written);
			if (rand_u64() % 16 == 0) {
				rig_abandon(writes[written]);
				given_up[written] = true;
			}
		}
		for (int i = 0; i < 8 && read < READS; i++, read++) {
			struct db_reply **at = &reads[read % 64];
			enum db_lane lane = read % 5 ? DB_READ : DB_SLOW;

			if (*at && (*at)->wait.done)
				assert_true((*at)->err == ERR_NONE || (*at)->err == ERR_UNAVAILABLE ||
					    (*at)->err == ERR_BUSY);
			*at = rig_run(lane, read % 3 ? "SELECT :a, count(*) FROM t" : "SELECT :a", read);
			if (rand_u64() % 8 == 0) {
				rig_abandon(*at);
				*at = NULL;
			}
		}
		if (round % 25 == 24)
			kill_some((int)(rand_u64() % 7) + 1);
		for (int turns = (int)(rand_u64() % 6); turns >= 0; turns--)
			rig_turn();
		while (rig_stats(DB_WRITE).queued > 200 || rig_stats(DB_READ).queued > 200 ||
		       rig_stats(DB_SLOW).queued > 200)
			rig_turn();
	}
	for (int i = 0; i < WRITES; i++) {
		if (given_up[i])
			continue;
		rig_until(writes[i]->wait.done);
		outcome[i] = writes[i]->err;
	}
	rig_close();
	rig.db = NULL;
	/* A backend may still be at work on what was given up. */
	while (number("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'pool_test%'"))
		usleep(1000);
	assert_truth();
}

static void with_eight_writers(struct db_config *config)
{
	config->connections[DB_WRITE] = 8;
}

static struct db_reply *run_for(uint32_t owner, bool large, enum db_lane lane, const char *text, int32_t a)
{
	static const struct choice nothing;
	struct op *op = db_begin(rig.db, lane);

	if (large)
		db_mark_large(op);
	db_mark_owner(op, owner);
	db_add_composed(op, rig_statement(lane, text), &nothing, &(struct text_args){ .a = a });
	return db_submit(rig.db, op, &rig.arena);
}

static struct db_reply *run_large(const char *text, int32_t a)
{
	return run_for(0, true, DB_WRITE, text, a);
}

static int done_of(struct db_reply *const *r, int n)
{
	int done = 0;

	for (int i = 0; i < n; i++)
		done += r[i]->wait.done;
	return done;
}

/* The large ones wait for a lock that the test holds, so that nothing depends on time. */
static void writes_that_take_long_leave_connections_to_others(void **state)
{
	struct db_reply *large[12], *small[100];

	(void)state;
	open_pool(with_eight_writers);
	sql("SELECT pg_advisory_lock(4711)");
	for (int i = 0; i < 12; i++)
		large[i] = run_large("WITH w AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(4711))"
				     " INSERT INTO t (n) SELECT :a FROM w",
				     -1);
	for (int i = 0; i < 100; i++)
		small[i] = rig_run(DB_WRITE, "INSERT INTO t (n) VALUES (:a)", i);
	rig_abandon(large[11]);
	rig_until(done_of(small, 100) == 100);
	for (int i = 0; i < 100; i++)
		assert_int_equal(small[i]->err, ERR_NONE);
	assert_int_equal(done_of(large, 11), 0);
	assert_int_equal(rig_stats(DB_WRITE).in_flight, 2);
	assert_int_equal(rig_stats(DB_WRITE).queued, 10);
	sql("SELECT pg_advisory_unlock(4711)");
	rig_until(done_of(large, 11) == 11);
	for (int i = 0; i < 11; i++)
		assert_int_equal(large[i]->err, ERR_NONE);
	assert_int_equal(number("SELECT count(*) FROM t WHERE n = -1"), 11);
}

/* Those in flight end with an unknown outcome, those that waited go on, and as many at a time as before. */
static void writes_that_take_long_survive_their_connections(void **state)
{
	struct db_reply *large[6];

	(void)state;
	open_pool(with_eight_writers);
	sql("SELECT pg_advisory_lock(4711)");
	for (int i = 0; i < 6; i++)
		large[i] = run_large("WITH w AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(4711))"
				     " INSERT INTO t (n) SELECT :a FROM w",
				     i);
	rig_until(number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711"
			 " AND NOT granted") == 2);
	kill_some(100);
	rig_turn_for(20);
	sql("SELECT pg_advisory_unlock(4711)");
	rig_until(done_of(large, 6) == 6);
	for (int i = 0; i < 6; i++)
		assert_true(large[i]->err == ERR_NONE || large[i]->err == ERR_OUTCOME_UNKNOWN);
	assert_int_equal(rig_do(DB_WRITE, "INSERT INTO t (n) VALUES (:a)", 9)->err, ERR_NONE);
	assert_int_equal(run_large("SELECT :a", 1)->err, ERR_NONE);
	rig_until(rig_stats(DB_WRITE).queued == 0 && rig_stats(DB_WRITE).in_flight == 0);
}

/* With one connection there is nothing to leave; they are written all the same. */
static void writes_that_take_long_need_one_connection(void **state)
{
	struct db_reply *r[20];

	(void)state;
	open_pool(NULL);
	for (int i = 0; i < 20; i++)
		r[i] = i % 2 ? run_large("INSERT INTO t (n) VALUES (:a)", i)
			     : rig_run(DB_WRITE, "INSERT INTO t (n) VALUES (:a)", i);
	rig_until(done_of(r, 20) == 20);
	assert_int_equal(number("SELECT count(*) FROM t"), 20);
}

static void with_two_slow_ones(struct db_config *config)
{
	config->connections[DB_SLOW] = 2;
	config->queue_max = 40;
}

#define WAITS_FOR_THE_TEST                                                                                   \
	"SELECT :a FROM (SELECT pg_advisory_lock_shared(4711), pg_advisory_unlock_shared(4711) OFFSET 0) held"

/* One person has more of what takes long than there are connections, and more than his share of the queue. */
static void searches_leave_a_connection_to_lists(void **state)
{
	struct db_reply *search[20], *list[20];
	int refused = 0;

	(void)state;
	open_pool(with_two_slow_ones);
	sql("SELECT pg_advisory_lock(4711)");
	for (int i = 0; i < 20; i++)
		search[i] = run_for(1, true, DB_SLOW, WAITS_FOR_THE_TEST, i);
	for (int i = 0; i < 20; i++)
		list[i] = run_for(i < 10 ? 1 : 2, false, DB_SLOW, "SELECT :a", i);
	for (int i = 0; i < 10; i++)
		refused += list[i]->err == ERR_BUSY;
	assert_int_equal(refused, 10);
	rig_until(done_of(list + 10, 10) == 10);
	for (int i = 10; i < 20; i++)
		assert_int_equal(value(list[i]), i);
	for (int i = 0; i < 20; i++)
		assert_int_equal(search[i]->err, i > 10 ? ERR_BUSY : ERR_NONE);
	assert_int_equal(done_of(search, 11), 0);
	sql("SELECT pg_advisory_unlock(4711)");
	rig_until(done_of(search, 11) == 11);
	for (int i = 0; i < 11; i++)
		assert_int_equal(value(search[i]), i);
}

static void people_take_turns(void **state)
{
	struct db_reply *first[10], *one;

	(void)state;
	open_pool(with_two_slow_ones);
	sql("SELECT pg_advisory_lock(4711)");
	for (int i = 0; i < 10; i++)
		first[i] = run_for(1, true, DB_SLOW, WAITS_FOR_THE_TEST, i);
	rig_until(rig_stats(DB_SLOW).in_flight == 1);
	one = run_for(2, true, DB_SLOW, WAITS_FOR_THE_TEST, -1);
	sql("SELECT pg_advisory_unlock(4711)");
	rig_until(one->wait.done);
	assert_int_equal(value(one), -1);
	assert_true(done_of(first, 10) <= 3);
	rig_until(done_of(first, 10) == 10);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lookups_share_a_group),
		TEST(one_that_fails_does_not_fail_the_others),
		TEST(an_operation_is_one_transaction),
		TEST(a_commit_may_fail),
		TEST(every_type_of_error_has_its_place),
		TEST(texts_and_large_results),
		TEST(a_session_holds_a_bounded_number_of_prepared_texts),
		TEST(other_columns_are_prepared_anew),
		TEST(a_short_list_does_not_wait_for_a_long_one),
		TEST(what_nobody_waits_for_is_cancelled),
		TEST(what_somebody_waits_for_is_not_cancelled),
		TEST(a_statement_has_a_timeout),
		TEST(a_session_is_set_up),
		TEST(lookups_of_one_statement_are_one_execution),
		TEST(a_batch_that_fails_is_taken_apart),
		TEST(a_batch_survives_its_connection),
		TEST(the_same_that_waits_runs_once),
		TEST(who_comes_later_does_not_join_what_is_under_way),
		TEST(the_same_fails_for_each),
		TEST(the_same_write_is_written_each_time),
		TEST(the_same_survives_its_connection),
		TEST(writes_that_take_long_leave_connections_to_others),
		TEST(writes_that_take_long_survive_their_connections),
		TEST(writes_that_take_long_need_one_connection),
		TEST(searches_leave_a_connection_to_lists),
		TEST(people_take_turns),
		TEST(nothing_is_lost_and_nothing_doubled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
