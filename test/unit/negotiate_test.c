#include "http/negotiate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* */
#include <cmocka.h>

static const char *const offers[] = { "application/json", "text/csv", "image/svg+xml" };

static int choose(const char *accept)
{
	struct header header = { STR("aCCept"), str_of(accept) };
	struct request r = { .headers = &header, .header_count = accept ? 1 : 0 };

	return negotiate_accept(&r, offers, 3);
}

static void without_a_wish_the_first_is_given(void **state)
{
	(void)state;
	assert_int_equal(choose(NULL), 0);
	assert_int_equal(choose(""), 0);
	assert_int_equal(choose("*/*"), 0);
}

static void the_heaviest_is_given(void **state)
{
	(void)state;
	assert_int_equal(choose("text/csv"), 1);
	assert_int_equal(choose("Image/SVG+xml"), 2);
	assert_int_equal(choose("text/csv;q=0.2, image/*;q=0.3"), 2);
	assert_int_equal(choose("text/csv , image/svg+xml"), 1);
	assert_int_equal(choose("text/*;q=0.999,image/svg+xml;q=1.000"), 2);
	assert_int_equal(choose("text/csv;header=present;Q=0.5, */*;q=0.1"), 1);
}

static void the_most_specific_range_decides(void **state)
{
	(void)state;
	assert_int_equal(choose("application/json;q=0, */*"), 1);
	assert_int_equal(choose("*/*, application/json;q=0, text/*;q=0"), 2);
	assert_int_equal(choose("text/*, text/csv;q=0, image/*;q=0.001"), 2);
}

static void what_is_not_taken_is_not_given(void **state)
{
	(void)state;
	assert_int_equal(choose("text/html"), -1);
	assert_int_equal(choose("*/*;q=0"), -1);
	assert_int_equal(choose("application/json;q=0.000"), -1);
	assert_int_equal(choose("*/svg+xml"), -1);
	assert_int_equal(choose("json"), -1);
}

static void what_is_malformed_is_passed_over(void **state)
{
	(void)state;
	assert_int_equal(choose("text/csv;q=2, image/svg+xml;q=0.1"), 2);
	assert_int_equal(choose("text/csv;q=.5"), -1);
	assert_int_equal(choose("text/csv;q=1.5;q=0.1, application/json;q=0.0001"), -1);
	assert_int_equal(choose(",,, ;q=1, /, text/csv"), 1);
	assert_int_equal(choose("text/csv;q="), -1);
}

static void fields_are_read_as_one_list(void **state)
{
	struct header headers[] = { { STR("Accept"), STR("text/html") },
				    { STR("X"), STR("text/csv") },
				    { STR("ACCEPT"), STR("image/*") } };
	struct request r = { .headers = headers, .header_count = 3 };

	(void)state;
	assert_int_equal(negotiate_accept(&r, offers, 3), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_wish_the_first_is_given),
		cmocka_unit_test(the_heaviest_is_given),
		cmocka_unit_test(the_most_specific_range_decides),
		cmocka_unit_test(what_is_not_taken_is_not_given),
		cmocka_unit_test(what_is_malformed_is_passed_over),
		cmocka_unit_test(fields_are_read_as_one_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
