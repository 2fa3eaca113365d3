/* Answers that are sent while they are made: framing, clients that do not read or leave, and failures on the way. */
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

#define ASK(path, fields) "GET " path " HTTP/1.1\r\nHost: a\r\n" fields "\r\n"

static int client;

static void open_world(const char *host)
{
	struct session_limits limits = world_limits();

	limits.write_ms = 200;
	world_open(&limits, 200, host);
	client = client_open();
}

static int setup(void **state)
{
	(void)state;
	open_world(NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(client);
	world_close();
	return 0;
}

/* Everything up to the end of the connection; *error is 0 when that was no reset. */
static struct buf read_to_the_end(int *error)
{
	struct buf all = { 0 };
	ssize_t n = -1;

	for (int i = 0; i < 4000 && n != 0; i++) {
		n = recv(client, buf_reserve(&all, 65536), 65536, 0);
		if (n > 0)
			all.n += (size_t)n;
		else if (n < 0 && errno != EAGAIN)
			break;
		else
			world_run(1);
	}
	*error = n < 0 ? errno : 0;
	return all;
}

/* The body of a chunked answer in `all`; *ended: the last chunk was there. */
static size_t dechunked(const struct buf *all, bool *ended)
{
	char *at = memmem(all->p, all->n, "\r\n\r\n", 4);
	const char *end = all->p + all->n;
	size_t total = 0;

	*ended = false;
	assert_non_null(at);
	for (at += 4; at < end;) {
		size_t n = strtoul(at, &at, 16);

		assert_memory_equal(at, "\r\n", 2);
		at += 2 + n;
		if (at + 2 > end)
			break;
		assert_memory_equal(at, "\r\n", 2);
		at += 2;
		total += n;
		*ended = n == 0;
	}
	return total;
}

static void length_unknown_goes_in_chunks(void **state)
{
	struct buf all;
	bool ended;
	int error;

	(void)state;
	client_say(client, ASK("/source/1234567", "") ASK("/hello", "Connection: close\r\n"));
	all = read_to_the_end(&error);
	buf_add_char(&all, '\0');
	assert_non_null(strstr(all.p, "Transfer-Encoding: chunked\r\n"));
	assert_null(strstr(all.p, "Content-Length: 1234567"));
	all.n = (size_t)((char *)memmem(all.p, all.n, "0\r\n\r\nHTTP", 9) + 5 - all.p);
	assert_int_equal(dechunked(&all, &ended), 1234567);
	assert_true(ended);
	buf_free(&all);
}

static void bytes_in_the_log_are_those_on_the_wire(void **state)
{
	struct buf all;
	int error;

	(void)state;
	client_say(client, ASK("/source/1234567", "Connection: close\r\n"));
	all = read_to_the_end(&error);
	assert_int_equal(world.last_bytes, all.n);
	assert_int_equal(world.last_status, 200);
	buf_free(&all);
}

static void known_length_is_announced_and_kept(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct reply r;

		client_say(client, ASK("/source/3000000", "X-Length: 3000000\r\n"));
		r = client_read(client, false);
		assert_int_equal(r.status, 200);
		assert_int_equal(reply_body(&r).n, 3000000);
		assert_null(reply_header(&r, "Transfer-Encoding").p);
		reply_free(&r);
	}
}

static void empty_answer_has_a_last_chunk(void **state)
{
	struct buf all;
	bool ended;
	int error;

	(void)state;
	client_say(client, ASK("/source/0", "Connection: close\r\n"));
	all = read_to_the_end(&error);
	assert_int_equal(dechunked(&all, &ended), 0);
	assert_true(ended);
	buf_free(&all);
}

static void head_and_204_have_no_body(void **state)
{
	struct reply r;

	(void)state;
	client_say(client, "HEAD /source/100 HTTP/1.1\r\nHost: a\r\nX-Length: 100\r\n\r\n");
	r = client_read(client, true);
	assert_true(str_eq_z(reply_header(&r, "Content-Length"), "100"));
	reply_free(&r);
	client_say(client, "HEAD /source/100 HTTP/1.1\r\nHost: a\r\n\r\n");
	r = client_read(client, true);
	assert_int_equal(r.status, 200);
	reply_free(&r);
	r = client_ask(client, ASK("/source/100", "X-Empty: 1\r\n"));
	assert_int_equal(r.status, 204);
	assert_null(reply_header(&r, "Transfer-Encoding").p);
	reply_free(&r);
	r = client_ask(client, ASK("/hello", ""));
	assert_int_equal(r.status, 200);
	reply_free(&r);
	assert_int_equal(world.last_made, 0);
}

static void http_1_0_reads_until_the_end(void **state)
{
	struct buf all;
	int error;

	(void)state;
	client_say(client, "GET /source/500000 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	all = read_to_the_end(&error);
	assert_int_equal(error, 0);
	assert_null(memmem(all.p, all.n, "chunked", 7));
	assert_non_null(memmem(all.p, all.n, "Connection: close\r\n", 19));
	assert_int_equal(all.n - (size_t)((char *)memmem(all.p, all.n, "\r\n\r\n", 4) + 4 - all.p), 500000);
	buf_free(&all);
}

static void failure_on_the_way_leaves_out_the_last_chunk(void **state)
{
	struct buf all;
	bool ended;
	int error;

	(void)state;
	client_say(client, ASK("/source/100000", "X-Fail: 1\r\n"));
	all = read_to_the_end(&error);
	assert_int_equal(dechunked(&all, &ended), 100000);
	assert_false(ended);
	assert_int_equal(world.released, 1);
	assert_int_equal(world.finished, 1);
	buf_free(&all);
}

static void length_that_is_not_kept_cuts_the_connection(void **state)
{
	static const char *const requests[] = { ASK("/source/1000", "X-Length: 2000\r\n"),
						ASK("/source/3000", "X-Length: 2000\r\n") };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct buf all;
		int error;

		client_say(client, requests[i]);
		all = read_to_the_end(&error);
		assert_true(all.n - (size_t)((char *)memmem(all.p, all.n, "\r\n\r\n", 4) + 4 - all.p) < 2000);
		buf_free(&all);
		close(client);
		client = client_open();
	}
}

static void failure_of_a_body_until_the_end_is_a_reset(void **state)
{
	struct buf all;
	int error;

	(void)state;
	close(client);
	world_close();
	open_world("127.0.0.1");
	client_say(client, "GET /source/100000 HTTP/1.0\r\nX-Fail: 1\r\n\r\n");
	all = read_to_the_end(&error);
	assert_int_equal(error, ECONNRESET);
	buf_free(&all);
}

static void failure_before_anything_was_sent_is_a_problem(void **state)
{
	struct reply r;

	(void)state;
	r = client_ask(client, ASK("/source/100", "X-Fail-First: 1\r\n"));
	assert_int_equal(r.status, 409);
	assert_null(reply_header(&r, "Transfer-Encoding").p);
	assert_null(reply_header(&r, "X-Echo").p);
	reply_free(&r);
	r = client_ask(client, ASK("/hello", ""));
	assert_int_equal(r.status, 200);
	reply_free(&r);
}

static void client_that_does_not_read_stops_the_handler_and_is_given_up(void **state)
{
	(void)state;
	client_say(client, ASK("/source/500000000", ""));
	world_run(100);
	assert_true(world.last_made > 0 && world.last_made < 16000000);
	assert_int_equal(world.service.running, 1);
	world_run(500);
	assert_int_equal(world.service.running, 0);
	assert_int_equal(world.released, 1);
	assert_int_equal(world.last_status, 499);
}

/* All of it takes longer than a client may stand still, which is so long that a busy machine does not. */
static void client_that_reads_slowly_may_take_its_time(void **state)
{
	const size_t all = 8000000, piece = 100000;
	char *sink = malloc(piece);
	size_t got = 0;
	ssize_t n = -1;

	(void)state;
	world.sessions.write.duration_ms = 1000;
	client_say(client, ASK("/source/8000000", "X-Length: 8000000\r\n"));
	while (got < all && n != 0) {
		n = recv(client, sink, piece, 0);
		got += n > 0 ? (size_t)n : 0;
		world_run(15);
	}
	assert_true(got >= all);
	assert_int_equal(world.last_status, 200);
	free(sink);
}

static void client_that_leaves_ends_the_handler(void **state)
{
	(void)state;
	client_say(client, ASK("/source/500000000", ""));
	world_run(20);
	close(client);
	world_run(50);
	assert_int_equal(world.service.running, 0);
	assert_int_equal(world.released, 1);
	assert_true(world.last_bytes > 100000);
	client = client_open();
}

/* That a client has closed its side says nothing while it goes on reading. */
static void half_closed_connection_gets_all_of_it(void **state)
{
	struct buf all;
	bool ended;
	int error;

	(void)state;
	client_say(client, ASK("/source/30000000", ""));
	shutdown(client, SHUT_WR);
	world_run(150);
	all = read_to_the_end(&error);
	assert_int_equal(dechunked(&all, &ended), 30000000);
	assert_true(ended);
	buf_free(&all);
}

/* The head may end with the same bytes, as its last field is an id. */
static bool ends_with_last_chunk(const struct buf *all)
{
	static const char last[] = "\r\n0\r\n\r\n";
	const char *head_end = all->n ? memmem(all->p, all->n, "\r\n\r\n", 4) : NULL;
	const size_t n = sizeof(last) - 1;

	return head_end && all->p + all->n >= head_end + 4 + n && memcmp(all->p + all->n - n, last, n) == 0;
}

static void body_may_come_and_go_at_once(void **state)
{
	size_t n = 2000000, sent = 0;
	char *body = calloc(1, n);
	struct buf all = { 0 };
	bool ended = false;

	(void)state;
	/* This client reads and sends all the time, however slow the machine is. */
	world.sessions.write.duration_ms = world.service.request_deadline.duration_ms = 30000;
	client_say(client,
		   "POST /mirror HTTP/1.1\r\nHost: a\r\nX-Request-Id: 10\r\nContent-Length: 2000000\r\n\r\n");
	while (!ended) {
		ssize_t took = sent < n ? send(client, body + sent, n - sent, MSG_NOSIGNAL) : 0, got;

		sent += took > 0 ? (size_t)took : 0;
		uv_run(&world.loop, UV_RUN_NOWAIT);
		got = recv(client, buf_reserve(&all, 65536), 65536, 0);
		assert_true(got != 0);
		all.n += got > 0 ? (size_t)got : 0;
		ended = ends_with_last_chunk(&all);
	}
	assert_int_equal(dechunked(&all, &ended), n);
	assert_true(ended);
	free(body);
	buf_free(&all);
}

static void stop_waits_for_an_answer_on_its_way(void **state)
{
	struct buf all;
	bool ended;
	int error;

	(void)state;
	client_say(client, ASK("/source/9000000", ""));
	world_run(20);
	sessions_stop(&world.sessions, NULL);
	all = read_to_the_end(&error);
	assert_int_equal(dechunked(&all, &ended), 9000000);
	assert_true(ended);
	buf_free(&all);
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_WORLD(length_unknown_goes_in_chunks),
		IN_A_WORLD(bytes_in_the_log_are_those_on_the_wire),
		IN_A_WORLD(known_length_is_announced_and_kept),
		IN_A_WORLD(empty_answer_has_a_last_chunk),
		IN_A_WORLD(head_and_204_have_no_body),
		IN_A_WORLD(http_1_0_reads_until_the_end),
		IN_A_WORLD(failure_on_the_way_leaves_out_the_last_chunk),
		IN_A_WORLD(length_that_is_not_kept_cuts_the_connection),
		IN_A_WORLD(failure_of_a_body_until_the_end_is_a_reset),
		IN_A_WORLD(failure_before_anything_was_sent_is_a_problem),
		IN_A_WORLD(client_that_does_not_read_stops_the_handler_and_is_given_up),
		IN_A_WORLD(client_that_reads_slowly_may_take_its_time),
		IN_A_WORLD(client_that_leaves_ends_the_handler),
		IN_A_WORLD(half_closed_connection_gets_all_of_it),
		IN_A_WORLD(body_may_come_and_go_at_once),
		IN_A_WORLD(stop_waits_for_an_answer_on_its_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
