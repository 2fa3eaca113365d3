#include "base/rand.h"
#include "pool_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The pool while its connections are cut and its writes wait, on a real PostgreSQL. */

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
		 db_schema.name, n);
	r = PQexec(db_schema.admin, text);
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
	PGresult *r = PQexec(db_schema.admin, "SELECT n, count(*) FROM t GROUP BY n ORDER BY n");
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
	pool_rig_open(several);
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
	while (db_schema_number(
		"SELECT count(*) FROM pg_stat_activity WHERE application_name = current_schema()"))
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
	pool_rig_open(with_eight_writers);
	db_schema_sql("SELECT pg_advisory_lock(4711)");
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
	db_schema_sql("SELECT pg_advisory_unlock(4711)");
	rig_until(done_of(large, 11) == 11);
	for (int i = 0; i < 11; i++)
		assert_int_equal(large[i]->err, ERR_NONE);
	assert_int_equal(db_schema_number("SELECT count(*) FROM t WHERE n = -1"), 11);
}

/* Those in flight end with an unknown outcome, those that waited go on, and as many at a time as before. */
static void writes_that_take_long_survive_their_connections(void **state)
{
	struct db_reply *large[6];

	(void)state;
	pool_rig_open(with_eight_writers);
	db_schema_sql("SELECT pg_advisory_lock(4711)");
	for (int i = 0; i < 6; i++)
		large[i] = run_large("WITH w AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(4711))"
				     " INSERT INTO t (n) SELECT :a FROM w",
				     i);
	rig_until(
		db_schema_number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711"
				 " AND NOT granted") == 2);
	kill_some(100);
	rig_turn_for(20);
	db_schema_sql("SELECT pg_advisory_unlock(4711)");
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
	pool_rig_open(NULL);
	for (int i = 0; i < 20; i++)
		r[i] = i % 2 ? run_large("INSERT INTO t (n) VALUES (:a)", i)
			     : rig_run(DB_WRITE, "INSERT INTO t (n) VALUES (:a)", i);
	rig_until(done_of(r, 20) == 20);
	assert_int_equal(db_schema_number("SELECT count(*) FROM t"), 20);
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
	pool_rig_open(with_two_slow_ones);
	db_schema_sql("SELECT pg_advisory_lock(4711)");
	for (int i = 0; i < 20; i++)
		search[i] = run_for(1, true, DB_SLOW, WAITS_FOR_THE_TEST, i);
	for (int i = 0; i < 20; i++)
		list[i] = run_for(i < 10 ? 1 : 2, false, DB_SLOW, "SELECT :a", i);
	for (int i = 0; i < 10; i++)
		refused += list[i]->err == ERR_BUSY;
	assert_int_equal(refused, 10);
	rig_until(done_of(list + 10, 10) == 10);
	for (int i = 10; i < 20; i++)
		assert_int_equal(pool_rig_value(list[i]), i);
	for (int i = 0; i < 20; i++)
		assert_int_equal(search[i]->err, i > 10 ? ERR_BUSY : ERR_NONE);
	assert_int_equal(done_of(search, 11), 0);
	db_schema_sql("SELECT pg_advisory_unlock(4711)");
	rig_until(done_of(search, 11) == 11);
	for (int i = 0; i < 11; i++)
		assert_int_equal(pool_rig_value(search[i]), i);
}

static void people_take_turns(void **state)
{
	struct db_reply *first[10], *one;

	(void)state;
	pool_rig_open(with_two_slow_ones);
	db_schema_sql("SELECT pg_advisory_lock(4711)");
	for (int i = 0; i < 10; i++)
		first[i] = run_for(1, true, DB_SLOW, WAITS_FOR_THE_TEST, i);
	rig_until(rig_stats(DB_SLOW).in_flight == 1);
	one = run_for(2, true, DB_SLOW, WAITS_FOR_THE_TEST, -1);
	db_schema_sql("SELECT pg_advisory_unlock(4711)");
	rig_until(one->wait.done);
	assert_int_equal(pool_rig_value(one), -1);
	assert_true(done_of(first, 10) <= 3);
	rig_until(done_of(first, 10) == 10);
}

static void with_one_writer(struct db_config *config)
{
	config->connections[DB_WRITE] = 1;
}

static void people_take_turns_to_write(void **state)
{
	static const char insert[] = "WITH w AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(4711))"
				     " INSERT INTO t (n) SELECT :a FROM w";
	struct db_reply *first[20], *one;

	(void)state;
	pool_rig_open(with_one_writer);
	db_schema_sql("SELECT pg_advisory_lock(4711)");
	for (int i = 0; i < 20; i++)
		first[i] = run_for(1, false, DB_WRITE, insert, i);
	rig_until(rig_stats(DB_WRITE).in_flight == 2);
	one = run_for(2, false, DB_WRITE, insert, -1);
	db_schema_sql("SELECT pg_advisory_unlock(4711)");
	rig_until(one->wait.done);
	assert_int_equal(one->err, ERR_NONE);
	assert_true(done_of(first, 20) <= 6);
	rig_until(done_of(first, 20) == 20);
	assert_int_equal(db_schema_number("SELECT count(*) FROM t"), 21);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		POOL_TEST(writes_that_take_long_leave_connections_to_others),
		POOL_TEST(writes_that_take_long_survive_their_connections),
		POOL_TEST(writes_that_take_long_need_one_connection),
		POOL_TEST(searches_leave_a_connection_to_lists),
		POOL_TEST(people_take_turns),
		POOL_TEST(people_take_turns_to_write),
		POOL_TEST(nothing_is_lost_and_nothing_doubled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
