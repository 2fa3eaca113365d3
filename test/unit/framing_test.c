/* How long a request is (RFC 9112, sections 6 and 7), how large it may be, and what follows it. */
#include "http_feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* RFC 9112, sections 6.1 to 6.3 */
static void framing(void **state)
{
	(void)state;
	CHECK({ POST("Content-Length: 3\r\n\r\nabc"), OK }, { POST("Content-Length: 0\r\n\r\n"), OK },
	      { POST("Content-Length: 003\r\n\r\nabc"), OK },
	      { POST("Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc"), BAD },
	      { POST("Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"), BAD },
	      { POST("Content-Length: 3, 3\r\n\r\nabc"), BAD },
	      { POST("Content-Length: 3,4\r\n\r\nabc"), BAD }, { POST("Content-Length: -1\r\n\r\n"), BAD },
	      { POST("Content-Length: +3\r\n\r\nabc"), BAD }, { POST("Content-Length: 0x3\r\n\r\nabc"), BAD },
	      { POST("Content-Length: 3 3\r\n\r\nabc"), BAD }, { POST("Content-Length:\r\n\r\n"), BAD },
	      { POST("Content-Length: 3a\r\n\r\nabc"), BAD },
	      { POST("Content-Length: 99999999999999999999\r\n\r\n"), BAD },
	      { POST("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), BAD },
	      { POST("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"), BAD },
	      { POST("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), OK },
	      { POST("Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n"), OK },
	      { POST("Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"), BAD },
	      { POST("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), BAD },
	      { POST("Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"), BAD },
	      { POST("Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"), BAD },
	      { POST("Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n"), BAD },
	      { POST("Transfer-Encoding: identity\r\n\r\n0\r\n\r\n"), BAD },
	      { POST("Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), ERR_NOT_IMPLEMENTED },
	      { POST("Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"), BAD },
	      { POST("Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"), BAD },
	      { POST("Transfer-Encoding:\r\n\r\n"), BAD },
	      { POST("Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"), BAD },
	      { POST("Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"), BAD },
	      { POST("Transfer-Encoding: \x0b"
		     "chunked\r\n\r\n0\r\n\r\n"),
		BAD },
	      { "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", BAD });
}

/* RFC 9112, section 7.1 */
static void chunks(void **state)
{
	(void)state;
#define CHUNKED(body) POST("Transfer-Encoding: chunked\r\n\r\n" body)
	CHECK({ CHUNKED("3\r\nabc\r\n0\r\n\r\n"), OK },
	      { CHUNKED("3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"), OK },
	      { CHUNKED("03\r\nabc\r\n00\r\n\r\n"), OK }, { CHUNKED("3;a=b\r\nabc\r\n0\r\n\r\n"), OK },
	      { CHUNKED("3;a=\"b;c\"\r\nabc\r\n0\r\n\r\n"), OK },
	      { CHUNKED("3\r\nabc\r\n0\r\nTrailer: x\r\n\r\n"), OK }, { CHUNKED("3\nabc\n0\n\n"), BAD },
	      { CHUNKED("3\r\nabcd\r\n0\r\n\r\n"), BAD }, { CHUNKED("3\r\nabc0\r\n\r\n"), BAD },
	      { CHUNKED("-3\r\nabc\r\n0\r\n\r\n"), BAD }, { CHUNKED("0x3\r\nabc\r\n0\r\n\r\n"), BAD },
	      { CHUNKED("\r\nabc\r\n0\r\n\r\n"), BAD }, { CHUNKED("g\r\nabc\r\n0\r\n\r\n"), BAD },
	      { CHUNKED("3 \r\nabc\r\n0\r\n\r\n"), BAD }, { CHUNKED("FFFFFFFFFFFFFFFFF\r\nabc"), BAD },
	      { CHUNKED("3\r\nabc\r\n0\r\nA : b\r\n\r\n"), BAD },
	      { CHUNKED("3;a\n\r\nabc\r\n0\r\n\r\n"), BAD },
	      { CHUNKED("3\r\nabc\r\n0\r\nA: b\x01\r\n\r\n"), BAD });
}

static void trailers_are_no_headers(void **state)
{
	static const char text[] = CHUNKED("2\r\nab\r\n1\r\nc\r\n0\r\nContent-Type: x\r\nHost: evil\r\n\r\n");

	(void)state;
	for (size_t step = 1; step < sizeof(text); step++) {
		struct outcome o = feed(text, sizeof(text) - 1, step);

		assert_int_equal(o.result, PARSER_DONE);
		assert_true(str_eq(o.request.body, STR("abc")));
		assert_int_equal(o.request.header_count, 2);
		assert_true(str_eq(o.request.host, STR("a")));
		forget(&o);
	}
}

/* RFC 9110, sections 5.4 and 4.1; RFC 6585 */
static void sizes(void **state)
{
	char text[4096];
	size_t n;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "GET /", 5);
	assert_int_equal(verdict_n(text, 2000), ERR_URI_TOO_LONG);
	n = (size_t)sprintf(text, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
	memset(text + n, 'a', sizeof(text) - n);
	assert_int_equal(verdict_n(text, 2000), ERR_HEAD_TOO_LARGE);
	/* Exactly as large as it may be, and one byte more. */
	memcpy(text + 1020, "\r\n\r\n", 4);
	assert_int_equal(verdict_n(text, 1024), ERR_NONE);
	memcpy(text + 1020, "a\r\n\r\n", 5);
	assert_int_equal(verdict_n(text, 1025), ERR_HEAD_TOO_LARGE);
	CHECK({ GET("1:\r\n2:\r\n3:\r\n4:\r\n5:\r\n6:\r\n7:\r\n8:\r\n9:\r\n"), OK },
	      { GET("1:\r\n2:\r\n3:\r\n4:\r\n5:\r\n6:\r\n7:\r\n8:\r\n9:\r\n0:\r\n"), ERR_HEAD_TOO_LARGE },
	      { POST("Content-Length: 101\r\n\r\n"), ERR_BODY_TOO_LARGE });
}

static void body_of_chunks_is_bounded_and_so_is_its_framing(void **state)
{
	static const char head[] = CHUNKED("");
	char text[4096];
	size_t n = sizeof(head) - 1;

	(void)state;
	memcpy(text, head, n);
	for (int i = 0; i < 11; i++)
		n += (size_t)sprintf(text + n, "a\r\n0123456789\r\n");
	assert_int_equal(verdict_n(text, n), ERR_BODY_TOO_LARGE);
	/* No body at all, but a chunk size that does not end. */
	memset(text + sizeof(head) - 1, '0', 3000);
	assert_int_equal(verdict_n(text, sizeof(head) - 1 + 3000), ERR_HEAD_TOO_LARGE);
}

/* A body of one byte, trailer fields of 120 bytes each. */
static enum err verdict_of_trailers(int count)
{
	static const char head[] = CHUNKED("1\r\na\r\n0\r\n");
	char text[4096];
	size_t n = sizeof(head) - 1;

	memcpy(text, head, n);
	for (int i = 0; i < count; i++)
		n += (size_t)sprintf(text + n, "Trailer-%0100d: 01234567\r\n", i);
	memcpy(text + n, "\r\n", 2);
	return verdict_n(text, n + 2);
}

static void trailers_have_the_bounds_of_a_head(void **state)
{
	(void)state;
	assert_int_equal(verdict_of_trailers(8), ERR_NONE);
	assert_int_equal(verdict_of_trailers(9), ERR_HEAD_TOO_LARGE);
	assert_int_equal(verdict_of_trailers(20), ERR_HEAD_TOO_LARGE);
}

/* Chunks of one byte, with an extension or a size of that many digits. */
static enum err verdict_of_chunks(int chunks, const char *size, int digits)
{
	static const char head[] = CHUNKED("");
	char text[8192];
	size_t n = sizeof(head) - 1;

	memcpy(text, head, n);
	for (int i = 0; i < chunks; i++)
		n += (size_t)sprintf(text + n, "%s%0*d\r\nx\r\n", size, digits, 1);
	n += (size_t)sprintf(text + n, "0\r\n\r\n");
	return verdict_n(text, n);
}

static void extensions_of_all_chunks_have_the_bounds_of_a_head(void **state)
{
	(void)state;
	/* Sizes of eight digits cost nothing: some senders always write them so. */
	assert_int_equal(verdict_of_chunks(100, "", 8), ERR_NONE);
	assert_int_equal(verdict_of_chunks(60, "", 30), ERR_HEAD_TOO_LARGE);
	assert_int_equal(verdict_of_chunks(1, "1;", 1020), ERR_NONE);
	assert_int_equal(verdict_of_chunks(1, "1;", 1040), ERR_HEAD_TOO_LARGE);
	assert_int_equal(verdict_of_chunks(18, "1;", 60), ERR_NONE);
	assert_int_equal(verdict_of_chunks(20, "1;", 60), ERR_HEAD_TOO_LARGE);
}

/* What comes first is what is refused, however much of what follows is there already. */
static void padding_that_is_too_long_is_refused_before_the_data_behind_it(void **state)
{
	static const char head[] = CHUNKED("");
	char text[4096];
	size_t n = sizeof(head) - 1;

	(void)state;
	memcpy(text, head, n);
	n += (size_t)sprintf(text + n, "78;%01040d\r\n%0120d\r\n0\r\n\r\n", 1, 1);
	assert_int_equal(verdict_n(text, n), ERR_HEAD_TOO_LARGE);
}

/* RFC 9110, section 7.8 */
static void upgrades_are_ignored(void **state)
{
	static const char text[] = POST(
		"Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1");

	(void)state;
	for (size_t step = 1; step < sizeof(text); step++) {
		struct outcome o = feed(text, sizeof(text) - 1, step);

		assert_int_equal(o.result, PARSER_DONE);
		assert_true(str_eq(o.request.body, STR("abc")));
		assert_true(o.request.keep_alive);
		forget(&o);
	}
	CHECK({ GET("Connection: Upgrade\r\nUpgrade: h2c\r\n"), OK });
}

/* RFC 9112, section 9.3 */
static void persistence(void **state)
{
	static const struct {
		const char *text;
		bool keep_alive;
	} rows[] = {
		{ GET(""), true },
		{ GET("Connection: close\r\n"), false },
		{ GET("Connection: Close\r\n"), false },
		{ GET("Connection: x, close\r\n"), false },
		{ GET("Connection: keep-alive\r\n"), true },
		{ "GET / HTTP/1.0\r\n\r\n", false },
		{ "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true },
		{ "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct outcome o = feed(rows[i].text, strlen(rows[i].text), 7);

		assert_int_equal(o.result, PARSER_DONE);
		if (o.request.keep_alive != rows[i].keep_alive)
			fail_msg("%s", rows[i].text);
		forget(&o);
	}
}

static void what_follows_a_request_is_left_alone(void **state)
{
	static const char text[] = POST("Content-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n");
	struct outcome o = feed(text, sizeof(text) - 1, sizeof(text) - 1);

	(void)state;
	assert_int_equal(o.result, PARSER_DONE);
	assert_string_equal(text + o.used, "GET / HTTP/1.1\r\n");
	forget(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(framing),
		cmocka_unit_test(chunks),
		cmocka_unit_test(trailers_are_no_headers),
		cmocka_unit_test(sizes),
		cmocka_unit_test(body_of_chunks_is_bounded_and_so_is_its_framing),
		cmocka_unit_test(trailers_have_the_bounds_of_a_head),
		cmocka_unit_test(extensions_of_all_chunks_have_the_bounds_of_a_head),
		cmocka_unit_test(padding_that_is_too_long_is_refused_before_the_data_behind_it),
		cmocka_unit_test(upgrades_are_ignored),
		cmocka_unit_test(persistence),
		cmocka_unit_test(what_follows_a_request_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
