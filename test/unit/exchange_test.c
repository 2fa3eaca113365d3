/* What becomes of a request: routing, gate, checks, handler, problem. Over a real socket, like everything. */
#include "http_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int client;

static int setup(void **state)
{
	struct session_limits limits = world_limits();

	(void)state;
	world_open(&limits, 100, NULL);
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

struct row {
	const char *request; /* method and target */
	const char *type;    /* NULL: none */
	const char *body;
	int status;
	const char *found; /* in the answer's body */
};

static struct reply ask(const struct row *row)
{
	char text[4096], type[200] = "";

	if (row->type)
		sprintf(type, "Content-Type: %s\r\n", row->type);
	sprintf(text, "%s HTTP/1.1\r\nHost: a\r\n%sContent-Length: %zu\r\n\r\n%s", row->request, type,
		row->body ? strlen(row->body) : 0, row->body ? row->body : "");
	return client_ask(client, text);
}

/* The connection must go on after each of them: they are the resource's refusals, not HTTP's. */
static void check(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct reply r = ask(&rows[i]);

		if (r.status != rows[i].status ||
		    (rows[i].found && !memmem(r.text.p, r.text.n, rows[i].found, strlen(rows[i].found))))
			fail_msg("%s %s: %d: %.*s", rows[i].request, rows[i].body, r.status,
				 STR_FMT(reply_body(&r)));
		assert_null(reply_header(&r, "Connection").p);
		reply_free(&r);
	}
}

#define CHECK(...)                                                                                           \
	do {                                                                                                 \
		static const struct row rows[] = { __VA_ARGS__ };                                            \
		check(rows, sizeof(rows) / sizeof(*rows));                                                   \
	} while (0)

#define JSON "application/json"

static void paths_lead_to_routes(void **state)
{
	(void)state;
	CHECK({ "GET /hello", NULL, NULL, 200, "world" }, { "GET /hello/", NULL, NULL, 200, "world" },
	      { "GET /hello/a%20b", NULL, NULL, 200, "\"a b\"" },
	      { "GET /hello/a/", NULL, NULL, 200, "\"a\"" }, { "GET /hell%6F", NULL, NULL, 200, "world" },
	      { "GET /", NULL, NULL, 404, "not_found" }, { "GET /nope", NULL, NULL, 404, "not_found" },
	      { "GET /hello/a/b", NULL, NULL, 404, "not_found" },
	      { "GET /hello//", NULL, NULL, 404, "not_found" },
	      { "GET //hello", NULL, NULL, 404, "not_found" },
	      { "GET /HELLO", NULL, NULL, 404, "not_found" });
}

static void paths_that_are_unsafe_are_refused(void **state)
{
	(void)state;
	CHECK({ "GET /hello/%", NULL, NULL, 400, "bad_request" },
	      { "GET /hello/%4", NULL, NULL, 400, "bad_request" },
	      { "GET /hello/%zz", NULL, NULL, 400, "bad_request" },
	      { "GET /hello/%00", NULL, NULL, 400, "bad_request" },
	      { "GET /hello/%ff", NULL, NULL, 400, "bad_request" },
	      { "GET /hello/%c0%af", NULL, NULL, 400, "bad_request" },
	      { "GET /hello/a%2fb", NULL, NULL, 400, "slash" },
	      { "GET /hello/a%2Fb", NULL, NULL, 400, "slash" }, { "GET /hello/../x", NULL, NULL, 400, "dot" },
	      { "GET /hello/%2e%2E", NULL, NULL, 400, "dot" }, { "GET /./hello", NULL, NULL, 400, "dot" },
	      { "GET /hello/.x", NULL, NULL, 200, ".x" }, { "GET /hello/..x", NULL, NULL, 200, "..x" });
}

static void method_that_the_resource_has_not_is_405_with_allow(void **state)
{
	struct row row = { "DELETE /hello", NULL, NULL, 405, NULL };
	struct reply r = ask(&row);

	(void)state;
	assert_int_equal(r.status, 405);
	assert_true(str_eq(reply_header(&r, "Allow"), STR("GET, HEAD, OPTIONS")));
	reply_free(&r);
	row.request = "GET /items";
	r = ask(&row);
	assert_true(str_eq(reply_header(&r, "Allow"), STR("POST, OPTIONS")));
	reply_free(&r);
}

static void options_are_answered_without_a_handler(void **state)
{
	struct row row = { "OPTIONS /items", NULL, NULL, 204, NULL };
	struct reply r = ask(&row);

	(void)state;
	assert_int_equal(r.status, 204);
	assert_true(str_eq(reply_header(&r, "Allow"), STR("POST, OPTIONS")));
	reply_free(&r);
	row.request = "OPTIONS *";
	r = ask(&row);
	assert_int_equal(r.status, 204);
	assert_true(str_eq(reply_header(&r, "Allow"), STR("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")));
	reply_free(&r);
	row.request = "OPTIONS /nope";
	r = ask(&row);
	assert_int_equal(r.status, 404);
	reply_free(&r);
}

static void strangers_learn_nothing_of_the_input(void **state)
{
	(void)state;
	CHECK({ "POST /secret", JSON, "{\"title\":1}", 401, "unauthenticated" },
	      { "POST /secret?x=1", "text/plain", "{", 401, "unauthenticated" },
	      { "POST /secret?%", JSON, "", 401, "unauthenticated" });
	assert_int_equal(world.started, 0);
}

static void body_is_checked(void **state)
{
	(void)state;
	CHECK({ "POST /items", JSON, "{\"title\":\"a\"}", 201, "\"a\"" },
	      { "POST /items", JSON, "{", 400, "malformed_json" },
	      { "POST /items", JSON, "", 400, "malformed_json" },
	      { "POST /items", NULL, NULL, 400, "malformed_json" },
	      { "POST /items", JSON, "{\"title\":1}", 422, "\"title\":\"invalid_type\"" },
	      { "POST /items", JSON, "{}", 422, "\"title\":\"required\"" },
	      { "POST /items", JSON, "{\"title\":\"a\",\"x\":1}", 422, "\"x\":\"unknown_field\"" });
	assert_int_equal(world.started, 1);
}

static void query_is_checked(void **state)
{
	(void)state;
	CHECK({ "POST /items?page=3", JSON, "{\"title\":\"a\"}", 201, NULL },
	      { "POST /items?page=0", JSON, "{\"title\":\"a\"}", 422, "\"page\":\"out_of_range\"" },
	      { "POST /items?page=abc", JSON, "{\"title\":\"a\"}", 422, "\"page\":\"invalid_format\"" },
	      { "POST /items?page=1&page=2", JSON, "{\"title\":\"a\"}", 422,
		"\"page\":\"repeated_parameter\"" },
	      { "POST /items?pgae=1", JSON, "{\"title\":\"a\"}", 422, "\"pgae\":\"unknown_parameter\"" },
	      { "GET /hello?x=1", NULL, NULL, 422, "\"x\":\"unknown_parameter\"" },
	      { "GET /hello?", NULL, NULL, 200, NULL }, { "GET /hello?&", NULL, NULL, 200, NULL },
	      { "POST /items?page=%", JSON, "{\"title\":\"a\"}", 400, "malformed_query" },
	      { "POST /items?page=%00", JSON, "{\"title\":\"a\"}", 400, "malformed_query" });
}

static void errors_of_query_and_body_come_together(void **state)
{
	(void)state;
	CHECK({ "POST /items?page=0", JSON, "{\"count\":99}", 422, "\"page\":\"out_of_range\"" },
	      { "POST /items?page=0", JSON, "{\"count\":99}", 422, "\"count\":\"out_of_range\"" },
	      { "POST /items?page=0", JSON, "{\"count\":99}", 422, "\"title\":\"required\"" },
	      { "POST /items?page=0", JSON, "{", 400, "malformed_json" });
}

/* What is malformed has to be put right first: the rest is not told beside it. */
static void nothing_is_said_of_fields_beside_what_is_malformed(void **state)
{
	struct row row = { "POST /items?page=0", JSON, "{", 400, "malformed_json" };
	struct reply r = ask(&row);

	(void)state;
	assert_int_equal(r.status, 400);
	assert_null(memmem(r.text.p, r.text.n, "out_of_range", 12));
	reply_free(&r);
}

static void media_type_is_checked(void **state)
{
	(void)state;
	CHECK({ "POST /items", "application/json; charset=UTF-8", "{\"title\":\"a\"}", 201, NULL },
	      { "POST /items", "Application/JSON;charset=\"utf-8\"", "{\"title\":\"a\"}", 201, NULL },
	      { "POST /items", "application/json; charset=latin1", "{\"title\":\"a\"}", 415, "unsupported" },
	      { "POST /items", "application/json; charset", "{\"title\":\"a\"}", 415, "unsupported" },
	      { "POST /items", "text/plain", "{\"title\":\"a\"}", 415, "unsupported" },
	      { "POST /items", "application/jsonx", "{\"title\":\"a\"}", 415, "unsupported" },
	      { "POST /items", NULL, "{\"title\":\"a\"}", 415, "unsupported" },
	      { "POST /items", "application/merge-patch+json", "{\"title\":\"a\"}", 415, "unsupported" },
	      { "PATCH /items/1", "application/merge-patch+json", "{\"title\":\"a\"}", 201, NULL },
	      { "PATCH /items/1", JSON, "{\"title\":\"a\"}", 201, NULL },
	      { "POST /items", "application/json\r\nContent-Encoding: gzip", "{\"title\":\"a\"}", 415,
		"Encoding" });
}

static void wrong_media_type_is_told_the_right_ones(void **state)
{
	struct row row = { "POST /items", "text/plain", "x", 415, NULL };
	struct reply r = ask(&row);

	(void)state;
	assert_true(str_eq(reply_header(&r, "Accept-Post"), STR("application/json")));
	reply_free(&r);
	row.request = "PATCH /items/1";
	r = ask(&row);
	assert_true(str_eq(reply_header(&r, "Accept-Patch"),
			   STR("application/json, application/merge-patch+json")));
	reply_free(&r);
}

static void body_that_nobody_expects_is_ignored(void **state)
{
	(void)state;
	CHECK({ "GET /hello", "text/plain", "what?", 200, NULL }, { "GET /hello", NULL, "what?", 200, NULL });
}

static void handler_that_gives_up_or_forgets_is_an_internal_error(void **state)
{
	(void)state;
	CHECK({ "GET /fails", NULL, NULL, 500, "internal" }, { "GET /silent", NULL, NULL, 500, "internal" });
}

static void an_exchange_that_ends_before_its_turn_comes_has_none(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		client_say(client, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
		world_run(10);
		assert_true(world_wake());
		sessions_abort(&world.sessions);
		world.sessions.stopping = false;
		assert_int_equal(world.service.running, 0);
		close(client);
		client = client_open();
	}
	world_run(10);
	assert_int_equal(world.started, 0);
}

static void handler_is_resumed_when_what_it_awaits_is_done(void **state)
{
	struct reply r;

	(void)state;
	client_say(client, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
	world_run(10);
	assert_int_equal(world.finished, 0);
	assert_true(world_wake());
	assert_int_equal(world.finished, 0); /* never from inside the completion */
	r = client_read(client, false);
	assert_int_equal(r.status, 200);
	assert_int_equal(world.finished, 1);
	assert_int_equal(world.abandoned, 0);
	reply_free(&r);
}

static void deadline_ends_the_exchange_and_not_the_connection(void **state)
{
	struct row hello = { "GET /hello", NULL, NULL, 200, NULL };
	struct reply r = client_ask(client, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");

	(void)state;
	assert_int_equal(r.status, 503);
	assert_non_null(memmem(r.text.p, r.text.n, "deadline_exceeded", 17));
	assert_int_equal(world.abandoned, 1);
	assert_int_equal(world.finished, 1);
	assert_false(world_wake());
	reply_free(&r);
	check(&hello, 1);
}

/* Sends the request, lets it go on `wakes` times, and reads an answer of that status with `found` in it. */
static void change(const char *request, unsigned wakes, int status, const char *found)
{
	struct reply r;

	client_say(client, request);
	for (unsigned i = 0; i < wakes; i++) {
		world_run(10);
		assert_true(world_wake());
	}
	r = client_read(client, false);
	assert_int_equal(r.status, status);
	assert_non_null(memmem(r.text.p, r.text.n, found, strlen(found)));
	assert_null(memmem(r.text.p, r.text.n, "away", 4));
	reply_free(&r);
}

#define CHANGE(fields) "POST /change HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n" fields "\r\n"

static void a_change_that_is_made_or_may_be_is_never_asked_for_again(void **state)
{
	(void)state;
	change(CHANGE(""), 0, 503, "outcome_unknown");
	change(CHANGE(""), 1, 503, "outcome_unknown");
	change(CHANGE("X-Fail: 1\r\n"), 2, 503, "outcome_unknown");
	change(CHANGE(""), 2, 204, "");
	change("GET /change HTTP/1.1\r\nHost: a\r\n\r\n", 1, 503, "deadline_exceeded");
}

static void an_answer_that_stands_is_given_when_the_time_is_over(void **state)
{
	(void)state;
	change(CHANGE("X-Settled: 1\r\n"), 0, 503, "outcome_unknown");
	change(CHANGE("X-Settled: 1\r\n"), 1, 204, "");
	assert_int_equal(world.abandoned, 2);
	assert_false(world_wake());
}

static void header_values_cannot_make_new_fields(void **state)
{
	struct response response = { 0 };

	(void)state;
	response_header(&response, "X", (struct str){ "a\r\nY: b\0c", 9 });
	assert_true(str_eq(buf_str(&response.headers), STR("X: a  Y: b c\r\n")));
	response_free(&response);
	response_header_printf(&response, "Location", "/items/%d", 7);
	assert_true(str_eq(buf_str(&response.headers), STR("Location: /items/7\r\n")));
	response_free(&response);
}

static void every_status_has_a_line(void **state)
{
	(void)state;
	assert_true(str_eq(http_status_line(200), STR("HTTP/1.1 200 OK\r\n")));
	assert_true(str_eq(http_status_line(0), http_status_line(500)));
	assert_true(str_eq(http_status_line(499), http_status_line(500)));
	assert_true(str_eq(http_status_line(9999), http_status_line(500)));
	assert_string_equal(http_reason(404), "Not Found");
	assert_string_equal(http_reason(499), "");
	for (int e = 1; e < ERR_COUNT; e++)
		assert_string_not_equal(http_reason(err_status((enum err)e)), "");
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(paths_lead_to_routes),
		WITH_WORLD(paths_that_are_unsafe_are_refused),
		WITH_WORLD(method_that_the_resource_has_not_is_405_with_allow),
		WITH_WORLD(options_are_answered_without_a_handler),
		WITH_WORLD(strangers_learn_nothing_of_the_input),
		WITH_WORLD(body_is_checked),
		WITH_WORLD(query_is_checked),
		WITH_WORLD(errors_of_query_and_body_come_together),
		WITH_WORLD(media_type_is_checked),
		WITH_WORLD(wrong_media_type_is_told_the_right_ones),
		WITH_WORLD(body_that_nobody_expects_is_ignored),
		WITH_WORLD(handler_that_gives_up_or_forgets_is_an_internal_error),
		WITH_WORLD(nothing_is_said_of_fields_beside_what_is_malformed),
		WITH_WORLD(an_exchange_that_ends_before_its_turn_comes_has_none),
		WITH_WORLD(handler_is_resumed_when_what_it_awaits_is_done),
		WITH_WORLD(deadline_ends_the_exchange_and_not_the_connection),
		WITH_WORLD(a_change_that_is_made_or_may_be_is_never_asked_for_again),
		WITH_WORLD(an_answer_that_stands_is_given_when_the_time_is_over),
		cmocka_unit_test(header_values_cannot_make_new_fields),
		cmocka_unit_test(every_status_has_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
