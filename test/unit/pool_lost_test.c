#include "db_rig.h"
#include "fake_server.h"

#include <stdlib.h>
#include <string.h>

/* What becomes of operations when the server does what a real one cannot be made to do on demand. */

static struct fake fake;

static int begin(void **state)
{
	(void)state;
	rig_begin();
	fake_start(&fake, &rig.loop);
	return 0;
}

static int end(void **state)
{
	(void)state;
	rig_close();
	fake_stop(&fake);
	rig_end();
	return 0;
}

static void open_ready(fake_script *script)
{
	fake.script = script;
	rig_open(fake.url, NULL);
	rig_ready();
}

static void impatient(struct db_config *c)
{
	c->conn.statement_timeout_ms = 1; /* and two seconds of grace */
	c->conn.connect_timeout_ms = 200;
}

/* The three connections of the beginning are the first sessions; later ones answer properly. */
static bool is_first(const struct fake_session *s)
{
	return s->number <= 3;
}

static bool hang_up_at_execute(struct fake_session *s, char type, const char *body)
{
	(void)body;
	if (type == 'E' && is_first(s))
		fake_hang_up(s);
	return s->gone;
}

static bool hang_up_at_sync(struct fake_session *s, char type, const char *body)
{
	(void)body;
	if (type == 'S' && is_first(s))
		fake_hang_up(s);
	return s->gone;
}

static void a_lost_write_is_unknown(void **state)
{
	(void)state;
	open_ready(hang_up_at_execute);
	assert_int_equal(rig_do(DB_WRITE, "INSERT", 1)->err, ERR_OUTCOME_UNKNOWN);
	assert_int_equal(fake.executed, 0);
	rig_ready();
	assert_int_equal(rig_do(DB_WRITE, "INSERT", 1)->err, ERR_NONE);
}

static void a_write_lost_at_its_commit_is_unknown(void **state)
{
	struct db_reply *reply;

	(void)state;
	open_ready(hang_up_at_sync);
	reply = rig_do(DB_WRITE, "INSERT", 1);
	assert_int_equal(reply->err, ERR_OUTCOME_UNKNOWN);
	assert_true(reply->wait.in_doubt);
	assert_int_equal(fake.executed, 1);
	rig_turn_for(100);
	assert_int_equal(fake.executed, 1);
}

static void a_lost_read_is_sent_again(void **state)
{
	struct db_reply *r[8];

	(void)state;
	open_ready(hang_up_at_execute);
	for (int i = 0; i < 8; i++)
		r[i] = rig_run(DB_READ, i % 2 ? "SELECT one" : "SELECT two", i);
	for (int i = 0; i < 8; i++) {
		rig_until(r[i]->wait.done);
		assert_int_equal(r[i]->err, ERR_NONE);
		assert_int_equal(PQresultStatus(r[i]->result[0]), PGRES_TUPLES_OK);
	}
	assert_int_equal(rig_do(DB_SLOW, "SELECT", 1)->err, ERR_NONE);
}

static bool hang_up_within_a_row(struct fake_session *s, char type, const char *body)
{
	(void)body;
	if (type == 'E' && is_first(s)) {
		fake_row(s, 100);
		fake_send(s, "D\0\0\1\0\0\1", 7);
		fake_hang_up(s);
	}
	return s->gone;
}

static void a_read_lost_within_its_rows_is_sent_again(void **state)
{
	struct db_reply *reply;

	(void)state;
	open_ready(hang_up_within_a_row);
	reply = rig_do(DB_READ, "SELECT", 1);
	assert_int_equal(reply->err, ERR_NONE);
	assert_int_equal(PQntuples(reply->result[0]), 0);
}

static bool fatal_at_execute(struct fake_session *s, char type, const char *body)
{
	(void)body;
	if (type == 'E' && is_first(s)) {
		fake_error(s, "FATAL", "57P01", "terminating connection");
		fake_hang_up(s);
	}
	return s->gone;
}

/* It was rolled back, and what is behind it was not begun: neither is unknown, both are sent again. */
static void a_write_that_the_server_gave_up_is_sent_again(void **state)
{
	struct db_reply *a, *b;

	(void)state;
	open_ready(fatal_at_execute);
	a = rig_run(DB_WRITE, "INSERT", 1);
	b = rig_run(DB_WRITE, "INSERT", 2);
	rig_until(a->wait.done && b->wait.done);
	assert_int_equal(a->err, ERR_NONE);
	assert_int_equal(b->err, ERR_NONE);
	assert_int_equal(fake.executed, 2);
}

static bool fatal_at_sync(struct fake_session *s, char type, const char *body)
{
	(void)body;
	if (type == 'S' && is_first(s)) {
		fake_error(s, "FATAL", "57P01", "terminating connection");
		fake_hang_up(s);
	}
	return s->gone;
}

/* The commit was made or not; what is behind it was not begun. */
static void a_write_given_up_at_its_commit_is_unknown(void **state)
{
	struct db_reply *a, *b;

	(void)state;
	open_ready(fatal_at_sync);
	a = rig_run(DB_WRITE, "INSERT", 1);
	b = rig_run(DB_WRITE, "INSERT", 2);
	rig_until(a->wait.done && b->wait.done);
	assert_int_equal(a->err, ERR_OUTCOME_UNKNOWN);
	assert_int_equal(b->err, ERR_NONE);
	assert_int_equal(fake.executed, 2);
}

static bool always_fatal(struct fake_session *s, char type, const char *body)
{
	(void)body;
	if (type == 'E') {
		fake_error(s, "FATAL", "57P01", "terminating connection");
		fake_hang_up(s);
	}
	return s->gone;
}

static void sending_again_has_an_end(void **state)
{
	(void)state;
	open_ready(always_fatal);
	assert_int_equal(rig_do(DB_WRITE, "INSERT", 1)->err, ERR_UNAVAILABLE);
	assert_int_equal(rig_do(DB_READ, "SELECT", 1)->err, ERR_UNAVAILABLE);
}

/* A parallel worker's end is an error of the statement with the code of a goodbye. */
static bool worker_ended(struct fake_session *s, char type, const char *body)
{
	(void)body;
	if (!is_first(s) || type != 'E')
		return false;
	if (s->syncs == 0) {
		fake_error(s, "ERROR", "57P01", "terminating parallel worker");
		return true;
	}
	fake_hang_up(s);
	return true;
}

static void only_a_fatal_error_is_a_goodbye(void **state)
{
	struct db_reply *a, *b;

	(void)state;
	open_ready(worker_ended);
	assert_int_equal(rig_do(DB_WRITE, "INSERT", 1)->err, ERR_UNAVAILABLE);
	a = rig_run(DB_WRITE, "INSERT", 2);
	b = rig_run(DB_WRITE, "INSERT", 3);
	rig_until(a->wait.done && b->wait.done);
	assert_int_equal(a->err, ERR_OUTCOME_UNKNOWN);
	assert_int_equal(b->err, ERR_OUTCOME_UNKNOWN);
	assert_int_equal(fake.executed, 0);
}

static bool error_then_hang_up(struct fake_session *s, char type, const char *body)
{
	(void)body;
	if (!is_first(s))
		return false;
	if (type == 'E')
		fake_error(s, "ERROR", "23505", "duplicate key");
	if (type == 'S')
		fake_hang_up(s);
	return type == 'E' || s->gone;
}

static void a_write_that_failed_has_failed_also_when_the_connection_is_lost(void **state)
{
	struct db_reply *reply;

	(void)state;
	open_ready(error_then_hang_up);
	reply = rig_do(DB_WRITE, "INSERT", 1);
	assert_int_equal(reply->err, ERR_CONFLICT);
	assert_string_equal(reply->sqlstate, "23505");
	assert_false(reply->wait.in_doubt);
}

static bool not_prepared(struct fake_session *s, char type, const char *body)
{
	(void)body;
	if (type == 'B' && is_first(s))
		fake_error(s, "ERROR", "26000", "prepared statement does not exist");
	return s->skipping;
}

static void what_is_not_prepared_is_prepared_on_a_new_connection(void **state)
{
	(void)state;
	open_ready(not_prepared);
	assert_int_equal(rig_do(DB_WRITE, "INSERT", 1)->err, ERR_NONE);
	assert_int_equal(rig_do(DB_READ, "SELECT", 1)->err, ERR_NONE);
	assert_int_equal(fake.executed, 2);
	assert_int_equal(fake.sessions, 5);
}

static bool read_only(struct fake_session *s, char type, const char *body)
{
	(void)body;
	if (type == 'E' && is_first(s) && s->syncs == 0)
		fake_error(s, "ERROR", "25006", "cannot execute INSERT in a read-only transaction");
	return s->skipping;
}

/* It may have become the master meanwhile: what was sent behind is waited for, not guessed. */
static void a_standby_is_left_when_all_is_answered(void **state)
{
	struct db_reply *a, *b;

	(void)state;
	open_ready(read_only);
	a = rig_run(DB_WRITE, "INSERT", 1);
	b = rig_run(DB_WRITE, "INSERT", 2);
	rig_until(a->wait.done && b->wait.done);
	assert_int_equal(a->err, ERR_UNAVAILABLE);
	assert_int_equal(b->err, ERR_NONE);
	rig_until(fake.sessions == 4);
	rig_ready();
	assert_int_equal(rig_do(DB_WRITE, "INSERT", 3)->err, ERR_NONE);
}

static bool copies(struct fake_session *s, char type, const char *body)
{
	(void)body;
	if (type == 'D' && is_first(s))
		fake_send(s, "n\0\0\0\4", 5);
	if (type == 'E' && is_first(s))
		fake_send(s, "H\0\0\0\7\0\0\0", 8);
	return (type == 'D' || type == 'E') && is_first(s);
}

static void a_copy_does_not_hang_the_loop(void **state)
{
	(void)state;
	open_ready(copies);
	assert_int_equal(rig_do(DB_READ, "COPY", 1)->err, ERR_NONE);
	assert_int_equal(rig_do(DB_WRITE, "COPY", 1)->err, ERR_OUTCOME_UNKNOWN);
}

static bool black_hole(struct fake_session *s, char type, const char *body)
{
	(void)type;
	(void)body;
	return is_first(s);
}

static void a_silent_server_is_given_up(void **state)
{
	struct db_reply *read, *write;

	(void)state;
	fake.script = black_hole;
	rig_open(fake.url, impatient);
	rig_ready();
	read = rig_run(DB_READ, "SELECT", 1);
	write = rig_run(DB_WRITE, "INSERT", 1);
	rig_until(read->wait.done && write->wait.done);
	assert_int_equal(read->err, ERR_NONE);
	assert_int_equal(write->err, ERR_OUTCOME_UNKNOWN);
}

static bool swallow(struct fake_session *s, char type, const char *body)
{
	(void)s;
	(void)type;
	(void)body;
	return true;
}

static bool no_sync(struct fake_session *s, char type, const char *body)
{
	(void)body;
	return type == 'S' && is_first(s);
}

/* The lookup is answered, the end of its group never is: the connection must not be lost for the next. */
static void a_missing_end_of_a_group_is_noticed(void **state)
{
	(void)state;
	fake.script = no_sync;
	rig_open(fake.url, impatient);
	rig_ready();
	assert_int_equal(rig_do(DB_READ, "SELECT", 1)->err, ERR_NONE);
	assert_int_equal(rig_do(DB_READ, "SELECT", 2)->err, ERR_NONE);
}

static struct fake_session *slow_session;

static bool all_from_execute(struct fake_session *s, char type, const char *body)
{
	(void)body;
	if (type == 'E')
		slow_session = s;
	return slow_session != NULL;
}

/* Four statements that take 800 ms each are not silence, though no operation ends in 3.2 s. */
static void each_statement_has_its_time(void **state)
{
	static const struct choice nothing;
	struct text_args args = { .a = 1 };
	struct db_reply *reply;
	struct op *op;

	(void)state;
	slow_session = NULL;
	fake.script = all_from_execute;
	rig_open(fake.url, impatient);
	rig_ready();
	op = db_begin(rig.db, DB_SLOW);
	for (int i = 0; i < 4; i++)
		db_add_composed(op, rig_statement(DB_SLOW, "SELECT"), &nothing, &args);
	reply = db_submit(rig.db, op, &rig.arena);
	for (int i = 0; i < 4; i++) {
		rig_turn_for(800);
		assert_false(reply->wait.done);
		if (i)
			fake_send(slow_session, "2\0\0\0\4T\0\0\0\6\0\0", 12);
		fake_send(slow_session, "C\0\0\0\15SELECT 0\0", 14);
	}
	rig_until(reply->wait.done);
	assert_int_equal(reply->err, ERR_NONE);
	assert_int_equal(rig_stats(DB_SLOW).reconnects, 0);
}

/* The end of the connection is found when the next operation is sent, before the loop has heard of it. */
static void a_connection_that_ended_before_the_send(void **state)
{
	struct db_reply *read, *write;

	(void)state;
	open_ready(NULL);
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
	open_ready(NULL);
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
	open_ready(NULL);
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
	rig_open(fake.url, impatient);
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
	open_ready(black_hole);
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
	open_ready(black_hole);
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
	open_ready(black_hole);
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
	open_ready(black_hole);
	for (int i = 0; i < 1002; i++) {
		r[i] = rig_run(DB_WRITE, "x", i);
		busy += r[i]->wait.done && r[i]->err == ERR_BUSY;
	}
	assert_int_equal(busy, 2);
	assert_int_equal(rig_stats(DB_WRITE).refused, 2);
	assert_int_equal(rig_stats(DB_WRITE).queued, 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_lost_write_is_unknown),
		TEST(a_write_lost_at_its_commit_is_unknown),
		TEST(a_lost_read_is_sent_again),
		TEST(a_read_lost_within_its_rows_is_sent_again),
		TEST(a_write_that_the_server_gave_up_is_sent_again),
		TEST(a_write_given_up_at_its_commit_is_unknown),
		TEST(sending_again_has_an_end),
		TEST(only_a_fatal_error_is_a_goodbye),
		TEST(a_write_that_failed_has_failed_also_when_the_connection_is_lost),
		TEST(what_is_not_prepared_is_prepared_on_a_new_connection),
		TEST(a_standby_is_left_when_all_is_answered),
		TEST(a_copy_does_not_hang_the_loop),
		TEST(a_silent_server_is_given_up),
		TEST(a_missing_end_of_a_group_is_noticed),
		TEST(each_statement_has_its_time),
		TEST(a_connection_that_ended_before_the_send),
		TEST(what_said_goodbye_before_the_send_has_not_executed_it),
		TEST(a_connection_that_ends_while_a_large_text_is_sent),
		TEST(an_unreachable_server_is_tried_again),
		TEST(a_deaf_server_is_given_up_and_tried_again),
		TEST(a_request_may_end_at_every_stage),
		TEST(closing_in_flight),
		TEST(a_batch_may_end_with_all_who_wait_for_it),
		TEST(closing_with_a_batch_in_flight),
		TEST(closing_while_it_connects),
		TEST(closing_while_names_are_resolved),
		TEST(closing_while_it_waits),
		TEST(the_queue_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
