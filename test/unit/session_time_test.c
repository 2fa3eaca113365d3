/* How long a connection may take to send, to read, and to do nothing. */
#include "http_world.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static void open_with(const struct session_limits *limits)
{
	world_open(limits, 30000, NULL);
}

static void head_that_does_not_come_is_408(void **state)
{
	struct session_limits limits = world_limits();
	struct reply r;
	int fd;

	(void)state;
	limits.head_ms = 60;
	open_with(&limits);
	fd = client_open();
	r = client_ask(fd, "GET /hello HT");
	assert_int_equal(r.status, 408);
	assert_true(client_sees_end(fd, 1000));
	reply_free(&r);
	close(fd);
	world_close();
}

static void head_that_trickles_is_408(void **state)
{
	struct session_limits limits = world_limits();
	struct reply r;
	int fd;

	(void)state;
	limits.head_ms = 100;
	open_with(&limits);
	fd = client_open();
	client_say(fd, "GET /hello HTTP/1.1\r\n");
	for (int i = 0; i < 20; i++) {
		client_say(fd, "a: b\r\n");
		world_run(10);
	}
	r = client_read(fd, false);
	assert_int_equal(r.status, 408);
	reply_free(&r);
	close(fd);
	world_close();
}

static void body_that_does_not_come_is_408(void **state)
{
	struct session_limits limits = world_limits();
	struct reply r;
	int fd;

	(void)state;
	limits.body_ms = 60;
	open_with(&limits);
	fd = client_open();
	r = client_ask(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
	assert_int_equal(r.status, 408);
	assert_true(client_sees_end(fd, 1000));
	reply_free(&r);
	close(fd);
	world_close();
}

/* It was told why, and given the time to read it. */
static void refused_client_that_stays_is_closed(void **state)
{
	struct session_limits limits = world_limits();
	struct reply r;
	int fd;

	(void)state;
	open_with(&limits);
	world.sessions.linger.duration_ms = 60;
	fd = client_open();
	r = client_ask(fd, "GET /hello HTTP/1.1\r\n\r\n");
	assert_int_equal(r.status, 400);
	for (int i = 0; i < 100 && world.sessions.count; i++)
		world_run(10);
	assert_int_equal(world.sessions.count, 0);
	reply_free(&r);
	close(fd);
	world_close();
}

static void idle_connection_is_closed_without_a_word(void **state)
{
	struct session_limits limits = world_limits();
	struct reply r;
	int fresh, used;

	(void)state;
	limits.idle_ms = 60;
	open_with(&limits);
	fresh = client_open();
	used = client_open();
	r = client_ask(used, GET("/hello"));
	assert_int_equal(r.status, 200);
	assert_true(client_sees_end(used, 1000));
	assert_true(client_sees_end(fresh, 1000));
	reply_free(&r);
	close(fresh);
	close(used);
	world_close();
}

static void empty_lines_do_not_keep_a_connection_open(void **state)
{
	struct session_limits limits = world_limits();
	bool ended = false;
	int fd;

	(void)state;
	limits.idle_ms = 60;
	open_with(&limits);
	fd = client_open();
	for (int i = 0; i < 50 && !ended; i++) {
		client_say(fd, "\r\n");
		ended = client_sees_end(fd, 10);
	}
	assert_true(ended);
	close(fd);
	world_close();
}

static void client_that_does_not_read_is_closed(void **state)
{
	struct session_limits limits = world_limits();
	int fd;

	(void)state;
	limits.write_ms = 60;
	open_with(&limits);
	fd = client_open();
	client_say(fd, GET("/big") GET("/hello"));
	world_run(40);
	assert_int_equal(world.sessions.count, 1);
	assert_int_equal(world.finished, 1); /* the second request waits for the first answer to leave */
	world_run(200);
	assert_int_equal(world.sessions.count, 0);
	close(fd);
	world_close();
}

/* Answers are written when there are so many, and no request is started while they wait to be read. */
static void answers_that_nobody_reads_are_not_gathered_without_end(void **state)
{
	struct session_limits limits = world_limits();
	size_t n = 0;
	char *text = malloc(SESSIONS_READ_BYTES);
	int fd;

	(void)state;
	for (; n + sizeof(GET("/hello")) <= SESSIONS_READ_BYTES; n += sizeof(GET("/hello")) - 1)
		memcpy(text + n, GET("/hello"), sizeof(GET("/hello")) - 1);
	open_with(&limits);
	fd = client_open();
	client_send(fd, text, n);
	world_run(50);
	assert_in_range(world.started, 1, n / sizeof(GET("/hello")) * 4 / 5);
	for (size_t i = 0; i < n / (sizeof(GET("/hello")) - 1); i++) {
		struct reply r = client_read(fd, false);

		assert_int_equal(r.status, 200);
		reply_free(&r);
	}
	free(text);
	close(fd);
	world_close();
}

/* RFC 9110, section 6.6.1 */
static void date_is_that_of_the_answer(void **state)
{
	struct session_limits limits = world_limits();
	int fd;

	(void)state;
	open_with(&limits);
	fd = client_open();
	for (int i = 0; i < 3; i++) {
		time_t before = time(NULL);
		struct reply r = client_ask(fd, GET("/hello"));
		char now[CLOCK_HTTP_LEN], then[CLOCK_HTTP_LEN];
		struct str date = reply_header(&r, "Date");

		clock_format_http(before, then);
		clock_format_http(time(NULL), now);
		assert_int_equal(date.n, CLOCK_HTTP_LEN);
		if (memcmp(date.p, then, CLOCK_HTTP_LEN) != 0)
			assert_memory_equal(date.p, now, CLOCK_HTTP_LEN);
		reply_free(&r);
		world_run(1000);
	}
	close(fd);
	world_close();
}

static void client_that_reads_slowly_may_go_on(void **state)
{
	struct session_limits limits = world_limits();
	size_t got = 0;
	char *sink = malloc(1 << 20);
	int fd;

	(void)state;
	limits.write_ms = 60;
	open_with(&limits);
	fd = client_open();
	client_say(fd, GET("/big"));
	for (int i = 0; i < 100 && got < (size_t)8 << 20; i++) {
		ssize_t n = recv(fd, sink, 200000, 0);

		got += n > 0 ? (size_t)n : 0;
		world_run(20);
	}
	assert_true(got > (size_t)8 << 20);
	assert_int_equal(world.sessions.count, 1);
	free(sink);
	close(fd);
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head_that_does_not_come_is_408),
		cmocka_unit_test(head_that_trickles_is_408),
		cmocka_unit_test(body_that_does_not_come_is_408),
		cmocka_unit_test(refused_client_that_stays_is_closed),
		cmocka_unit_test(idle_connection_is_closed_without_a_word),
		cmocka_unit_test(empty_lines_do_not_keep_a_connection_open),
		cmocka_unit_test(client_that_does_not_read_is_closed),
		cmocka_unit_test(answers_that_nobody_reads_are_not_gathered_without_end),
		cmocka_unit_test(date_is_that_of_the_answer),
		cmocka_unit_test(client_that_reads_slowly_may_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
