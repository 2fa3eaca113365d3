/* What stands in front of the server: proxies that speak for clients, a path above ours, pages of other origins. */
#include "http_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- proxies ---- */

static void open_with(const char *proxies, const char *host)
{
	struct session_limits limits = world_limits();
	struct str wrong;

	assert_true(network_list_parse(&world.front.proxies, str_of(proxies), &wrong));
	world_open(&limits, 30000, host);
}

/* Asks as a proxy would, and compares what became known of the request. */
static void ask_as_proxy(const char *client, bool named)
{
	int fd = client_open();
	struct reply r = client_ask(fd, "GET /hello HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.7\r\n"
					"X-Request-Id: from-the-proxy\r\n\r\n");

	assert_int_equal(r.status, 200);
	assert_string_equal(world.last_client, client);
	assert_int_equal(strcmp(world.last_id, "from-the-proxy") == 0, named);
	reply_free(&r);
	close(fd);
}

static void only_trusted_peers_are_heard(void **state)
{
	(void)state;
	open_with("unix", NULL);
	ask_as_proxy("192.0.2.7", true);
	world_close();
	open_with("127.0.0.0/8", NULL);
	ask_as_proxy("unix", false);
	world_close();
	open_with("127.0.0.0/8", "127.0.0.1");
	ask_as_proxy("192.0.2.7", true);
	world_close();
	open_with("unix, 10.0.0.0/8", "127.0.0.1");
	ask_as_proxy("127.0.0.1", false);
	world_close();
}

static void without_proxies_clients_name_their_requests_themselves(void **state)
{
	struct session_limits limits = world_limits();

	(void)state;
	world_open(&limits, 30000, NULL);
	ask_as_proxy("unix", true);
	world_close();
}

/* ---- the base path ---- */

static void base_paths_are_checked(void **state)
{
	static const char *const good[] = { "", "/a", "/bugs", "/a/b.c/d~e_f-g" };
	static const char *const bad[] = {
		"/", "a", "/a/", "//a", "/a//b", "/a/..", "/.", "/a b", "/a%20b", "/a?b", "/{a}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_true(front_base_path_valid(str_of(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (front_base_path_valid(str_of(bad[i])))
			fail_msg("%s", bad[i]);
}

static int status_of(const char *method_and_target)
{
	char text[300];
	int fd = client_open(), status;
	struct reply r;

	sprintf(text, "%s HTTP/1.1\r\nHost: a\r\n\r\n", method_and_target);
	r = client_ask(fd, text);
	status = r.status;
	reply_free(&r);
	close(fd);
	return status;
}

static void everything_is_below_the_base_path(void **state)
{
	struct session_limits limits = world_limits();

	(void)state;
	world.front.base_path = STR("/a/bugs");
	world_open(&limits, 30000, NULL);
	assert_int_equal(status_of("GET /a/bugs/hello"), 200);
	assert_int_equal(status_of("GET /a/bugs/hello/"), 200);
	assert_int_equal(status_of("GET http://a/a/%62ugs/hello?x=1"), 422);
	assert_int_equal(status_of("GET /hello"), 404);
	assert_int_equal(status_of("GET /a/bugshello"), 404);
	assert_int_equal(status_of("GET /a/bugs"), 404);
	assert_int_equal(status_of("GET /a/bugs/a/bugs/hello"), 404);
	assert_int_equal(status_of("DELETE /a/bugs/hello"), 405);
	assert_int_equal(status_of("OPTIONS *"), 204);
	world_close();
}

/* ---- browsers ---- */

static struct reply ask(const char *method_and_target, const char *fields)
{
	char text[400];
	int fd = client_open();
	struct reply r;

	sprintf(text, "%s HTTP/1.1\r\nHost: a\r\n%s\r\n", method_and_target, fields);
	r = client_ask(fd, text);
	close(fd);
	return r;
}

static void expect_header(const struct reply *r, const char *name, const char *value)
{
	struct str found = reply_header(r, name);

	if (value ? !str_eq_z(found, value) : found.p != NULL)
		fail_msg("%s: %.*s instead of %s", name, found.p ? (int)found.n : 4,
			 found.p ? found.p : "none", value ? value : "none");
}

static void every_answer_tells_browsers_to_be_careful(void **state)
{
	static const char *const rows[][2] = {
		{ "GET /hello", "" },
		{ "HEAD /hello", "" },
		{ "GET /nope", "" },
		{ "GET /empty", "" },
		{ "GET /fails", "" },
		{ "OPTIONS /hello", "" },
		{ "GET /hello", "Host: twice\r\n" },
	};
	struct session_limits limits = world_limits();

	(void)state;
	world_open(&limits, 30000, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct reply r = ask(rows[i][0], rows[i][1]);

		expect_header(&r, "X-Content-Type-Options", "nosniff");
		expect_header(&r, "Referrer-Policy", "no-referrer");
		expect_header(&r, "Cache-Control", "no-store");
		expect_header(&r, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
		expect_header(&r, "Strict-Transport-Security", NULL);
		expect_header(&r, "Server", NULL);
		reply_free(&r);
	}
	world_close();
}

static void what_a_page_says_itself_is_not_said_again(void **state)
{
	struct session_limits limits = world_limits();
	struct reply r;

	(void)state;
	world_open(&limits, 30000, NULL);
	r = ask("GET /page", "");
	expect_header(&r, "Cache-Control", "no-cache");
	expect_header(&r, "Content-Security-Policy", "default-src 'self'");
	assert_null(memmem(r.text.p, r.text.n, "no-store", 8));
	assert_null(memmem(r.text.p, r.text.n, "'none'", 6));
	reply_free(&r);
	/* Nor is what the client has kept of it overwritten. */
	r = ask("GET /page", "If-None-Match: *\r\n");
	assert_int_equal(r.status, 304);
	expect_header(&r, "Content-Length", NULL);
	expect_header(&r, "Cache-Control", "no-cache");
	expect_header(&r, "Content-Security-Policy", NULL);
	expect_header(&r, "X-Content-Type-Options", "nosniff");
	reply_free(&r);
	world_close();
}

static void who_came_over_tls_is_told_to_stay_there(void **state)
{
	struct reply r;

	(void)state;
	open_with("unix", NULL);
	r = ask("GET /hello", "X-Forwarded-Proto: https\r\n");
	expect_header(&r, "Strict-Transport-Security", "max-age=31536000");
	reply_free(&r);
	r = ask("GET /hello", "X-Forwarded-Proto: http\r\n");
	expect_header(&r, "Strict-Transport-Security", NULL);
	reply_free(&r);
	world_close();
	open_with("10.0.0.1", NULL);
	r = ask("GET /hello", "X-Forwarded-Proto: https\r\n");
	expect_header(&r, "Strict-Transport-Security", NULL);
	reply_free(&r);
	world_close();
}

/* ---- other origins ---- */

static void origins_are_checked(void **state)
{
	static const char *const good[] = {
		"*",
		"https://a.example",
		"http://localhost:3000, https://a.example",
		"http://[::1]:80",
		"chrome-extension://abcdef",
	};
	static const char *const bad[] = {
		"",           "null",
		"a.example",  "https://",
		"https://a/", "https://a.example/path",
		"https://A",  "https://*.example",
		"*, *,",      "https://a.example, *",
		"http://a,",  "://a",
	};
	struct cors c;
	struct str wrong;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (!cors_parse(&c, str_of(good[i]), &wrong))
			fail_msg("%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (cors_parse(&c, str_of(bad[i]), &wrong))
			fail_msg("%s", bad[i]);
}

static void open_to(const char *origins)
{
	struct session_limits limits = world_limits();
	struct str wrong;

	assert_true(cors_parse(&world.front.cors, str_of(origins), &wrong));
	world_open(&limits, 30000, NULL);
}

static void pages_of_listed_origins_may_read_answers(void **state)
{
	struct reply r;

	(void)state;
	open_to("https://a.example, https://b.example");
	r = ask("GET /hello", "Origin: https://b.example\r\n");
	expect_header(&r, "Access-Control-Allow-Origin", "https://b.example");
	expect_header(&r, "Access-Control-Allow-Credentials", "true");
	expect_header(&r, "Vary", "Origin");
	assert_non_null(reply_header(&r, "Access-Control-Expose-Headers").p);
	expect_header(&r, "Access-Control-Allow-Methods", NULL);
	reply_free(&r);
	/* Problems, too: else a page would not learn what is wrong. */
	r = ask("GET /nope", "Origin: https://a.example\r\n");
	assert_int_equal(r.status, 404);
	expect_header(&r, "Access-Control-Allow-Origin", "https://a.example");
	reply_free(&r);
	for (int i = 0; i < 3; i++) {
		static const char *const others[] = {
			"Origin: https://c.example\r\n",
			"Origin: null\r\n",
			"",
		};

		r = ask("GET /hello", others[i]);
		assert_int_equal(r.status, 200);
		expect_header(&r, "Access-Control-Allow-Origin", NULL);
		expect_header(&r, "Access-Control-Allow-Credentials", NULL);
		expect_header(&r, "Vary", "Origin");
		reply_free(&r);
	}
	world_close();
}

static void browsers_may_ask_before(void **state)
{
	struct reply r;

	(void)state;
	open_to("https://a.example");
	r = ask("OPTIONS /items/1",
		"Origin: https://a.example\r\nAccess-Control-Request-Method: PATCH\r\n"
		"Access-Control-Request-Headers: authorization, content-type, if-match\r\n");
	assert_int_equal(r.status, 204);
	expect_header(&r, "Access-Control-Allow-Origin", "https://a.example");
	expect_header(&r, "Access-Control-Allow-Methods", "PATCH, OPTIONS");
	assert_non_null(memmem(r.text.p, r.text.n, "Authorization", 13));
	assert_non_null(memmem(r.text.p, r.text.n, "If-Match", 8));
	expect_header(&r, "Access-Control-Max-Age", "3600");
	expect_header(&r, "Allow", "PATCH, OPTIONS");
	reply_free(&r);
	r = ask("OPTIONS /items/1", "Origin: https://c.example\r\nAccess-Control-Request-Method: PATCH\r\n");
	assert_int_equal(r.status, 204);
	expect_header(&r, "Access-Control-Allow-Origin", NULL);
	expect_header(&r, "Access-Control-Allow-Methods", NULL);
	reply_free(&r);
	world_close();
}

static void all_origins_are_without_credentials(void **state)
{
	struct reply r;

	(void)state;
	open_to("*");
	r = ask("GET /hello", "Origin: https://b.example\r\n");
	expect_header(&r, "Access-Control-Allow-Origin", "*");
	expect_header(&r, "Access-Control-Allow-Credentials", NULL);
	expect_header(&r, "Vary", NULL);
	reply_free(&r);
	world_close();
}

static void without_origins_nothing_is_said(void **state)
{
	struct session_limits limits = world_limits();
	struct reply r;

	(void)state;
	world_open(&limits, 30000, NULL);
	r = ask("GET /hello", "Origin: https://b.example\r\n");
	assert_null(memmem(r.text.p, r.text.n, "Access-Control", 14));
	expect_header(&r, "Vary", NULL);
	reply_free(&r);
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_trusted_peers_are_heard),
		cmocka_unit_test(without_proxies_clients_name_their_requests_themselves),
		cmocka_unit_test(base_paths_are_checked),
		cmocka_unit_test(everything_is_below_the_base_path),
		cmocka_unit_test(every_answer_tells_browsers_to_be_careful),
		cmocka_unit_test(what_a_page_says_itself_is_not_said_again),
		cmocka_unit_test(who_came_over_tls_is_told_to_stay_there),
		cmocka_unit_test(origins_are_checked),
		cmocka_unit_test(pages_of_listed_origins_may_read_answers),
		cmocka_unit_test(browsers_may_ask_before),
		cmocka_unit_test(all_origins_are_without_credentials),
		cmocka_unit_test(without_origins_nothing_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
