/* How connections end: by refusals, and by clients that leave. */
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

static void expect_refusal(const char *request, int status)
{
	int fd = client_open();
	struct reply r = client_ask(fd, request);

	if (r.status != status)
		fail_msg("%d instead of %d for: %s", r.status, status, request);
	assert_true(str_eq(reply_header(&r, "Connection"), STR("close")));
	assert_true(str_eq(reply_header(&r, "Content-Type"), STR("application/problem+json")));
	assert_int_equal(reply_header(&r, "X-Request-Id").n, 32);
	assert_true(client_sees_end(fd, 1000));
	reply_free(&r);
	close(fd);
}

static void what_http_refuses_is_answered_and_ends_the_connection(void **state)
{
	(void)state;
	open_usual();
	expect_refusal("GET / HTTP/1.1\r\n\r\n" GET("/hello"), 400);
	expect_refusal("GET / HTTP/1.1\nHost: a\n\n", 400);
	expect_refusal("\x16\x03\x01\x00\xa5\x01 hello TLS", 400);
	expect_refusal(
		"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		400);
	expect_refusal("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", 413);
	expect_refusal("GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", 417);
	expect_refusal("BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501);
	expect_refusal("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505);
	assert_int_equal(world.started, 0);
	assert_int_equal(world.finished, 8);
	world_close();
}

static void head_that_is_too_large_is_refused(void **state)
{
	char *text = malloc(102400 + 100);
	char *end;

	(void)state;
	open_usual();
	memset(text, 'a', 102400);
	memcpy(text, "GET /", 5);
	strcpy(text + 102400, " HTTP/1.1\r\nHost: a\r\n\r\n");
	expect_refusal(text, 414);
	end = text + sprintf(text, "GET / HTTP/1.1\r\nHost: a\r\n");
	for (int i = 0; i < 100; i++)
		end += sprintf(end, "X-%d: y\r\n", i);
	strcpy(end, "\r\n");
	expect_refusal(text, 431);
	end = text + sprintf(text, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
	memset(end, 'a', 20000);
	strcpy(end + 20000, "\r\n\r\n");
	expect_refusal(text, 431);
	free(text);
	world_close();
}

static void client_can_read_why_its_body_was_refused_while_it_sends(void **state)
{
	size_t n = 2 << 20;
	char *body = calloc(1, n);
	int fd;
	struct reply r;

	(void)state;
	open_usual();
	world_close();
	{
		struct session_limits limits = world_limits();

		world_open(&limits, 30000, "127.0.0.1");
	}
	fd = client_open();
	client_say(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2097152\r\n\r\n");
	world_run(20);
	assert_true(client_send(fd, body, n));
	world_run(20);
	r = client_read(fd, false);
	assert_int_equal(r.status, 413);
	assert_true(client_sees_end(fd, 1000));
	reply_free(&r);
	close(fd);
	free(body);
	world_close();
}

/* It is let go on for a while, so that it can read why it was refused, and not for ever. */
static void refused_client_that_never_stops_sending_is_cut_off(void **state)
{
	struct session_limits limits = world_limits();
	size_t n = 1 << 20, sent = 0;
	char *body = calloc(1, n);
	int fd;

	(void)state;
	world_open(&limits, 30000, "127.0.0.1");
	fd = client_open();
	client_say(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n");
	world_run(20);
	while (sent < (size_t)64 << 20 && client_send(fd, body, n))
		sent += n;
	assert_in_range(sent, 4 << 20, 32 << 20);
	assert_int_equal(world.sessions.count, 0);
	close(fd);
	free(body);
	world_close();
}

static void half_a_head_is_no_request(void **state)
{
	int fd;

	(void)state;
	open_usual();
	fd = client_open();
	client_say(fd, "GET /hello HTTP/1.1\r\nHo");
	world_run(20);
	close(fd);
	for (int i = 0; i < 100 && world.sessions.count; i++)
		world_run(10);
	assert_int_equal(world.sessions.count, 0);
	assert_int_equal(world.service.running, 0);
	assert_int_equal(world.finished, 0);
	world_close();
}

static void client_that_resets_ends_its_exchange_at_once(void **state)
{
	struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	struct session_limits limits = world_limits();
	int fd;

	(void)state;
	world_open(&limits, 30000, "127.0.0.1");
	fd = client_open();
	client_say(fd, GET("/slow"));
	world_run(10);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
	world_run(10);
	assert_int_equal(world.abandoned, 1);
	assert_int_equal(world.finished, 1);
	assert_int_equal(world.last_status, 499);
	assert_int_equal(world.sessions.count, 0);
	world_close();
}

static void client_that_closed_its_side_still_gets_its_answers(void **state)
{
	struct reply r;
	int fd;

	(void)state;
	open_usual();
	fd = client_open();
	client_say(fd, GET("/slow") GET("/hello/b"));
	shutdown(fd, SHUT_WR);
	world_run(20);
	assert_true(world_wake());
	r = client_read(fd, false);
	assert_int_equal(r.status, 200);
	reply_free(&r);
	r = client_read(fd, false);
	assert_true(str_eq(reply_body(&r), STR("{\"hello\":\"b\"}")));
	assert_true(client_sees_end(fd, 1000));
	reply_free(&r);
	close(fd);
	world_close();
}

/* An answer that has begun is proof that somebody reads, however long the handler waits for what it will send next. */
static void client_that_closed_its_side_gets_the_rest_of_what_has_begun(void **state)
{
	struct reply r;
	int fd;

	(void)state;
	open_usual();
	world.sessions.leave.duration_ms = 20;
	fd = client_open();
	client_say(fd, "GET /source/10 HTTP/1.1\r\nHost: a\r\nX-Length: 10\r\nX-Wait: 1\r\n\r\n");
	shutdown(fd, SHUT_WR);
	world_run(150);
	assert_true(world_wake());
	r = client_read(fd, false);
	assert_int_equal(r.status, 200);
	assert_true(str_eq(reply_body(&r), STR("yyyyyyyyyy")));
	reply_free(&r);
	close(fd);
	world_close();
}

static void client_that_closed_its_side_gets_all_of_a_large_answer(void **state)
{
	struct reply r;
	int fd;

	(void)state;
	open_usual();
	fd = client_open();
	client_say(fd, GET("/big"));
	world_run(20);
	shutdown(fd, SHUT_WR);
	world_run(20);
	r = client_read(fd, false);
	assert_int_equal(reply_body(&r).n, 8 << 20);
	assert_true(client_sees_end(fd, 1000));
	reply_free(&r);
	close(fd);
	world_close();
}

static void client_that_left_is_given_up_after_a_second(void **state)
{
	int fd;

	(void)state;
	open_usual();
	fd = client_open();
	client_say(fd, GET("/slow"));
	world_run(10);
	close(fd);
	world_run(500);
	assert_int_equal(world.abandoned, 0);
	world_run(700);
	assert_int_equal(world.abandoned, 1);
	assert_int_equal(world.last_status, 499);
	assert_int_equal(world.sessions.count, 0);
	world_close();
}

/* Each leaves at another point of one of three dialogues, half of them with a reset. */
static void ten_thousand_clients_that_leave_leave_nothing(void **state)
{
	static const char *const dialogues[] = {
		GET("/slow") GET("/hello"),
		"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" GET(
			"/big"),
		GET("/big") GET("/slow"),
	};
	struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	struct session_limits limits = world_limits();

	(void)state;
	limits.connections = 100000;
	world_open(&limits, 30000, "127.0.0.1");
	for (size_t i = 0; i < 10000; i++) {
		const char *text = dialogues[i % 3];
		int fd = client_open();

		client_send(fd, text, i / 3 % (strlen(text) + 1));
		if (i % 7 == 0)
			world_wake();
		if (i % 2)
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(fd);
	}
	while (world_wake())
		;
	world_run(1500);
	assert_int_equal(world.sessions.count, 0);
	assert_int_equal(world.service.running, 0);
	world_close();
}

static void connections_beyond_the_limit_are_closed(void **state)
{
	struct session_limits limits = world_limits();
	struct reply r;
	int fd[3];

	(void)state;
	limits.connections = 2;
	world_open(&limits, 30000, NULL);
	for (int i = 0; i < 3; i++) {
		fd[i] = client_open();
		world_run(5);
	}
	assert_true(client_sees_end(fd[2], 100));
	r = client_ask(fd[1], GET("/hello"));
	assert_int_equal(r.status, 200);
	reply_free(&r);
	close(fd[0]);
	world_run(5);
	close(fd[2]);
	fd[2] = client_open();
	r = client_ask(fd[2], GET("/hello"));
	assert_int_equal(r.status, 200);
	reply_free(&r);
	close(fd[1]);
	close(fd[2]);
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_http_refuses_is_answered_and_ends_the_connection),
		cmocka_unit_test(head_that_is_too_large_is_refused),
		cmocka_unit_test(client_can_read_why_its_body_was_refused_while_it_sends),
		cmocka_unit_test(refused_client_that_never_stops_sending_is_cut_off),
		cmocka_unit_test(half_a_head_is_no_request),
		cmocka_unit_test(client_that_resets_ends_its_exchange_at_once),
		cmocka_unit_test(client_that_closed_its_side_still_gets_its_answers),
		cmocka_unit_test(client_that_closed_its_side_gets_the_rest_of_what_has_begun),
		cmocka_unit_test(client_that_closed_its_side_gets_all_of_a_large_answer),
		cmocka_unit_test(client_that_left_is_given_up_after_a_second),
		cmocka_unit_test(ten_thousand_clients_that_leave_leave_nothing),
		cmocka_unit_test(connections_beyond_the_limit_are_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
