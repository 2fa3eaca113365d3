/* A connection as a stream: requests ahead of their answers, in pieces of any size, and large ones. */
#include "session_rig.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static unsigned writes;

/* Counts, and calls libuv's own. */
int uv_try_write(uv_stream_t *stream, const uv_buf_t *pieces, unsigned count)
{
	int (*real)(uv_stream_t *, const uv_buf_t *, unsigned);

	*(void **)&real = dlsym(RTLD_NEXT, "uv_try_write");
	writes++;
	return real(stream, pieces, count);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
	int fd = client_open();
	static const char *const names[] = { "a", "b", "c" };

	(void)state;
	client_say(fd, GET("/hello/a") GET("/hello/b") GET("/hello/c"));
	for (size_t i = 0; i < 3; i++) {
		struct reply r = client_read(fd, false);
		char body[40];

		sprintf(body, "{\"hello\":\"%s\"}", names[i]);
		assert_true(str_eq_z(reply_body(&r), body));
		reply_free(&r);
	}
	close(fd);
}

static void head_and_body_leave_in_one_write_and_so_do_pipelined_answers(void **state)
{
	int fd = client_open();

	(void)state;
	writes = 0;
	session_rig_expect(fd, GET("/hello"), 200, "{\"hello\":\"world\"}");
	assert_int_equal(writes, 1);
	client_say(fd, GET("/hello/a") GET("/hello/b") GET("/hello/c"));
	for (int i = 0; i < 3; i++) {
		struct reply r = client_read(fd, false);

		assert_int_equal(r.status, 200);
		reply_free(&r);
	}
	assert_int_equal(writes, 2);
	close(fd);
}

static void request_behind_a_slow_one_waits(void **state)
{
	int fd = client_open();
	struct reply r;

	(void)state;
	client_say(fd, GET("/slow") GET("/hello/b"));
	world_run(20);
	assert_int_equal(world.started, 0);
	assert_int_equal(world.service.running, 1);
	client_say(fd, GET("/hello/c"));
	world_run(5);
	assert_true(world_wake());
	r = client_read(fd, false);
	assert_true(str_eq(reply_body(&r), STR("{\"hello\":\"world\"}")));
	reply_free(&r);
	r = client_read(fd, false);
	assert_true(str_eq(reply_body(&r), STR("{\"hello\":\"b\"}")));
	reply_free(&r);
	r = client_read(fd, false);
	assert_true(str_eq(reply_body(&r), STR("{\"hello\":\"c\"}")));
	reply_free(&r);
	close(fd);
}

/* What one connection answers to `text`, cut into pieces of `step` bytes; without Date, which may change. */
static struct buf talk(const char *text, size_t step)
{
	int fd = client_open();
	struct buf all = { 0 };
	size_t n = strlen(text);
	ssize_t got = 1;

	for (size_t at = 0; at < n; at += step) {
		client_send(fd, text + at, n - at < step ? n - at : step);
		uv_run(&world.loop, UV_RUN_NOWAIT);
	}
	while (got) {
		uv_run(&world.loop, UV_RUN_NOWAIT);
		got = recv(fd, buf_reserve(&all, 4096), 4096, 0);
		if (got > 0)
			all.n += (size_t)got;
	}
	close(fd);
	for (char *date = all.p; (date = memmem(date, all.n - (size_t)(date - all.p), "Date: ", 6));
	     date += 6)
		memset(date + 6, '-', 29);
	return all;
}

static void answers_do_not_depend_on_how_the_bytes_arrive(void **state)
{
	static const char text[] =
		"\r\nGET /hello/%C3%A4 HTTP/1.1\r\nHost: a\r\nX-Request-Id: 1\r\nX-Say: hm\r\n\r\n"
		"HEAD /hello HTTP/1.1\r\nHost: a\r\nX-Request-Id: 2\r\n\r\n"
		"POST /echo HTTP/1.1\r\nHost: a\r\nX-Request-Id: 3\r\nContent-Length: 5\r\n\r\nabcde\r\n"
		"POST /echo HTTP/1.1\r\nHost: a\r\nX-Request-Id: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
		"3\r\nabc\r\n1\r\nd\r\n0\r\nX: y\r\n\r\n"
		"POST /items?page=2 HTTP/1.1\r\nHost: a\r\nX-Request-Id: 5\r\nContent-Type: application/json\r\n"
		"Content-Length: 13\r\n\r\n{\"title\":\"x\"}"
		"GET http://b/nope HTTP/1.1\r\nHost: a\r\nX-Request-Id: 6\r\n\r\n"
		"OPTIONS * HTTP/1.1\r\nHost: a\r\nX-Request-Id: 7\r\nConnection: close\r\n\r\n";
	struct buf whole = talk(text, sizeof(text));

	(void)state;
	assert_non_null(memmem(whole.p, whole.n, "X-Request-Id: 7\r\n", 17));
	for (size_t step = 1; step < 60; step++) {
		struct buf cut = talk(text, step);

		if (cut.n != whole.n || memcmp(cut.p, whole.p, cut.n) != 0)
			fail_msg("in pieces of %zu: %.*s\n--- instead of\n%.*s", step, (int)cut.n, cut.p,
				 (int)whole.n, whole.p);
		buf_free(&cut);
	}
	buf_free(&whole);
}

static void request_behind_an_upgrade_is_a_request(void **state)
{
	int fd = client_open();

	(void)state;
	for (int i = 0; i < 3; i++) {
		session_rig_expect(
			fd, "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
			200, "{\"hello\":\"world\"}");
		session_rig_expect(
			fd,
			"POST /echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\nContent-Length: 1\r\n\r\na",
			200, "a");
	}
	close(fd);
}

static void large_body_arrives_whole_in_both_directions(void **state)
{
	size_t n = 1 << 20;
	char *body = malloc(n);
	int fd = client_open();
	struct reply r;

	(void)state;
	for (size_t i = 0; i < n; i++)
		body[i] = (char)(i * 7 + i / 251);
	client_say(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n");
	client_send(fd, body, n);
	r = client_read(fd, false);
	assert_int_equal(reply_body(&r).n, n);
	assert_memory_equal(reply_body(&r).p, body, n);
	reply_free(&r);
	session_rig_expect(fd, GET("/hello"), 200, "{\"hello\":\"world\"}");
	free(body);
	close(fd);
}

static void pipelined_large_answers_arrive_whole(void **state)
{
	int fd = client_open();

	(void)state;
	client_say(fd, GET("/hello") GET("/big") GET("/hello") GET("/big") GET("/hello/end"));
	for (int i = 0; i < 5; i++) {
		struct reply r = client_read(fd, false);

		assert_int_equal(r.status, 200);
		assert_int_equal(reply_body(&r).n, i % 2 ? (size_t)8 << 20 : i == 4 ? 15 : 17);
		reply_free(&r);
	}
	close(fd);
}

static void hundred_thousand_pipelined_requests_need_no_stack(void **state)
{
	static const char one[] = GET("/hello");
	size_t each = sizeof(one) - 1, count = 100000, got = 0;
	char *text = malloc(each * count), *sink = malloc(1 << 20);
	size_t sent = 0;
	int fd = client_open();

	(void)state;
	for (size_t i = 0; i < count; i++)
		memcpy(text + i * each, one, each);
	while (world.finished < count || got < count * 150) {
		ssize_t n = send(fd, text + sent, each * count - sent, MSG_NOSIGNAL);

		sent += n > 0 ? (size_t)n : 0;
		uv_run(&world.loop, UV_RUN_NOWAIT);
		n = recv(fd, sink, 1 << 20, 0);
		got += n > 0 ? (size_t)n : 0;
	}
	assert_int_equal(world.finished, count);
	free(text);
	free(sink);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SESSION_TEST(pipelined_requests_are_answered_in_order),
		SESSION_TEST(head_and_body_leave_in_one_write_and_so_do_pipelined_answers),
		SESSION_TEST(request_behind_a_slow_one_waits),
		SESSION_TEST(answers_do_not_depend_on_how_the_bytes_arrive),
		SESSION_TEST(request_behind_an_upgrade_is_a_request),
		SESSION_TEST(large_body_arrives_whole_in_both_directions),
		SESSION_TEST(pipelined_large_answers_arrive_whole),
		SESSION_TEST(hundred_thousand_pipelined_requests_need_no_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
