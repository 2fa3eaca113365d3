/* Bodies that the handler reads piece by piece: who asks, who waits, who pays, and how it ends. */
#include "http_world.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define POST(path, fields) "POST " path " HTTP/1.1\r\nHost: a\r\n" fields "\r\n"
#define LENGTH             "Content-Length: 3000000\r\n"
#define BYTES              3000000u

static int client;

static void open_world(unsigned ms)
{
	struct session_limits limits = world_limits();

	limits.body_ms = ms;
	world_open(&limits, ms, NULL);
	client = client_open();
}

static int setup(void **state)
{
	(void)state;
	open_world(200);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(client);
	world_close();
	return 0;
}

/* For tests that are not about time: as much of it as a busy machine may need. */
static void take_time(void)
{
	teardown(NULL);
	open_world(60000);
}

static void expect_answer(int status, const char *body, bool end)
{
	struct reply r = client_read(client, false);

	if (r.status != status || (body && !str_eq_z(reply_body(&r), body)))
		fail_msg("%d %.*s", r.status, STR_FMT(reply_body(&r)));
	assert_int_equal(str_eq_z(reply_header(&r, "Connection"), "close"), end);
	if (end)
		assert_true(client_sees_end(client, 500));
	reply_free(&r);
}

static void send_ones(size_t n)
{
	char *body = malloc(n);

	memset(body, 1, n);
	assert_true(client_send(client, body, n));
	free(body);
}

static void body_of_any_size_is_read_in_pieces(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		client_say(client, POST("/sink", LENGTH "X-Limit: 3000000\r\n"));
		send_ones(BYTES);
		expect_answer(200, "[3000000,3000000]", false);
	}
	assert_int_equal(world.last_taken, BYTES);
	assert_int_equal(world.released, 2);
}

static void chunked_body_is_the_same_however_it_is_cut(void **state)
{
	static const char text[] = POST(
		"/sink",
		"Transfer-Encoding: chunked\r\n") "3\r\n\1\2\3\r\n5;a=b\r\n\1\1\1\1\1\r\n"
						  "0\r\nX: y\r\n\r\n" POST("/sink", "Content-Length: 2\r\n") "\7\7" POST(
							  "/sink", "Content-Length: 0\r\n");

	(void)state;
	for (size_t step = 1; step < sizeof(text); step++) {
		for (size_t at = 0; at < sizeof(text) - 1; at += step) {
			size_t rest = sizeof(text) - 1 - at;

			client_send(client, text + at, rest < step ? rest : step);
		}
		expect_answer(200, "[8,11]", false);
		expect_answer(200, "[2,14]", false);
		expect_answer(200, "[0,0]", false);
	}
}

static void requests_behind_it_wait(void **state)
{
	(void)state;
	client_say(
		client,
		POST("/sink", "Content-Length: 4\r\n") "\1\1\1\1GET /hello HTTP/1.1\r\nHost: a\r\n\r\n" POST(
			"/sink", "Content-Length: 1\r\n") "\2");
	expect_answer(200, "[4,4]", false);
	expect_answer(200, "{\"hello\":\"world\"}", false);
	expect_answer(200, "[1,2]", false);
}

/* What the kernel and one buffer of ours take is all that leaves a client whose handler does not ask. */
/* Sends what the socket takes. */
static size_t offer(const char *body, size_t n)
{
	ssize_t took = send(client, body, n, MSG_NOSIGNAL);

	if (took < 0 && errno != EAGAIN)
		fail_msg("the server has closed the connection");
	return took > 0 ? (size_t)took : 0;
}

static void handler_that_does_not_ask_stops_the_client(void **state)
{
	size_t sent = 0, n = (size_t)64 << 20;
	char *body = calloc(1, n);

	(void)state;
	take_time();
	client_say(client, POST("/patient", "Content-Length: 67108864\r\n"));
	for (int i = 0; i < 100; i++) {
		sent += offer(body + sent, n - sent);
		world_run(1);
	}
	assert_true(sent < (size_t)8 << 20);
	assert_true(world.last_taken <= SESSIONS_READ_BYTES);
	while (sent < n || world.last_taken < n) {
		sent += offer(body + sent, n - sent);
		world_wake();
		uv_run(&world.loop, UV_RUN_NOWAIT);
	}
	world_wake();
	expect_answer(204, "", false);
	free(body);
}

static void gate_comes_before_the_first_byte(void **state)
{
	struct reply r;

	(void)state;
	client_say(client, POST("/sink/secret", LENGTH "Expect: 100-continue\r\n"));
	expect_answer(401, NULL, true);
	assert_int_equal(world.started, 0);
	close(client);
	client = client_open();
	client_say(client, POST("/sink/guarded", "Content-Length: 3\r\nExpect: 100-continue\r\n"));
	world_run(20);
	assert_int_equal(world.started, 0);
	assert_true(world_wake());
	r = client_read(client, true);
	assert_int_equal(r.status, 100);
	reply_free(&r);
	client_say(client, "\1\1\1");
	expect_answer(200, "[3,3]", false);
	assert_int_equal(world.asked, 3); /* the gate is a coroutine that was resumed once */
}

static void who_sends_at_once_gets_no_100(void **state)
{
	(void)state;
	client_say(client, POST("/sink", "Content-Length: 3\r\nExpect: 100-continue\r\n") "\1\1\1");
	expect_answer(200, "[3,3]", false);
}

static void handler_that_refuses_ends_the_connection_behind_its_answer(void **state)
{
	(void)state;
	client_say(client, POST("/sink", LENGTH "X-Refuse: 1\r\n"));
	send_ones(500000);
	expect_answer(409, NULL, true);
	assert_int_equal(world.released, 1);
}

static void announced_length_beyond_the_limit_is_refused_unread(void **state)
{
	(void)state;
	client_say(client, POST("/sink", LENGTH "X-Limit: 2999999\r\nExpect: 100-continue\r\n"));
	expect_answer(413, NULL, true);
	assert_int_equal(world.last_taken, 0);
	assert_int_equal(world.released, 1);
	close(client);
	client = client_open();
	client_say(client, POST("/sink", LENGTH)); /* without a word, the server's own limit holds */
	expect_answer(413, NULL, true);
}

static void growing_body_is_refused_at_the_limit(void **state)
{
	(void)state;
	client_say(client,
		   POST("/sink", "Transfer-Encoding: chunked\r\nX-Limit: 10\r\n") "a\r\n0123456789\r\n");
	world_run(20);
	assert_int_equal(world.last_taken, 10);
	client_say(client, "1\r\n0\r\n");
	expect_answer(413, NULL, true);
	assert_int_equal(world.released, 1);
}

/* However its bytes arrive, a body that is too large ends the connection: also when all of it has been read. */
static void body_that_is_too_large_and_there_at_once_is_refused_as_well(void **state)
{
	(void)state;
	client_say(client, POST("/sink",
				"Transfer-Encoding: chunked\r\nX-Limit: 3\r\n") "4\r\n\1\1\1\1\r\n0\r\n\r\n");
	expect_answer(413, NULL, true);
	assert_int_equal(world.released, 1);
}

/* What is put aside while nobody asks for it is bounded, however it comes. */
static void what_waits_for_the_gate_is_bounded(void **state)
{
	(void)state;
	take_time();
	client_say(client, POST("/sink/guarded", "Content-Length: 100000\r\n"));
	world_run(10);
	send_ones(40000);
	world_run(10);
	send_ones(60000);
	world_run(10);
	assert_true(world_wake());
	expect_answer(200, "[100000,100000]", false);
}

static void broken_chunk_is_refused_and_the_handler_let_go(void **state)
{
	(void)state;
	client_say(client, POST("/sink", "Transfer-Encoding: chunked\r\n") "3\r\nabcd\r\n");
	expect_answer(400, NULL, true);
	assert_int_equal(world.released, 1);
	assert_int_equal(world.finished, 1);
}

static void body_may_take_longer_than_a_request(void **state)
{
	(void)state;
	client_say(client, POST("/sink", "Content-Length: 6\r\n"));
	for (int i = 0; i < 6; i++) {
		world_run(100);
		client_say(client, "\1");
	}
	expect_answer(200, "[6,6]", false);
}

static void body_that_stands_still_is_408(void **state)
{
	(void)state;
	client_say(client, POST("/sink", "Content-Length: 6\r\n") "\1");
	expect_answer(408, NULL, true);
	assert_int_equal(world.released, 1);
}

/* The client has nothing to do with what the handler waits for meanwhile. */
static void handler_that_waits_for_something_else_is_503(void **state)
{
	(void)state;
	client_say(client, POST("/patient", "Content-Length: 6\r\n") "\1");
	expect_answer(503, NULL, true);
	assert_int_equal(world.released, 1);
}

static void client_that_leaves_in_the_middle_ends_the_handler(void **state)
{
	(void)state;
	client_say(client, POST("/sink", LENGTH "X-Limit: 3000000\r\n"));
	send_ones(100000);
	close(client);
	world_run(50);
	assert_int_equal(world.released, 1);
	assert_int_equal(world.last_status, 499);
	assert_int_equal(world.sessions.count, 0);
	client = client_open();
	client_say(client, POST("/patient", LENGTH));
	send_ones(1000);
	close(client);
	world_run(50);
	assert_int_equal(world.service.running, 1); /* it may still want what has come */
	world_wake();
	world_run(50);
	assert_int_equal(world.service.running, 0);
	client = client_open();
}

/* A client may close its side once it has said everything. */
static void half_closed_connection_gets_its_answer(void **state)
{
	(void)state;
	client_say(client, POST("/sink", "Content-Length: 3\r\n") "\1\1\1");
	shutdown(client, SHUT_WR);
	expect_answer(200, "[3,3]", false);
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_WORLD(body_of_any_size_is_read_in_pieces),
		IN_A_WORLD(chunked_body_is_the_same_however_it_is_cut),
		IN_A_WORLD(requests_behind_it_wait),
		IN_A_WORLD(handler_that_does_not_ask_stops_the_client),
		IN_A_WORLD(gate_comes_before_the_first_byte),
		IN_A_WORLD(who_sends_at_once_gets_no_100),
		IN_A_WORLD(handler_that_refuses_ends_the_connection_behind_its_answer),
		IN_A_WORLD(announced_length_beyond_the_limit_is_refused_unread),
		IN_A_WORLD(growing_body_is_refused_at_the_limit),
		IN_A_WORLD(body_that_is_too_large_and_there_at_once_is_refused_as_well),
		IN_A_WORLD(what_waits_for_the_gate_is_bounded),
		IN_A_WORLD(broken_chunk_is_refused_and_the_handler_let_go),
		IN_A_WORLD(body_may_take_longer_than_a_request),
		IN_A_WORLD(body_that_stands_still_is_408),
		IN_A_WORLD(handler_that_waits_for_something_else_is_503),
		IN_A_WORLD(client_that_leaves_in_the_middle_ends_the_handler),
		IN_A_WORLD(half_closed_connection_gets_its_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
