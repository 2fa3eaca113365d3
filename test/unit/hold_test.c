#include "db/hold.h"
#include "db/row.h"
#include "pool_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Changes that are held open, on a real PostgreSQL (`make test` starts one). */

static struct db_hold hold;

static long rows(void)
{
	return db_schema_number("SELECT count(*) FROM t");
}

/* One connection for writes, so that what waits for it shows. */
static void one_writer(struct db_config *c)
{
	c->connections[DB_WRITE] = 1;
}

static void open_pool(void)
{
	pool_rig_open(one_writer);
}

static struct op *insert(int32_t n)
{
	static const struct choice nothing;
	struct op *op = db_begin(rig.db, DB_WRITE);
	struct text_args args = { .a = n };

	db_add_composed(op, rig_statement(DB_WRITE, "INSERT INTO t (once) VALUES (:a) RETURNING once"),
			&nothing, &args);
	return op;
}

static struct db_reply *hold_insert(int32_t n)
{
	return db_submit_held(rig.db, insert(n), &hold, &rig.arena);
}

static void hold_one(int32_t n)
{
	struct db_reply *r = hold_insert(n);

	rig_until(r->wait.done);
	assert_int_equal(r->err, ERR_NONE);
	assert_int_equal(row_int(r->result[0], 0, 0), n);
	assert_true(hold_is_open(&hold));
	assert_int_equal(rows(), 0);
}

/* The only connection for writes takes the next one. */
static void goes_on(void)
{
	struct db_reply *r = rig_do(DB_WRITE, "SELECT :a", 7);

	assert_int_equal(r->err, ERR_NONE);
	assert_int_equal(row_int(r->result[0], 0, 0), 7);
}

static void what_follows_is_committed_with_it(void **state)
{
	struct db_reply *r;

	(void)state;
	open_pool();
	hold_one(1);
	r = hold_commit(&hold, insert(2), &rig.arena);
	rig_until(r->wait.done);
	assert_int_equal(r->err, ERR_NONE);
	assert_false(hold_is_open(&hold));
	assert_int_equal(rows(), 2);
	goes_on();
}

static void what_is_released_never_was(void **state)
{
	(void)state;
	open_pool();
	hold_one(1);
	hold_release(&hold);
	hold_release(&hold);
	goes_on();
	assert_int_equal(rows(), 0);
}

static void what_fails_behind_it_undoes_both(void **state)
{
	struct db_reply *r;

	(void)state;
	open_pool();
	hold_one(1);
	r = hold_commit(&hold, insert(1), &rig.arena);
	rig_until(r->wait.done);
	assert_int_equal(r->err, ERR_CONFLICT);
	goes_on();
	assert_int_equal(rows(), 0);
}

static void a_change_that_fails_is_not_held(void **state)
{
	struct db_reply *r;

	(void)state;
	open_pool();
	db_schema_sql("INSERT INTO t (once) VALUES (1)");
	r = hold_insert(1);
	rig_until(r->wait.done);
	assert_int_equal(r->err, ERR_CONFLICT);
	assert_false(hold_is_open(&hold));
	goes_on();
}

static void nothing_comes_between(void **state)
{
	struct db_reply *other, *r;

	(void)state;
	open_pool();
	hold_one(1);
	other = rig_run(DB_WRITE, "INSERT INTO t (once) VALUES (:a)", 3);
	rig_turn_for(50);
	assert_false(other->wait.done);
	r = hold_commit(&hold, insert(2), &rig.arena);
	rig_until(r->wait.done && other->wait.done);
	assert_int_equal(other->err, ERR_NONE);
	assert_int_equal(rows(), 3);
}

static void what_was_sent_before_it_is_committed(void **state)
{
	struct db_reply *before, *r;

	(void)state;
	open_pool();
	before = rig_run(DB_WRITE, "INSERT INTO t (once) VALUES (:a)", 5);
	r = hold_insert(6);
	rig_until(r->wait.done);
	assert_true(before->wait.done);
	assert_int_equal(rows(), 1);
	hold_release(&hold);
	goes_on();
	assert_int_equal(rows(), 1);
}

static void a_holder_that_gives_up_early_leaves_nothing(void **state)
{
	struct db_reply *r;

	(void)state;
	open_pool();
	r = hold_insert(1);
	uv_run(&rig.loop, UV_RUN_NOWAIT); /* it is sent, and takes its time */
	assert_false(r->wait.done);
	rig_abandon(r);
	assert_false(r->wait.in_doubt); /* it is rolled back, whatever has become of it */
	goes_on();
	assert_int_equal(rows(), 0);
}

static void a_connection_that_is_lost_takes_it_along(void **state)
{
	struct db_reply *r;

	(void)state;
	open_pool();
	hold_one(1);
	db_schema_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '%s'",
		      db_schema.name);
	rig_until(!hold_is_open(&hold));
	r = hold_commit(&hold, insert(2), &rig.arena);
	rig_until(r->wait.done);
	assert_int_equal(r->err, ERR_UNAVAILABLE);
	rig_ready();
	goes_on();
	assert_int_equal(rows(), 0);
}

static void a_connection_that_is_lost_before_the_answer_is_tried_again(void **state)
{
	struct db_reply *r;

	(void)state;
	open_pool();
	r = hold_insert(1);
	rig_turn();
	db_schema_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '%s'",
		      db_schema.name);
	rig_until(r->wait.done);
	if (r->err == ERR_NONE && hold_is_open(&hold)) {
		r = hold_commit(&hold, insert(2), &rig.arena);
		rig_until(r->wait.done);
	}
	/* Whichever came first: both, or none. */
	assert_int_equal(rows(), r->err == ERR_NONE ? 2 : 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		POOL_TEST(what_follows_is_committed_with_it),
		POOL_TEST(what_is_released_never_was),
		POOL_TEST(what_fails_behind_it_undoes_both),
		POOL_TEST(a_change_that_fails_is_not_held),
		POOL_TEST(nothing_comes_between),
		POOL_TEST(what_was_sent_before_it_is_committed),
		POOL_TEST(a_holder_that_gives_up_early_leaves_nothing),
		POOL_TEST(a_connection_that_is_lost_takes_it_along),
		POOL_TEST(a_connection_that_is_lost_before_the_answer_is_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
