/* How connections end when the server stops. */
#include "http_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void open_usual(void)
{
	struct session_limits limits = world_limits();

	world_open(&limits, 30000, NULL);
}

static void drained(struct sessions *s)
{
	(void)s;
	world.drained = true;
}

static void stop_finishes_running_requests(void **state)
{
	struct reply r;
	int busy;

	(void)state;
	open_usual();
	busy = client_open();
	client_say(busy, GET("/slow"));
	world_run(10);
	sessions_stop(&world.sessions, drained);
	world_run(10);
	assert_false(world.drained);
	assert_true(world_wake());
	r = client_read(busy, false);
	assert_int_equal(r.status, 200);
	assert_true(str_eq(reply_header(&r, "Connection"), STR("close")));
	assert_true(client_sees_end(busy, 1000));
	close(busy);
	world_run(10);
	assert_true(world.drained);
	reply_free(&r);
	world_close();
}

static void stop_closes_connections_that_have_rested_at_once(void **state)
{
	int fd;

	(void)state;
	open_usual();
	fd = client_open();
	world_run(1100);
	sessions_stop(&world.sessions, drained);
	assert_true(client_sees_end(fd, 100));
	close(fd);
	world_run(10);
	assert_true(world.drained);
	world_close();
}

/* A client that is busy would else lose the request that it is sending just now. */
static void stop_still_answers_those_who_were_busy_a_moment_ago(void **state)
{
	int asking, silent;
	struct reply r;

	(void)state;
	open_usual();
	silent = client_open();
	asking = client_open();
	r = client_ask(asking, GET("/hello"));
	reply_free(&r);
	client_say(silent, "GET /hello HTTP/1.1\r\nHo");
	world_run(10);
	sessions_stop(&world.sessions, drained);
	world_run(200);
	r = client_ask(asking, GET("/hello"));
	assert_int_equal(r.status, 200);
	assert_true(str_eq(reply_header(&r, "Connection"), STR("close")));
	assert_true(client_sees_end(asking, 100));
	reply_free(&r);
	/* Half a request is given a second, and a second to read that it was too slow. */
	r = client_read(silent, false);
	if (r.status == 0)
		r = client_read(silent, false);
	assert_int_equal(r.status, 408);
	close(asking);
	world_run(1200);
	assert_true(world.drained);
	close(silent);
	reply_free(&r);
	world_close();
}

static void stop_lets_nobody_new_in(void **state)
{
	int busy, late;

	(void)state;
	open_usual();
	busy = client_open();
	client_say(busy, GET("/slow"));
	world_run(10);
	sessions_stop(&world.sessions, drained);
	late = client_open();
	client_say(late, GET("/hello"));
	assert_true(client_sees_end(late, 100));
	assert_int_equal(world.started, 0);
	assert_int_equal(world.sessions.count, 1);
	close(late);
	close(busy);
	world_close();
}

static void stop_gives_those_who_were_busy_a_second_and_no_more(void **state)
{
	struct reply r;
	int fd;

	(void)state;
	open_usual();
	fd = client_open();
	r = client_ask(fd, GET("/hello"));
	sessions_stop(&world.sessions, drained);
	assert_false(world.drained);
	world_run(1300);
	assert_true(world.drained);
	reply_free(&r);
	close(fd);
	world_close();
}

static void stop_cuts_lingering_short(void **state)
{
	struct reply r;
	int fd;

	(void)state;
	open_usual();
	fd = client_open();
	r = client_ask(fd, "GET /hello HTTP/1.1\r\n\r\n");
	assert_int_equal(r.status, 400);
	sessions_stop(&world.sessions, drained);
	world_run(1200);
	assert_true(world.drained);
	close(fd);
	reply_free(&r);
	world_close();
}

static void abort_ends_everything_at_once(void **state)
{
	int fd;

	(void)state;
	open_usual();
	fd = client_open();
	client_say(fd, GET("/slow"));
	world_run(10);
	sessions_stop(&world.sessions, drained);
	sessions_abort(&world.sessions);
	world_run(10);
	assert_true(world.drained);
	assert_int_equal(world.abandoned, 1);
	close(fd);
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stop_finishes_running_requests),
		cmocka_unit_test(stop_closes_connections_that_have_rested_at_once),
		cmocka_unit_test(stop_still_answers_those_who_were_busy_a_moment_ago),
		cmocka_unit_test(stop_lets_nobody_new_in),
		cmocka_unit_test(stop_gives_those_who_were_busy_a_second_and_no_more),
		cmocka_unit_test(stop_cuts_lingering_short),
		cmocka_unit_test(abort_ends_everything_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
