/* What RFC 9110 and RFC 9112 demand of the reader of a request, section by section: llhttp's part and ours. */
#include "base/arena.h"
#include "http/conformance.h"
#include "http/parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct parser_limits limits = { .head_bytes = 1024, .body_bytes = 100, .header_count = 10 };

struct outcome {
	enum parser_result result;
	enum err err;
	struct request request;
	struct message message;
	size_t used;
};

/* Feeds the text in pieces of `step` bytes. */
static struct outcome feed(const char *text, size_t n, size_t step)
{
	struct outcome o = { 0 };
	struct parser p;

	parser_init(&p, &limits);
	parser_begin(&p, &o.request, &o.message);
	for (size_t at = 0; at < n && o.result == PARSER_MORE; at += step) {
		size_t used, piece = n - at < step ? n - at : step;
		char *copy = malloc(piece); /* of its own, so that reading beyond it is found */

		memcpy(copy, text + at, piece);
		o.result = parser_feed(&p, copy, piece, &used);
		o.used += used;
		free(copy);
	}
	o.err = p.err;
	return o;
}

static void forget(struct outcome *o)
{
	message_free(&o->message);
}

/* The verdict over the text, which must not depend on how it is cut. */
static enum err verdict_n(const char *text, size_t n)
{
	struct outcome whole = feed(text, n, n);

	for (size_t step = 1; step < n; step++) {
		struct outcome cut = feed(text, n, step);

		if (cut.result != whole.result || cut.err != whole.err)
			fail_msg("in pieces of %zu: result %d, error %d instead of %d, %d: %s", step,
				 cut.result, cut.err, whole.result, whole.err, text);
		forget(&cut);
	}
	if (whole.result == PARSER_MORE)
		fail_msg("not complete: %s", text);
	forget(&whole);
	return whole.err;
}

struct row {
	const char *text;
	enum err err;
};

static void check(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		enum err err = verdict_n(rows[i].text, strlen(rows[i].text));

		if (err != rows[i].err)
			fail_msg("%s instead of %s for: %s", err ? err_code(err) : "accepted",
				 rows[i].err ? err_code(rows[i].err) : "accepted", rows[i].text);
	}
}

#define CHECK(...)                                                                                           \
	do {                                                                                                 \
		static const struct row rows[] = { __VA_ARGS__ };                                            \
		check(rows, sizeof(rows) / sizeof(*rows));                                                   \
	} while (0)

#define OK         ERR_NONE
#define BAD        ERR_BAD_REQUEST
#define GET(lines) "GET / HTTP/1.1\r\nHost: a\r\n" lines "\r\n"
#define POST(rest) "POST / HTTP/1.1\r\nHost: a\r\n" rest

/* RFC 9112, section 2.2 */
static void message_parsing(void **state)
{
	(void)state;
	CHECK({ "GET / HTTP/1.1\r\nHost: a\r\n\r\n", OK }, { "GET / HTTP/1.1\nHost: a\n\n", BAD },
	      { "GET / HTTP/1.1\r\nHost: a\n\r\n", BAD }, { "GET / HTTP/1.1\r\nHost: a\r\n\n", BAD },
	      { "GET / HTTP/1.1\rHost: a\r\r", BAD }, { "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", BAD },
	      { "GET / HTTP/1.1\r\n Host: a\r\n\r\n", BAD },
	      { "GET / HTTP/1.1\r\n\tX: y\r\nHost: a\r\n\r\n", BAD },
	      { " GET / HTTP/1.1\r\nHost: a\r\n\r\n", BAD }, { "\x16\x03\x01\x02", BAD });
}

/* RFC 9112, section 2.3; RFC 9110, section 15.6.6 */
static void version(void **state)
{
	(void)state;
	CHECK({ "GET / HTTP/1.0\r\n\r\n", OK }, { "GET / HTTP/0.9\r\nHost: a\r\n\r\n", ERR_HTTP_VERSION },
	      { "GET / HTTP/2.0\r\nHost: a\r\n\r\n", ERR_HTTP_VERSION },
	      { "GET / HTTP/1.2\r\nHost: a\r\n\r\n", ERR_HTTP_VERSION },
	      { "GET / HTTP/3.0\r\nHost: a\r\n\r\n", ERR_HTTP_VERSION },
	      { "GET / HTTP/1.x\r\nHost: a\r\n\r\n", BAD }, { "GET / HTTP/1\r\nHost: a\r\n\r\n", BAD },
	      { "GET / http/1.1\r\nHost: a\r\n\r\n", BAD }, { "GET / HTTP/11\r\nHost: a\r\n\r\n", BAD },
	      { "GET / HTTP/1.11\r\nHost: a\r\n\r\n", BAD }, { "GET /\r\n\r\n", BAD },
	      { "GET / RTSP/1.0\r\nHost: a\r\n\r\n", BAD }, { "OPTIONS * RTSP/1.0\r\nHost: a\r\n\r\n", BAD },
	      { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ERR_HTTP_VERSION });
}

/* RFC 9112, section 3.1; RFC 9110, section 9.1 */
static void method(void **state)
{
	(void)state;
	CHECK({ "GET / HTTP/1.1\r\nHost: a\r\n\r\n", OK }, { "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", OK },
	      { "POST / HTTP/1.1\r\nHost: a\r\n\r\n", OK }, { "PUT / HTTP/1.1\r\nHost: a\r\n\r\n", OK },
	      { "PATCH / HTTP/1.1\r\nHost: a\r\n\r\n", OK }, { "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n", OK },
	      { "OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n", OK },
	      { "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", ERR_NOT_IMPLEMENTED },
	      { "get / HTTP/1.1\r\nHost: a\r\n\r\n", ERR_NOT_IMPLEMENTED },
	      { "GETX / HTTP/1.1\r\nHost: a\r\n\r\n", ERR_NOT_IMPLEMENTED },
	      { "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", ERR_NOT_IMPLEMENTED },
	      { "PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n", ERR_NOT_IMPLEMENTED },
	      { "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", ERR_NOT_IMPLEMENTED },
	      { "(GET) / HTTP/1.1\r\nHost: a\r\n\r\n", BAD }, { "{\"a\": 1}\r\n\r\n", BAD });
}

/* RFC 9112, section 3.2 */
static void target(void **state)
{
	(void)state;
	CHECK({ "GET /a/b?c=d HTTP/1.1\r\nHost: a\r\n\r\n", OK },
	      { "GET /%41 HTTP/1.1\r\nHost: a\r\n\r\n", OK }, { "GET //a HTTP/1.1\r\nHost: a\r\n\r\n", OK },
	      { "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", BAD },
	      { "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", BAD }, { "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", BAD },
	      { "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", BAD }, { "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", BAD },
	      { "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", BAD }, { "GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n", BAD },
	      { "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", BAD },
	      { "GET /a\x01 HTTP/1.1\r\nHost: a\r\n\r\n", BAD }, { "GET a HTTP/1.1\r\nHost: a\r\n\r\n", BAD },
	      { "GET ?a HTTP/1.1\r\nHost: a\r\n\r\n", BAD }, { "GET * HTTP/1.1\r\nHost: a\r\n\r\n", BAD },
	      { "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", OK },
	      { "OPTIONS *a HTTP/1.1\r\nHost: a\r\n\r\n", BAD },
	      { "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", BAD },
	      { "GET http://b/c HTTP/1.1\r\nHost: a\r\n\r\n", OK },
	      { "GET HTTPS://b:8443 HTTP/1.1\r\nHost: a\r\n\r\n", OK },
	      { "GET http://[::1]:80/ HTTP/1.1\r\nHost: a\r\n\r\n", OK },
	      { "GET ftp://b/c HTTP/1.1\r\nHost: a\r\n\r\n", BAD },
	      { "GET http:///c HTTP/1.1\r\nHost: a\r\n\r\n", BAD },
	      { "GET http:/c HTTP/1.1\r\nHost: a\r\n\r\n", BAD },
	      { "GET http://u:p@b/c HTTP/1.1\r\nHost: a\r\n\r\n", BAD },
	      { "GET http://b:port/c HTTP/1.1\r\nHost: a\r\n\r\n", BAD },
	      { "GET http://b/c HTTP/1.1\r\n\r\n", BAD });
}

static void target_in_absolute_form_replaces_host(void **state)
{
	static const char text[] = "GET http://b:81/c?d HTTP/1.1\r\nHost: a\r\n\r\n";
	struct outcome o = feed(text, sizeof(text) - 1, 3);

	(void)state;
	assert_int_equal(o.result, PARSER_DONE);
	assert_true(str_eq(o.request.host, STR("b:81")));
	assert_true(str_eq(o.request.path, STR("/c")));
	assert_true(str_eq(o.request.query, STR("d")));
	forget(&o);
}

static void target_without_path_is_the_root_or_the_server(void **state)
{
	static const char get[] = "GET http://b?x HTTP/1.1\r\nHost: a\r\n\r\n";
	static const char options[] = "OPTIONS http://b HTTP/1.1\r\nHost: a\r\n\r\n";
	struct outcome o = feed(get, sizeof(get) - 1, 100);

	(void)state;
	assert_true(str_eq(o.request.path, STR("/")));
	assert_true(str_eq(o.request.query, STR("x")));
	forget(&o);
	o = feed(options, sizeof(options) - 1, 100);
	assert_true(str_eq(o.request.path, STR("*")));
	forget(&o);
}

/* RFC 9112, section 3.2; RFC 9110, section 7.2 */
static void host(void **state)
{
	(void)state;
	CHECK({ "GET / HTTP/1.1\r\n\r\n", BAD }, { "GET / HTTP/1.0\r\n\r\n", OK },
	      { "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", BAD },
	      { "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", BAD },
	      { "GET / HTTP/1.1\r\nHost:\r\n\r\n", BAD }, { "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", BAD },
	      { "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", OK }, { "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", BAD },
	      { "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", BAD },
	      { "GET / HTTP/1.1\r\nhOsT:a.example:8080\r\n\r\n", OK });
}

static void host_is_a_name_or_an_address_with_an_optional_port(void **state)
{
	static const char *const good[] = { "a",        "a.example", "127.0.0.1", "127.0.0.1:80", "[::1]",
					    "[::1]:80", "a:",        "a%20b",     "a_b",          "[v1.x]" };
	static const char *const wrong[] = {
		"",     ":80", "a:80:80", "a:x", "a:65536", "a:99999999999999999999",
		"[::1", "[]",  "[::1]x",  "a%2", "a%zz",    "a\"b",
		"a\\b", "ä",   "a?b",     "a#b"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (!conformance_host(str_of(good[i])))
			fail_msg("refused: %s", good[i]);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (conformance_host(str_of(wrong[i])))
			fail_msg("accepted: %s", wrong[i]);
}

/* RFC 9112, section 5 */
static void header_fields(void **state)
{
	(void)state;
	CHECK({ GET("A: b\r\n"), OK }, { GET("A:b\r\n"), OK }, { GET("A: \t b \t \r\n"), OK },
	      { GET("A:\r\n"), OK }, { GET("A: \xc3\xa4\r\n"), OK }, { GET("A : b\r\n"), BAD },
	      { GET("A\t: b\r\n"), BAD }, { GET(": b\r\n"), BAD }, { GET("A\r\n"), BAD },
	      { GET("A b: c\r\n"), BAD }, { GET("A(: c\r\n"), BAD }, { GET("\xc3\xa4: b\r\n"), BAD },
	      { GET("A: b\x01\r\n"), BAD }, { GET("A: b\x7f\r\n"), BAD }, { GET("A: b\r\n c\r\n"), BAD },
	      { GET("A: b\r\n\tc\r\n"), BAD }, { GET("A:\r\n b\r\n"), BAD }, { GET("A: b\x0b\r\n"), BAD });
}

static void nul_in_a_value_is_refused(void **state)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: a\r\nA: b\0c\r\n\r\n";

	(void)state;
	assert_int_equal(verdict_n(text, sizeof(text) - 1), BAD);
}

static void values_come_without_white_space_around_them(void **state)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: \t a \t\r\nEmpty:\r\nBlank:   \r\nLast:z\r\n\r\n";

	(void)state;
	for (size_t step = 1; step < sizeof(text); step++) {
		struct outcome o = feed(text, sizeof(text) - 1, step);

		assert_int_equal(o.result, PARSER_DONE);
		assert_int_equal(o.request.header_count, 4);
		assert_true(str_eq(request_header(&o.request, "host"), STR("a")));
		assert_true(str_eq(request_header(&o.request, "empty"), STR("")));
		assert_true(str_eq(request_header(&o.request, "blank"), STR("")));
		assert_true(str_eq(request_header(&o.request, "last"), STR("z")));
		assert_null(request_header(&o.request, "none").p);
		forget(&o);
	}
}

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

/* RFC 9110, section 10.1.1 */
static void expectations(void **state)
{
	(void)state;
	CHECK({ GET("Expect: 100-continue\r\n"), OK }, { GET("Expect: 100-Continue\r\n"), OK },
	      { GET("Expect: 200-ok\r\n"), ERR_EXPECTATION }, { GET("Expect:\r\n"), ERR_EXPECTATION },
	      { GET("Expect: 100-continue, x\r\n"), ERR_EXPECTATION },
	      { "GET / HTTP/1.0\r\nExpect: x\r\n\r\n", OK });
}

/* RFC 9110, section 5.3 */
static void fields_that_may_be_there_once(void **state)
{
	(void)state;
	CHECK({ GET("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"), BAD },
	      { GET("Content-Type: a/b\r\nContent-Type: a/c\r\n"), BAD },
	      { GET("Accept: a/b\r\nAccept: a/c\r\n"), OK });
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
	assert_int_equal(verdict_n(text, sizeof(head) - 1 + 3000), ERR_BODY_TOO_LARGE);
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
		cmocka_unit_test(message_parsing),
		cmocka_unit_test(version),
		cmocka_unit_test(method),
		cmocka_unit_test(target),
		cmocka_unit_test(target_in_absolute_form_replaces_host),
		cmocka_unit_test(target_without_path_is_the_root_or_the_server),
		cmocka_unit_test(host),
		cmocka_unit_test(host_is_a_name_or_an_address_with_an_optional_port),
		cmocka_unit_test(header_fields),
		cmocka_unit_test(nul_in_a_value_is_refused),
		cmocka_unit_test(values_come_without_white_space_around_them),
		cmocka_unit_test(framing),
		cmocka_unit_test(chunks),
		cmocka_unit_test(trailers_are_no_headers),
		cmocka_unit_test(expectations),
		cmocka_unit_test(fields_that_may_be_there_once),
		cmocka_unit_test(sizes),
		cmocka_unit_test(body_of_chunks_is_bounded_and_so_is_its_framing),
		cmocka_unit_test(upgrades_are_ignored),
		cmocka_unit_test(persistence),
		cmocka_unit_test(what_follows_a_request_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
