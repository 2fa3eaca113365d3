#include "db/lane.h"
#include "fake_rig.h"

#include <signal.h>

/* Connections that end before or while something is sent, and the ends of operations, batches and the pool. */

static bool swallow(struct fake_session *s, char type, const char *body)
{
	(void)s;
	(void)type;
	(void)body;
	return true;
}

/* The end of the connection is found when the next operation is sent, before the loop has heard of it. */
static void a_connection_that_ended_before_the_send(void **state)
{
	struct db_reply *read, *write;

	(void)state;
	fake_rig_open(NULL);
	for (int i = 1; i <= 3; i++)
		fake_hang_up(fake.all[i]);
	read = rig_run(DB_READ, "SELECT", 1);
	write = rig_run(DB_WRITE, "INSERT", 1);
	rig_until(read->wait.done && write->wait.done);
	assert_int_equal(read->err, ERR_NONE);
	assert_true(write->err == ERR_OUTCOME_UNKNOWN || write->err == ERR_NONE);
	assert_true(fake.executed <= 2);
}

static void what_said_goodbye_before_the_send_has_not_executed_it(void **state)
{
	struct db_reply *write;

	(void)state;
	fake_rig_open(NULL);
	for (int i = 1; i <= 3; i++) {
		fake_error(fake.all[i], "FATAL", "57P01", "terminating connection");
		fake_hang_up(fake.all[i]);
	}
	write = rig_run(DB_WRITE, "INSERT", 1);
	rig_until(write->wait.done);
	assert_int_equal(write->err, ERR_NONE);
	assert_int_equal(fake.executed, 1);
}

/* More than the socket takes: the rest waits, and the connection ends meanwhile. */
static void a_connection_that_ends_while_a_large_text_is_sent(void **state)
{
	static const struct choice nothing;
	static char text[4 << 20];
	struct text_args args = { .a = 1, .t = { text, sizeof(text) } };
	struct db_reply *r[2];

	(void)state;
	fake_rig_open(NULL);
	for (int i = 1; i <= 3; i++)
		uv_read_stop((uv_stream_t *)&fake.all[i]->pipe);
	for (int i = 0; i < 2; i++) {
		enum db_lane lane = i ? DB_WRITE : DB_SLOW;
		struct op *op = db_begin(rig.db, lane);

		db_add_composed(op, rig_statement(lane, ":t"), &nothing, &args);
		r[i] = db_submit(rig.db, op, &rig.arena);
	}
	rig_turn_for(50);
	assert_int_equal(rig_stats(DB_SLOW).in_flight, 1);
	await_abandon(&r[0]->wait); /* it would be too long for the fake server's memory */
	for (int i = 1; i <= 3; i++)
		fake_hang_up(fake.all[i]);
	rig_until(r[1]->wait.done);
	/* Its Sync did not leave, but that is not known for sure. */
	assert_true(r[1]->err == ERR_OUTCOME_UNKNOWN);
	rig_ready();
}

/* Outside of the pipeline mode libpq refuses the second thing: no Sync can follow, so nothing can be committed. */
static void what_libpq_does_not_take_is_sent_on_another_connection(void **state)
{
	struct db_reply *write;

	(void)state;
	fake_rig_open(NULL);
	assert_int_equal(PQexitPipelineMode(db_lane_of(rig.db, DB_WRITE)->pipes[0].conn.pg), 1);
	write = rig_do(DB_WRITE, "INSERT", 1);
	assert_int_equal(write->err, ERR_NONE);
	assert_int_equal(fake.executed, 1);
	assert_int_equal(fake.sessions, 4);
}

static void an_unreachable_server_is_tried_again(void **state)
{
	struct db_reply *reply;

	(void)state;
	fake.refuses = true;
	rig_open(fake.url, NULL);
	rig_until(fake.sessions >= 6);
	assert_false(db_ready(rig.db));
	fake.refuses = false;
	fake.hangs_up = true;
	rig_until(fake.sessions >= 12);
	fake.hangs_up = false;
	rig_ready();
	reply = rig_do(DB_READ, "SELECT", 1);
	assert_int_equal(reply->err, ERR_NONE);
}

static void a_deaf_server_is_given_up_and_tried_again(void **state)
{
	struct db_reply *reply;

	(void)state;
	fake.deaf = true;
	rig_open(fake.url, fake_rig_impatient);
	reply = rig_do(DB_READ, "SELECT", 1);
	/* The queue waits a second for a connection, and then nothing waits. */
	assert_int_equal(reply->err, ERR_UNAVAILABLE);
	assert_int_equal(rig_do(DB_READ, "SELECT", 1)->err, ERR_UNAVAILABLE);
	assert_true(fake.sessions > 6);
	fake.deaf = false;
	rig_ready();
	assert_int_equal(rig_do(DB_READ, "SELECT", 1)->err, ERR_NONE);
}

static struct db_reply *tries[3];

static void submit_everywhere(struct arena *arena)
{
	static const struct choice nothing;
	struct text_args args = { .a = 1 };

	for (int i = 0; i < DB_LANE_COUNT; i++) {
		struct op *op = db_begin(rig.db, (enum db_lane)i);

		db_add_composed(op, rig_statement((enum db_lane)i, "x"), &nothing, &args);
		tries[i] = db_submit(rig.db, op, arena);
	}
}

static void a_request_may_end_at_every_stage(void **state)
{
	struct arena arena = ARENA_EMPTY;

	(void)state;
	fake.deaf = true;
	rig_open(fake.url, NULL);
	/* Queued; given up, or forgotten: an exchange may end without awaiting its reply. */
	submit_everywhere(&arena);
	for (int i = 0; i < 3; i++)
		await_abandon(&tries[i]->wait);
	submit_everywhere(&arena);
	arena_reset(&arena);
	rig_turn_for(60);
	fake.deaf = false;
	for (int i = 0; i < 256; i++) {
		if (fake.all[i])
			fake_hang_up(fake.all[i]);
	}
	rig_ready();
	assert_int_equal(fake.executed, 0);
	/* In flight. */
	fake.script = swallow;
	submit_everywhere(&arena);
	rig_turn_for(20);
	arena_reset(&arena);
	/* After the connection was lost. */
	submit_everywhere(&arena);
	rig_turn_for(20);
	for (int i = 0; i < 256; i++) {
		if (fake.all[i])
			fake_hang_up(fake.all[i]);
	}
	rig_turn();
	arena_reset(&arena);
	fake.script = NULL;
	rig_ready();
	/* Done, and not looked at. */
	submit_everywhere(&arena);
	rig_until(tries[0]->wait.done && tries[1]->wait.done && tries[2]->wait.done);
	arena_reset(&arena);
}

static void closing_in_flight(void **state)
{
	(void)state;
	fake_rig_open(fake_rig_black_hole);
	submit_everywhere(&rig.arena);
	rig_turn_for(20);
	submit_everywhere(&rig.arena);
	assert_int_equal(rig_stats(DB_READ).in_flight, 1);
	/* end() closes. */
}

/* Reads that are the same run once, from the memory of the first of them. */
static void a_batch_may_end_with_all_who_wait_for_it(void **state)
{
	struct db_reply *a, *b;

	(void)state;
	fake_rig_open(fake_rig_black_hole);
	a = rig_run(DB_SLOW, "SELECT the same", 1);
	b = rig_run(DB_SLOW, "SELECT the same", 1);
	rig_turn_for(20);
	assert_int_equal(rig_stats(DB_SLOW).in_flight, 1);
	rig_abandon(a);
	rig_abandon(b);
	db_disconnect(rig.db, "a test");
	rig_ready();
	assert_int_equal(rig_do(DB_SLOW, "SELECT another", 1)->err, ERR_NONE);
}

static void closing_with_a_batch_in_flight(void **state)
{
	(void)state;
	fake_rig_open(fake_rig_black_hole);
	rig_run(DB_SLOW, "SELECT the same", 1);
	rig_run(DB_SLOW, "SELECT the same", 1);
	rig_turn_for(20);
	assert_int_equal(rig_stats(DB_SLOW).in_flight, 1);
	/* end() closes. */
}

static void closing_while_it_connects(void **state)
{
	(void)state;
	fake.deaf = true;
	rig_open(fake.url, NULL);
	submit_everywhere(&rig.arena);
	rig_until(fake.sessions == 3);
}

static void closing_while_names_are_resolved(void **state)
{
	(void)state;
	rig_open("postgresql://localhost:1/x", NULL);
}

static void closing_while_it_waits(void **state)
{
	(void)state;
	fake.hangs_up = true;
	rig_open(fake.url, NULL);
	rig_until(fake.sessions == 3);
	rig_turn_for(5);
}

static void the_queue_has_a_bound(void **state)
{
	struct db_reply *r[1002];
	int busy = 0;

	(void)state;
	fake_rig_open(fake_rig_black_hole);
	for (int i = 0; i < 1002; i++) {
		r[i] = rig_run(DB_WRITE, "x", i);
		busy += r[i]->wait.done && r[i]->err == ERR_BUSY;
	}
	assert_int_equal(busy, 2);
	assert_int_equal(rig_stats(DB_WRITE).refused, 2);
	assert_int_equal(rig_stats(DB_WRITE).queued, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(a_connection_that_ended_before_the_send),
		FAKE_TEST(what_said_goodbye_before_the_send_has_not_executed_it),
		FAKE_TEST(a_connection_that_ends_while_a_large_text_is_sent),
		FAKE_TEST(what_libpq_does_not_take_is_sent_on_another_connection),
		FAKE_TEST(an_unreachable_server_is_tried_again),
		FAKE_TEST(a_deaf_server_is_given_up_and_tried_again),
		FAKE_TEST(a_request_may_end_at_every_stage),
		FAKE_TEST(closing_in_flight),
		FAKE_TEST(a_batch_may_end_with_all_who_wait_for_it),
		FAKE_TEST(closing_with_a_batch_in_flight),
		FAKE_TEST(closing_while_it_connects),
		FAKE_TEST(closing_while_names_are_resolved),
		FAKE_TEST(closing_while_it_waits),
		FAKE_TEST(the_queue_has_a_bound),
	};

	signal(SIGPIPE, SIG_IGN); /* as the server does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
