#include "fake_rig.h"

/* What becomes of operations when their connection is lost, or the server falls silent. */

static bool hang_up_at_execute(struct fake_session *s, char type, const char *body)
{
	(void)body;
	if (type == 'E' && fake_rig_is_first(s))
		fake_hang_up(s);
	return s->gone;
}

static bool hang_up_at_sync(struct fake_session *s, char type, const char *body)
{
	(void)body;
	if (type == 'S' && fake_rig_is_first(s))
		fake_hang_up(s);
	return s->gone;
}

static void a_lost_write_is_unknown(void **state)
{
	(void)state;
	fake_rig_open(hang_up_at_execute);
	assert_int_equal(rig_do(DB_WRITE, "INSERT", 1)->err, ERR_OUTCOME_UNKNOWN);
	assert_int_equal(fake.executed, 0);
	rig_ready();
	assert_int_equal(rig_do(DB_WRITE, "INSERT", 1)->err, ERR_NONE);
}

static void a_write_lost_at_its_commit_is_unknown(void **state)
{
	struct db_reply *reply;

	(void)state;
	fake_rig_open(hang_up_at_sync);
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
	fake_rig_open(hang_up_at_execute);
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
	if (type == 'E' && fake_rig_is_first(s)) {
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
	fake_rig_open(hang_up_within_a_row);
	reply = rig_do(DB_READ, "SELECT", 1);
	assert_int_equal(reply->err, ERR_NONE);
	assert_int_equal(PQntuples(reply->result[0]), 0);
}

static bool fatal_at_execute(struct fake_session *s, char type, const char *body)
{
	(void)body;
	if (type == 'E' && fake_rig_is_first(s)) {
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
	fake_rig_open(fatal_at_execute);
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
	if (type == 'S' && fake_rig_is_first(s)) {
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
	fake_rig_open(fatal_at_sync);
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
	fake_rig_open(always_fatal);
	assert_int_equal(rig_do(DB_WRITE, "INSERT", 1)->err, ERR_UNAVAILABLE);
	assert_int_equal(rig_do(DB_READ, "SELECT", 1)->err, ERR_UNAVAILABLE);
}

/* A parallel worker's end is an error of the statement with the code of a goodbye. */
static bool worker_ended(struct fake_session *s, char type, const char *body)
{
	(void)body;
	if (!fake_rig_is_first(s) || type != 'E')
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
	fake_rig_open(worker_ended);
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
	if (!fake_rig_is_first(s))
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
	fake_rig_open(error_then_hang_up);
	reply = rig_do(DB_WRITE, "INSERT", 1);
	assert_int_equal(reply->err, ERR_CONFLICT);
	assert_string_equal(reply->sqlstate, "23505");
	assert_false(reply->wait.in_doubt);
}

static bool stale_then_hang_up(struct fake_session *s, char type, const char *body)
{
	(void)body;
	if (!fake_rig_is_first(s))
		return false;
	if (type == 'B')
		fake_error(s, "ERROR", "26000", "prepared statement does not exist");
	if (type == 'S')
		fake_hang_up(s);
	return s->skipping || s->gone;
}

/* Nothing of it was executed, so nothing is unknown. */
static void a_write_that_was_not_prepared_is_sent_again_also_when_the_connection_is_lost(void **state)
{
	(void)state;
	fake_rig_open(stale_then_hang_up);
	assert_int_equal(rig_do(DB_WRITE, "INSERT", 1)->err, ERR_NONE);
	assert_int_equal(fake.executed, 1);
}

static bool not_prepared(struct fake_session *s, char type, const char *body)
{
	(void)body;
	if (type == 'B' && fake_rig_is_first(s))
		fake_error(s, "ERROR", "26000", "prepared statement does not exist");
	return s->skipping;
}

static void what_is_not_prepared_is_prepared_on_a_new_connection(void **state)
{
	(void)state;
	fake_rig_open(not_prepared);
	assert_int_equal(rig_do(DB_WRITE, "INSERT", 1)->err, ERR_NONE);
	assert_int_equal(rig_do(DB_READ, "SELECT", 1)->err, ERR_NONE);
	assert_int_equal(fake.executed, 2);
	assert_int_equal(fake.sessions, 5);
}

static bool read_only(struct fake_session *s, char type, const char *body)
{
	(void)body;
	if (type == 'E' && fake_rig_is_first(s) && s->syncs == 0)
		fake_error(s, "ERROR", "25006", "cannot execute INSERT in a read-only transaction");
	return s->skipping;
}

/* It may have become the master meanwhile: what was sent behind is waited for, not guessed. */
static void a_standby_is_left_when_all_is_answered(void **state)
{
	struct db_reply *a, *b;

	(void)state;
	fake_rig_open(read_only);
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
	if (type == 'D' && fake_rig_is_first(s))
		fake_send(s, "n\0\0\0\4", 5);
	if (type == 'E' && fake_rig_is_first(s))
		fake_send(s, "H\0\0\0\7\0\0\0", 8);
	return (type == 'D' || type == 'E') && fake_rig_is_first(s);
}

static void a_copy_does_not_hang_the_loop(void **state)
{
	(void)state;
	fake_rig_open(copies);
	assert_int_equal(rig_do(DB_READ, "COPY", 1)->err, ERR_NONE);
	assert_int_equal(rig_do(DB_WRITE, "COPY", 1)->err, ERR_OUTCOME_UNKNOWN);
}

static void a_silent_server_is_given_up(void **state)
{
	struct db_reply *read, *write;

	(void)state;
	fake.script = fake_rig_black_hole;
	rig_open(fake.url, fake_rig_impatient);
	rig_ready();
	read = rig_run(DB_READ, "SELECT", 1);
	write = rig_run(DB_WRITE, "INSERT", 1);
	rig_until(read->wait.done && write->wait.done);
	assert_int_equal(read->err, ERR_NONE);
	assert_int_equal(write->err, ERR_OUTCOME_UNKNOWN);
}

static bool no_sync(struct fake_session *s, char type, const char *body)
{
	(void)body;
	return type == 'S' && fake_rig_is_first(s);
}

/* The lookup is answered, the end of its group never is: the connection must not be lost for the next. */
static void a_missing_end_of_a_group_is_noticed(void **state)
{
	(void)state;
	fake.script = no_sync;
	rig_open(fake.url, fake_rig_impatient);
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
	rig_open(fake.url, fake_rig_impatient);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(a_lost_write_is_unknown),
		FAKE_TEST(a_write_lost_at_its_commit_is_unknown),
		FAKE_TEST(a_lost_read_is_sent_again),
		FAKE_TEST(a_read_lost_within_its_rows_is_sent_again),
		FAKE_TEST(a_write_that_the_server_gave_up_is_sent_again),
		FAKE_TEST(a_write_given_up_at_its_commit_is_unknown),
		FAKE_TEST(sending_again_has_an_end),
		FAKE_TEST(only_a_fatal_error_is_a_goodbye),
		FAKE_TEST(a_write_that_failed_has_failed_also_when_the_connection_is_lost),
		FAKE_TEST(a_write_that_was_not_prepared_is_sent_again_also_when_the_connection_is_lost),
		FAKE_TEST(what_is_not_prepared_is_prepared_on_a_new_connection),
		FAKE_TEST(a_standby_is_left_when_all_is_answered),
		FAKE_TEST(a_copy_does_not_hang_the_loop),
		FAKE_TEST(a_silent_server_is_given_up),
		FAKE_TEST(a_missing_end_of_a_group_is_noticed),
		FAKE_TEST(each_statement_has_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
