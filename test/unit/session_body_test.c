/* When a body is read: a small one with its request, a large one behind the gate, one that is held back on demand. */
#include "http_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define POST(path, fields) "POST " path " HTTP/1.1\r\nHost: a\r\n" fields "\r\n"
#define LARGE              150000
#define LARGE_LENGTH       "Content-Length: 150000\r\n"

static int client;

static int setup(void **state)
{
	struct session_limits limits = world_limits();

	(void)state;
	world_open(&limits, 300, NULL);
	client = client_open();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(client);
	world_close();
	return 0;
}

static void expect_answer(int status, bool end)
{
	struct reply r = client_read(client, false);

	assert_int_equal(r.status, status);
	assert_int_equal(str_eq_z(reply_header(&r, "Connection"), "close"), end);
	if (end)
		assert_true(client_sees_end(client, 500));
	reply_free(&r);
}

static void send_large(void)
{
	char *body = malloc(LARGE);

	memset(body, 'b', LARGE);
	assert_true(client_send(client, body, LARGE));
	free(body);
}

static void expect_large_echo(void)
{
	struct reply r = client_read(client, false);

	assert_int_equal(r.status, 200);
	assert_int_equal(reply_body(&r).n, LARGE);
	reply_free(&r);
}

static void stranger_who_asks_is_refused_without_100(void **state)
{
	(void)state;
	client_say(client, POST("/secret", "Content-Length: 5\r\nExpect: 100-continue\r\n"));
	expect_answer(401, true);
	assert_int_equal(world.asked, 1);
}

static void stranger_with_a_large_body_is_refused_before_it_comes(void **state)
{
	(void)state;
	client_say(client, POST("/secret", LARGE_LENGTH));
	expect_answer(401, true);
}

static void strangers_growing_body_is_refused_in_the_middle(void **state)
{
	char chunk[20000 + 9];

	(void)state;
	memset(chunk, 'c', sizeof(chunk));
	memcpy(chunk, "4e20\r\n", 6);
	memcpy(chunk + 20006, "\r\n", 3);
	client_say(client, POST("/secret", "Transfer-Encoding: chunked\r\n"));
	for (int i = 0; i < 4; i++) {
		assert_int_equal(world.asked, 0);
		client_say(client, chunk);
		world_run(5);
	}
	expect_answer(401, true);
}

static void strangers_small_body_is_dropped_and_the_connection_goes_on(void **state)
{
	(void)state;
	client_say(client, POST("/secret", "Content-Length: 5\r\n"));
	world_run(10);
	assert_int_equal(world.asked, 0);
	client_say(client, "abcde");
	expect_answer(401, false);
	client_say(client, POST("/secret", "Content-Length: 2\r\nExpect: 100-continue\r\n") "ab");
	expect_answer(401, false);
}

static void what_no_route_takes_is_not_asked_for(void **state)
{
	(void)state;
	client_say(client, POST("/nope", "Content-Length: 5\r\nExpect: 100-continue\r\n"));
	expect_answer(404, true);
	close(client);
	client = client_open();
	client_say(client, POST("/hello", LARGE_LENGTH));
	expect_answer(405, true);
}

static void who_may_is_asked_for_the_body(void **state)
{
	struct reply r;

	(void)state;
	for (int i = 0; i < 2; i++) {
		client_say(client, POST("/echo", "Content-Length: 5\r\nExpect: 100-continue\r\n"));
		r = client_read(client, true);
		assert_int_equal(r.status, 100);
		reply_free(&r);
		client_say(client, "abcde");
		expect_answer(200, false);
	}
	assert_int_equal(world.asked, 2);
}

static void large_body_is_read_behind_the_gate(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		client_say(client, POST("/echo", LARGE_LENGTH));
		send_large();
		expect_large_echo();
	}
	assert_int_equal(world.asked, 2);
}

static void gate_that_waits_makes_the_body_wait(void **state)
{
	struct reply r;

	(void)state;
	client_say(client, POST("/guarded", "Content-Length: 5\r\nExpect: 100-continue\r\n"));
	world_run(20);
	assert_true(world_wake());
	r = client_read(client, true);
	assert_int_equal(r.status, 100);
	reply_free(&r);
	client_say(client, "abcde");
	expect_answer(200, false);

	client_say(client, POST("/guarded", LARGE_LENGTH));
	send_large();
	world_run(20);
	assert_int_equal(world.started, 1);
	assert_true(world_wake());
	expect_large_echo();
}

/* The time that the gate takes counts; the time that the body takes has another limit. */
static void gate_that_takes_too_long_is_given_up(void **state)
{
	(void)state;
	client_say(client, POST("/guarded", LARGE_LENGTH));
	expect_answer(503, true);
	assert_int_equal(world.abandoned, 1);
	close(client);
	client = client_open();
	client_say(client, POST("/guarded", LARGE_LENGTH));
	world_run(100);
	assert_true(world_wake());
	world_run(400);
	send_large();
	expect_large_echo();
}

static void client_that_leaves_at_the_gate_leaves_nothing(void **state)
{
	(void)state;
	client_say(client, POST("/guarded", LARGE_LENGTH));
	world_run(20);
	close(client);
	world_run(1200);
	assert_int_equal(world.abandoned, 1);
	assert_int_equal(world.service.running, 0);
	client = client_open();
	client_say(client, POST("/guarded", LARGE_LENGTH) "half of it");
	world_run(20);
	assert_true(world_wake());
	world_run(20);
	close(client);
	world_run(50);
	assert_int_equal(world.last_status, 499);
	assert_int_equal(world.service.running, 0);
	client = client_open();
}

static void who_was_asked_for_the_body_is_not_asked_again(void **state)
{
	struct reply r;

	(void)state;
	client_say(client, POST("/echo", "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n"));
	r = client_read(client, true);
	assert_int_equal(r.status, 100);
	reply_free(&r);
	client_say(client, "5\r\n");
	world_run(10);
	client_say(client, "abcde\r\n0\r\n\r\n");
	expect_answer(200, false);
	assert_int_equal(world.asked, 1);
}

static void broken_body_behind_the_gate_is_refused_once(void **state)
{
	(void)state;
	client_say(client, POST("/echo", "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n"));
	{
		struct reply r = client_read(client, true);

		assert_int_equal(r.status, 100);
		reply_free(&r);
	}
	client_say(client, "5\r\nabcdefg\r\n");
	expect_answer(400, true);
	assert_int_equal(world.finished, 1);
	assert_int_equal(world.started, 0);
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_WORLD(stranger_who_asks_is_refused_without_100),
		IN_A_WORLD(stranger_with_a_large_body_is_refused_before_it_comes),
		IN_A_WORLD(strangers_growing_body_is_refused_in_the_middle),
		IN_A_WORLD(strangers_small_body_is_dropped_and_the_connection_goes_on),
		IN_A_WORLD(what_no_route_takes_is_not_asked_for),
		IN_A_WORLD(who_may_is_asked_for_the_body),
		IN_A_WORLD(large_body_is_read_behind_the_gate),
		IN_A_WORLD(gate_that_waits_makes_the_body_wait),
		IN_A_WORLD(gate_that_takes_too_long_is_given_up),
		IN_A_WORLD(client_that_leaves_at_the_gate_leaves_nothing),
		IN_A_WORLD(who_was_asked_for_the_body_is_not_asked_again),
		IN_A_WORLD(broken_body_behind_the_gate_is_refused_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
