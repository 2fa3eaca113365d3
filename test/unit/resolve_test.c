#include "db/resolve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uv_loop_t loop;
static struct resolve *resolve;
static int calls;
static char host[256], address[256], port[256], error_text[256], timeout[32];
static unsigned commas;

static void keep(char *to, const struct resolve_params *p, const char *keyword)
{
	to[0] = '\0';
	for (size_t i = 0; p->keywords[i]; i++) {
		if (strcmp(p->keywords[i], keyword) == 0)
			strncpy(to, p->values[i], 31 + (to != timeout) * 200);
	}
}

static void done(void *arg, const struct resolve_params *p, const char *error)
{
	assert_ptr_equal(arg, &loop);
	calls++;
	error_text[0] = '\0';
	if (!p) {
		strncpy(error_text, error, sizeof(error_text) - 1);
		return;
	}
	keep(host, p, "host");
	keep(address, p, "hostaddr");
	keep(port, p, "port");
	keep(timeout, p, "tcp_user_timeout");
	commas = 0;
	for (const char *c = address; *c; c++)
		commas += *c == ',';
}

static int begin(void **state)
{
	(void)state;
	unsetenv("PGHOST");
	unsetenv("PGHOSTADDR");
	calls = 0;
	return uv_loop_init(&loop);
}

static int end(void **state)
{
	(void)state;
	resolve_free(resolve);
	resolve = NULL;
	uv_run(&loop, UV_RUN_DEFAULT);
	return uv_loop_close(&loop);
}

static void start(const char *url, unsigned first)
{
	resolve = resolve_start(&loop, url, first, done, &loop);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(calls, 1);
}

static void an_address_needs_no_resolving(void **state)
{
	(void)state;
	resolve = resolve_start(&loop, "postgresql://u@127.0.0.1:5433/d", 0, done, &loop);
	assert_int_equal(calls, 1); /* at once */
	assert_string_equal(host, "127.0.0.1");
	assert_string_equal(address, "127.0.0.1");
	assert_string_equal(port, "5433");
	assert_string_equal(timeout, "15000");
}

static void what_the_url_says_counts(void **state)
{
	(void)state;
	start("postgresql://[::1]/d?tcp_user_timeout=7", 0);
	assert_string_equal(address, "::1");
	assert_string_equal(port, "");
	assert_string_equal(timeout, "7");
}

static void a_socket_has_no_address(void **state)
{
	(void)state;
	start("postgresql:///d?host=/run/pg,127.0.0.1", 0);
	assert_string_equal(host, "/run/pg,127.0.0.1");
	assert_string_equal(address, ",127.0.0.1");
	assert_string_equal(port, ",");
}

static void only_a_socket(void **state)
{
	(void)state;
	start("postgresql:///d?host=/run/pg", 0);
	assert_string_equal(host, "/run/pg");
	assert_string_equal(address, "");
}

static void names_become_addresses(void **state)
{
	(void)state;
	resolve = resolve_start(&loop, "postgresql://localhost:1,127.0.0.2:2/d", 0, done, &loop);
	assert_int_equal(calls, 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(calls, 1);
	assert_non_null(strstr(address, "127.0.0.1"));
	assert_non_null(strstr(address, ",127.0.0.2"));
	assert_memory_equal(host, "localhost", 9); /* for certificates */
	assert_non_null(strstr(port, ",2"));
}

static void one_port_is_for_all_hosts(void **state)
{
	(void)state;
	start("host=127.0.0.1,127.0.0.2,127.0.0.3 port=9", 0);
	assert_string_equal(port, "9,9,9");
}

/* A host that is silent must not keep us from the others for ever. */
static void it_begins_with_another_address(void **state)
{
	(void)state;
	start("postgresql://127.0.0.1:1,127.0.0.2:2,127.0.0.3:3/d", 4);
	assert_string_equal(host, "127.0.0.2,127.0.0.3,127.0.0.1");
	assert_string_equal(address, "127.0.0.2,127.0.0.3,127.0.0.1");
	assert_string_equal(port, "2,3,1");
}

static void a_single_address_stays(void **state)
{
	(void)state;
	start("postgresql://127.0.0.1:1/d", 5);
	assert_string_equal(address, "127.0.0.1");
}

static void the_environment_is_resolved_too(void **state)
{
	(void)state;
	setenv("PGHOST", "localhost", 1);
	start("postgresql:///d", 0);
	unsetenv("PGHOST");
	assert_non_null(strstr(address, "127.0.0.1"));
}

static void faults_are_said(void **state)
{
	(void)state;
	start("postgresql://u@h:port:/d?x=y", 0);
	assert_true(error_text[0] != '\0');
}

static void a_name_that_is_not_known(void **state)
{
	(void)state;
	start("postgresql://no-such-host.invalid/d", 0);
	assert_true(error_text[0] != '\0');
}

static void an_unknown_name_beside_a_known_address(void **state)
{
	(void)state;
	start("postgresql://no-such-host.invalid,127.0.0.1/d", 0);
	assert_string_equal(error_text, "");
	assert_string_equal(address, "127.0.0.1");
}

static void it_may_be_freed_before_it_is_done(void **state)
{
	(void)state;
	resolve = resolve_start(&loop, "postgresql://localhost,no-such-host.invalid/d", 0, done, &loop);
	resolve_free(resolve);
	resolve = NULL;
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(calls, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_address_needs_no_resolving),
		TEST(what_the_url_says_counts),
		TEST(a_socket_has_no_address),
		TEST(only_a_socket),
		TEST(names_become_addresses),
		TEST(one_port_is_for_all_hosts),
		TEST(it_begins_with_another_address),
		TEST(a_single_address_stays),
		TEST(the_environment_is_resolved_too),
		TEST(faults_are_said),
		TEST(a_name_that_is_not_known),
		TEST(an_unknown_name_beside_a_known_address),
		TEST(it_may_be_freed_before_it_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
