#include "db/row.h"
#include "pool_rig.h"

#include <stdio.h>

/* What several wait for is executed once, on a real PostgreSQL. */

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
					 .each = { &many, places, 1 },
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
	pool_rig_open(NULL);
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
	pool_rig_open(NULL);
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
	pool_rig_open(NULL);
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 30; i++)
			r[i] = divide_by(i + 1);
		rig_abandon(r[4]);
		if (round % 2)
			rig_turn();
		db_schema_sql(
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '%s'",
			db_schema.name);
		for (int i = 0; i < 30; i++) {
			if (i == 4)
				continue;
			rig_until(r[i]->wait.done);
			assert_int_equal(r[i]->err, ERR_NONE);
		}
		rig_ready();
	}
}

/* ---- batches of those who agree in more or less ---- */

struct greeting {
	struct str word, only, name;
};
#define GREETING(member, type, nullable)                                                                     \
	{                                                                                                    \
#member, type, nullable, offsetof(struct greeting, member)                                   \
	}
static const struct statement_arg greet_args[] = { GREETING(word, DB_TEXT, false),
						   GREETING(only, DB_TEXT, true),
						   GREETING(name, DB_TEXT, false) };
static const struct statement_arg many_names_args[] = { GREETING(word, DB_TEXT, false),
							GREETING(only, DB_TEXT, true),
							GREETING(name, DB_TEXT_ARRAY, false) };
static const struct statement_arg each_name_args[] = { GREETING(word, DB_TEXT_ARRAY, false),
						       GREETING(name, DB_TEXT_ARRAY, false) };
static const size_t many_places[] = { 0, 1, 2 }, each_places[] = { 0, 2 };

static const struct statement greet_many = {
	.name = "test_greet_many",
	.text = "SELECT DISTINCT n, $1 || coalesce($2, '') || n, 'many' FROM unnest($3) n WHERE n <> '7' ORDER BY n DESC",
	.lane = DB_READ,
	.args = many_names_args,
	.arg_count = 3,
	.index = 1
};
static const struct statement greet_each = {
	.name = "test_greet_each",
	.text = "SELECT a.at, a.w || a.n, 'each' FROM unnest($1, $2) WITH ORDINALITY a (w, n, at) WHERE a.n <> '7'",
	.lane = DB_READ,
	.args = each_name_args,
	.arg_count = 2,
	.index = 2
};
static const struct statement greet = {
	.name = "test_greet",
	.text = "SELECT $3, $1 || coalesce($2, '') || $3, 'one' WHERE $3 <> '7'",
	.lane = DB_READ,
	.args = greet_args,
	.arg_count = 3,
	.many = { &greet_many, many_places, 7 },
	.each = { &greet_each, each_places, 5 },
	.index = 0
};

#define GREETINGS 60

/* Says hello to the numbers from 0 to 9, again and again, with these words and limits by turns. */
static void greet_all(struct db_reply *r[GREETINGS], const struct greeting *by, size_t n)
{
	static const char digits[] = "0123456789";

	for (size_t i = 0; i < GREETINGS; i++) {
		struct greeting args = by[i % n];

		args.name = (struct str){ digits + i / n % 10, 1 };
		r[i] = db_run(rig.db, &rig.arena, &greet, &args);
	}
}

/* Whether all got their own, and by which statement. */
static void all_were_greeted(struct db_reply *r[GREETINGS], const struct greeting *by,
			     const char *const kind[], size_t n)
{
	for (size_t i = 0; i < GREETINGS; i++) {
		const struct greeting *g = &by[i % n];
		char expected[32];

		rig_until(r[i]->wait.done);
		assert_int_equal(r[i]->err, ERR_NONE);
		assert_int_equal(r[i]->rows[0].count, i / n % 10 != 7);
		if (r[i]->row < 0)
			continue;
		snprintf(expected, sizeof(expected), "%s%s%zu", g->word.p, g->only.p ? g->only.p : "",
			 i / n % 10);
		assert_string_equal(PQgetvalue(r[i]->result[0], r[i]->row, 1), expected);
		assert_string_equal(PQgetvalue(r[i]->result[0], r[i]->row, 2), kind[i % n]);
	}
}

static void greetings_are(const struct greeting *by, const char *const kind[], size_t n)
{
	struct db_reply *r[GREETINGS];

	pool_rig_open(NULL);
	greet_all(r, by, n);
	all_were_greeted(r, by, kind, n);
}

static void those_who_differ_in_one_value_are_looked_up_by_it(void **state)
{
	static const struct greeting by[] = { { .word = STR("hello ") } };
	static const struct greeting limited[] = { { .word = STR("hello "), .only = STR("dear ") } };

	(void)state;
	greetings_are(by, (const char *const[]){ "many" }, 1);
	pool_rig_end(state);
	pool_rig_begin(state);
	greetings_are(limited, (const char *const[]){ "many" }, 1);
}

static void those_who_differ_in_more_get_each_their_own(void **state)
{
	static const struct greeting by[] = { { .word = STR("hello ") }, { .word = STR("good day ") } };

	(void)state;
	greetings_are(by, (const char *const[]){ "each", "each" }, 2);
}

/* What the statement for each does not take, as a limit of what may be seen, must not be lost in it. */
static void what_each_does_not_take_keeps_apart(void **state)
{
	static const struct greeting by[] = { { .word = STR("hello ") },
					      { .word = STR("hello "), .only = STR("dear ") },
					      { .word = STR("good day ") },
					      { .word = STR("hello "), .only = STR("old ") } };

	(void)state;
	greetings_are(by, (const char *const[]){ "each", "many", "each", "many" }, 4);
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
	pool_rig_open(NULL);
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
		assert_int_equal(pool_rig_value(same[i]), 7);
		assert_int_not_equal(when(other[i]), when(same[1]));
		assert_int_equal(pool_rig_value(other[i]), 100 + i);
	}
}

/* An argument that is absent is not the same as any that is there. */
static void what_is_absent_is_like_nothing_else(void **state)
{
	static const struct choice nothing;
	struct db_reply *r[20];

	(void)state;
	pool_rig_open(NULL);
	for (int i = 0; i < 20; i++) {
		struct op *op = db_begin(rig.db, DB_SLOW);
		struct text_args args = { .a = 1, .t = i % 2 ? STR("x") : STR_NONE };

		db_add_composed(op, rig_statement(DB_SLOW, "SELECT (:t IS NULL)::int + :a * 0"), &nothing,
				&args);
		r[i] = db_submit(rig.db, op, &rig.arena);
	}
	for (int i = 0; i < 20; i++) {
		rig_until(r[i]->wait.done);
		assert_int_equal(pool_rig_value(r[i]), i % 2 == 0);
	}
}

/* Else one would not see what it wrote itself. */
static void who_comes_later_does_not_join_what_is_under_way(void **state)
{
	struct db_reply *first, *second;

	(void)state;
	pool_rig_open(NULL);
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
	pool_rig_open(NULL);
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
	pool_rig_open(NULL);
	for (int i = 0; i < 20; i++)
		r[i] = rig_run(DB_WRITE, "INSERT INTO t (n) VALUES (:a)", 5);
	for (int i = 0; i < 20; i++)
		rig_until(r[i]->wait.done);
	assert_int_equal(db_schema_number("SELECT count(*) FROM t WHERE n = 5"), 20);
}

static void the_same_survives_its_connection(void **state)
{
	struct db_reply *r[20];

	(void)state;
	pool_rig_open(NULL);
	for (int i = 0; i < 20; i++)
		r[i] = rig_run(DB_SLOW, "SELECT :a FROM pg_sleep(0.05)", 5);
	rig_turn();
	db_schema_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '%s'",
		      db_schema.name);
	for (int i = 0; i < 20; i++) {
		rig_until(r[i]->wait.done);
		assert_int_equal(pool_rig_value(r[i]), 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		POOL_TEST(lookups_of_one_statement_are_one_execution),
		POOL_TEST(a_batch_that_fails_is_taken_apart),
		POOL_TEST(a_batch_survives_its_connection),
		POOL_TEST(those_who_differ_in_one_value_are_looked_up_by_it),
		POOL_TEST(those_who_differ_in_more_get_each_their_own),
		POOL_TEST(what_each_does_not_take_keeps_apart),
		POOL_TEST(the_same_that_waits_runs_once),
		POOL_TEST(what_is_absent_is_like_nothing_else),
		POOL_TEST(who_comes_later_does_not_join_what_is_under_way),
		POOL_TEST(the_same_fails_for_each),
		POOL_TEST(the_same_write_is_written_each_time),
		POOL_TEST(the_same_survives_its_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
