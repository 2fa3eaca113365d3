#include "http/router.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const struct route routes[] = {
	{ .method = HTTP_GET, .path = "/" },
	{ .method = HTTP_GET, .path = "/health" },
	{ .method = HTTP_GET, .path = "/api/v1/issues" },
	{ .method = HTTP_POST, .path = "/api/v1/issues" },
	{ .method = HTTP_GET, .path = "/api/v1/issues/{id}" },
	{ .method = HTTP_PATCH, .path = "/api/v1/issues/{id}" },
	{ .method = HTTP_POST, .path = "/api/v1/issues/bulk" },
	{ .method = HTTP_GET, .path = "/api/v1/issues/{issue_id}/comments" },
	{ .method = HTTP_GET, .path = "/api/v1/users/me/tokens" },
	{ .method = HTTP_DELETE, .path = "/api/v1/users/{id}/sessions/{session}" },
};

#define COUNT (sizeof(routes) / sizeof(*routes))

static struct router *router;

static int setup(void **state)
{
	(void)state;
	router = router_create(routes, COUNT);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	router_free(router);
	return 0;
}

static struct route_match find(enum http_method method, const char *path)
{
	return router_find(router, method, str_of(path));
}

static void every_route_finds_itself(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		assert_ptr_equal(find(routes[i].method, routes[i].path).route, &routes[i]);
}

static void parameters_come_in_the_order_of_the_path(void **state)
{
	struct route_match m = find(HTTP_DELETE, "/api/v1/users/u-1/sessions/s 2");

	(void)state;
	assert_ptr_equal(m.route, &routes[9]);
	assert_true(str_eq(m.params[0], STR("u-1")));
	assert_true(str_eq(m.params[1], STR("s 2")));
	assert_null(m.params[2].p);
}

static void literal_wins_over_parameter(void **state)
{
	(void)state;
	assert_ptr_equal(find(HTTP_POST, "/api/v1/issues/bulk").route, &routes[6]);
	/* The path is the literal's alone, so other methods of the parameter's do not show. */
	assert_null(find(HTTP_GET, "/api/v1/issues/bulk").route);
	assert_int_equal(find(HTTP_GET, "/api/v1/issues/bulk").methods, HTTP_METHOD_BIT(HTTP_POST));
}

static void literal_that_leads_nowhere_gives_way_to_the_parameter(void **state)
{
	struct route_match m = find(HTTP_DELETE, "/api/v1/users/me/sessions/1");

	(void)state;
	assert_ptr_equal(m.route, &routes[9]);
	assert_true(str_eq(m.params[0], STR("me")));
	m = find(HTTP_GET, "/api/v1/issues/bulk/comments");
	assert_ptr_equal(m.route, &routes[7]);
	assert_true(str_eq(m.params[0], STR("bulk")));
}

static void head_finds_get(void **state)
{
	(void)state;
	assert_ptr_equal(find(HTTP_HEAD, "/health").route, &routes[1]);
	assert_null(find(HTTP_HEAD, "/api/v1/issues/bulk").route);
}

static void methods_tell_what_the_path_has(void **state)
{
	(void)state;
	assert_int_equal(find(HTTP_PUT, "/api/v1/issues").methods,
			 HTTP_METHOD_BIT(HTTP_GET) | HTTP_METHOD_BIT(HTTP_HEAD) | HTTP_METHOD_BIT(HTTP_POST));
	assert_null(find(HTTP_PUT, "/api/v1/issues").route);
}

static void paths_that_do_not_exist_are_not_found(void **state)
{
	static const char *const paths[] = { "/x",
					     "/healt",
					     "/healthy",
					     "/health/",
					     "/health/x",
					     "/api",
					     "/api/v1",
					     "/api/v1/issues/",
					     "/api//v1",
					     "//",
					     "/api/v1/users/me",
					     "/api/v1/issues//comments",
					     "/api/v1/issues/1/comments/2",
					     "/API/v1/issues" };

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		struct route_match m = find(HTTP_GET, paths[i]);

		if (m.route || m.methods)
			fail_msg("found: %s", paths[i]);
	}
}

static void aborts_on(const struct route *table, size_t count)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		signal(SIGABRT, SIG_DFL);
		fclose(stderr);
		router_create(table, count);
		_exit(0);
	}
	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status));
}

static void wrong_tables_abort(void **state)
{
	static const struct route twice[] = { { .method = HTTP_GET, .path = "/a/{b}" },
					      { .method = HTTP_GET, .path = "/a/{c}" } };
	static const struct route many[] = { { .method = HTTP_GET, .path = "/{a}/{b}/{c}/{d}/{e}" } };
	static const struct route relative[] = { { .method = HTTP_GET, .path = "a" } };

	(void)state;
	aborts_on(twice, 2);
	aborts_on(many, 1);
	aborts_on(relative, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_route_finds_itself),
		cmocka_unit_test(parameters_come_in_the_order_of_the_path),
		cmocka_unit_test(literal_wins_over_parameter),
		cmocka_unit_test(literal_that_leads_nowhere_gives_way_to_the_parameter),
		cmocka_unit_test(head_finds_get),
		cmocka_unit_test(methods_tell_what_the_path_has),
		cmocka_unit_test(paths_that_do_not_exist_are_not_found),
		cmocka_unit_test(wrong_tables_abort),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
