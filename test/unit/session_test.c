/* A connection and its requests, over a real socket: what goes in, what comes out. */
#include "session_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void connection_serves_many_requests(void **state)
{
	int fd = client_open();

	(void)state;
	for (int i = 0; i < 100; i++)
		session_rig_expect(fd, GET("/hello"), 200, "{\"hello\":\"world\"}");
	assert_int_equal(world.finished, 100);
	assert_int_equal(world.sessions.count, 1);
	close(fd);
}

static void answer_has_the_fields_that_it_must_have(void **state)
{
	int fd = client_open();
	struct reply r =
		client_ask(fd, "GET /hello HTTP/1.1\r\nHost: a\r\nX-Request-Id: abc-1\r\nX-Say: a\r\n\r\n");

	(void)state;
	assert_true(str_eq(reply_header(&r, "Content-Type"), STR("application/json")));
	assert_true(str_eq(reply_header(&r, "Content-Length"), STR("17")));
	assert_true(str_eq(reply_header(&r, "X-Request-Id"), STR("abc-1")));
	assert_true(str_eq(reply_header(&r, "X-Echo"), STR("a")));
	assert_int_equal(reply_header(&r, "Date").n, 29);
	assert_null(reply_header(&r, "Connection").p);
	assert_int_equal(world.last_bytes, r.text.n);
	assert_string_equal(world.last_client, "unix");
	reply_free(&r);
	close(fd);
}

static void request_id_that_is_unsafe_is_replaced(void **state)
{
	static const char *const ids[] = { "", "a b", "a\"b", "a;b", "\xc3\xa4" };
	int fd = client_open();
	char text[400];

	(void)state;
	for (size_t i = 0; i <= sizeof(ids) / sizeof(*ids); i++) {
		struct reply r;
		char long_id[130] = { 0 };

		memset(long_id, 'a', 129);
		sprintf(text, "GET /hello HTTP/1.1\r\nHost: a\r\nX-Request-Id: %s\r\n\r\n",
			i < sizeof(ids) / sizeof(*ids) ? ids[i] : long_id);
		r = client_ask(fd, text);
		assert_int_equal(reply_header(&r, "X-Request-Id").n, 32);
		reply_free(&r);
	}
	close(fd);
}

static void traceparent_is_kept_when_it_is_valid(void **state)
{
#define TRACE "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	static const struct {
		const char *given, *kept;
	} rows[] = {
		{ TRACE, TRACE },
		{ "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "" },
		{ "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", "" },
		{ "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "" },
		{ "00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "" },
		{ TRACE "-x", "" },
		{ "01"
		  "-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
		  "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x" },
		{ TRACE "\r\ntraceparent: " TRACE, "" },
		{ "x", "" },
	};
	int fd = client_open();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[400];

		sprintf(text, "GET /hello HTTP/1.1\r\nHost: a\r\ntraceparent: %s\r\n\r\n", rows[i].given);
		session_rig_expect(fd, text, 200, "{\"hello\":\"world\"}");
		assert_string_equal(world.last_trace, rows[i].kept);
	}
	close(fd);
}

static void head_has_the_length_of_get_and_no_body(void **state)
{
	int fd = client_open();
	struct reply r;

	(void)state;
	client_say(fd, "HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n");
	r = client_read(fd, true);
	assert_int_equal(r.status, 200);
	assert_true(str_eq(reply_header(&r, "Content-Length"), STR("17")));
	reply_free(&r);
	session_rig_expect(fd, GET("/hello"), 200, "{\"hello\":\"world\"}");
	close(fd);
}

static void no_content_has_no_length(void **state)
{
	int fd = client_open();
	struct reply r = client_ask(fd, GET("/empty"));

	(void)state;
	assert_int_equal(r.status, 204);
	assert_null(reply_header(&r, "Content-Length").p);
	assert_null(reply_header(&r, "Content-Type").p);
	reply_free(&r);
	close(fd);
}

static void connection_close_is_honoured(void **state)
{
	int fd = client_open();
	struct reply r =
		client_ask(fd, "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" GET("/hello"));

	(void)state;
	assert_true(str_eq(reply_header(&r, "Connection"), STR("close")));
	assert_true(client_sees_end(fd, 1000));
	assert_int_equal(world.started, 1);
	reply_free(&r);
	close(fd);
}

static void http_1_0_closes_unless_asked_not_to(void **state)
{
	int fd = client_open();
	struct reply r = client_ask(fd, "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

	(void)state;
	assert_true(str_eq(reply_header(&r, "Connection"), STR("keep-alive")));
	reply_free(&r);
	r = client_ask(fd, "GET /hello HTTP/1.0\r\n\r\n");
	assert_true(str_eq(reply_header(&r, "Connection"), STR("close")));
	assert_true(client_sees_end(fd, 1000));
	reply_free(&r);
	close(fd);
}

static void continue_is_sent_when_the_body_will_be_read(void **state)
{
	int fd = client_open();
	struct reply r;

	(void)state;
	client_say(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
	r = client_read(fd, false);
	assert_int_equal(r.status, 100);
	reply_free(&r);
	session_rig_expect(fd, "abc", 200, "abc");
	/* The body is there already, or a part of it: nobody waits. */
	client_say(fd,
		   "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\na");
	world_run(5);
	session_rig_expect(fd, "bc", 200, "abc");
	session_rig_expect(
		fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc",
		200, "abc");
	close(fd);
}

static void continue_is_not_sent_for_a_body_that_is_too_large(void **state)
{
	int fd = client_open();
	struct reply r = client_ask(
		fd,
		"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\nExpect: 100-continue\r\n\r\n");

	(void)state;
	assert_int_equal(r.status, 413);
	assert_true(client_sees_end(fd, 1000));
	reply_free(&r);
	close(fd);
}

static void tcp_client_is_known_by_its_address(void **state)
{
	struct session_limits limits = world_limits();
	int fd;

	(void)state;
	world_close();
	world_open(&limits, 30000, "127.0.0.1");
	fd = client_open();
	session_rig_expect(fd, GET("/hello"), 200, "{\"hello\":\"world\"}");
	assert_string_equal(world.last_client, "127.0.0.1");
	close(fd);
}

static void ipv4_client_over_a_dual_stack_is_known_by_its_ipv4_address(void **state)
{
	struct session_limits limits = world_limits();
	int fd;

	(void)state;
	world_close();
	world_open(&limits, 30000, "*");
	fd = client_open();
	session_rig_expect(fd, GET("/hello"), 200, "{\"hello\":\"world\"}");
	assert_string_equal(world.last_client, "127.0.0.1");
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SESSION_TEST(connection_serves_many_requests),
		SESSION_TEST(answer_has_the_fields_that_it_must_have),
		SESSION_TEST(request_id_that_is_unsafe_is_replaced),
		SESSION_TEST(traceparent_is_kept_when_it_is_valid),
		SESSION_TEST(head_has_the_length_of_get_and_no_body),
		SESSION_TEST(no_content_has_no_length),
		SESSION_TEST(connection_close_is_honoured),
		SESSION_TEST(http_1_0_closes_unless_asked_not_to),
		SESSION_TEST(continue_is_sent_when_the_body_will_be_read),
		SESSION_TEST(continue_is_not_sent_for_a_body_that_is_too_large),
		SESSION_TEST(tcp_client_is_known_by_its_address),
		SESSION_TEST(ipv4_client_over_a_dual_stack_is_known_by_its_ipv4_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
