#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void absent_and_empty_compare_equal_in_content_only(void **state)
{
	(void)state;
	assert_null(str_of(NULL).p);
	assert_non_null(str_of("").p);
	assert_true(str_eq(STR_NONE, STR("")));
	assert_false(str_eq(STR("a"), STR_NONE));
}

static void comparison_minds_length_and_nul(void **state)
{
	(void)state;
	assert_true(str_eq(STR("a\0b"), STR("a\0b")));
	assert_false(str_eq(STR("a\0b"), STR("a\0c")));
	assert_false(str_eq_z(STR("abc"), "ab"));
	assert_true(str_ieq_z(STR("Content-TYPE"), "content-type"));
	assert_false(str_ieq_z(STR("content-typ"), "content-type"));
}

static void only_ascii_letters_lose_their_case(void **state)
{
	(void)state;
	assert_false(str_ieq(STR("["), STR("{")));
	assert_false(str_ieq(STR("\xc3\x84"), STR("\xc3\xa4")));
}

static void beginnings_are_found(void **state)
{
	(void)state;
	assert_true(str_starts(STR("Bearer x"), STR("Bearer ")));
	assert_true(str_starts(STR("x"), STR("")));
	assert_true(str_starts(STR("x"), STR("x")));
	assert_false(str_starts(STR(""), STR("x")));
}

static void trimming_takes_spaces_and_tabs_only(void **state)
{
	(void)state;
	assert_true(str_eq_z(str_trim(STR(" \t a b\t ")), "a b"));
	assert_true(str_eq_z(str_trim(STR(" \t ")), ""));
	assert_true(str_eq_z(str_trim(STR("\na\r")), "\na\r"));
	assert_int_equal(str_trim(STR_NONE).n, 0);
}

static void cutting_gives_every_piece_also_the_empty_ones(void **state)
{
	static const char *const pieces[] = { "a", "", "bc", "" };
	struct str rest = STR("a,,bc,");
	size_t n = 0;

	(void)state;
	for (; rest.p; n++)
		assert_true(str_eq_z(str_cut(&rest, ','), pieces[n]));
	assert_int_equal(n, 4);

	rest = STR("");
	assert_int_equal(str_cut(&rest, ',').n, 0);
	assert_null(rest.p);
}

static void numbers_are_read_up_to_their_limits(void **state)
{
	int64_t v;

	(void)state;
	assert_true(str_to_i64(STR("9223372036854775807"), &v));
	assert_true(v == INT64_MAX);
	assert_true(str_to_i64(STR("-9223372036854775808"), &v));
	assert_true(v == INT64_MIN);
	assert_true(str_to_i64(STR("-0"), &v) && v == 0);
	assert_true(str_to_i64(STR("007"), &v) && v == 7);
}

static void what_is_no_whole_number_is_refused(void **state)
{
	static const char *const wrong[] = { "",
					     "-",
					     "+1",
					     " 1",
					     "1 ",
					     "1.0",
					     "1e2",
					     "0x1",
					     "--1",
					     "1-",
					     "a",
					     "\xd9\xa1",
					     "9223372036854775808",
					     "-9223372036854775809",
					     "99999999999999999999999999" };
	int64_t v;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(str_to_i64(str_of(wrong[i]), &v));
	assert_false(str_to_i64(STR("1\0"), &v));
	assert_false(str_to_i64(STR_NONE, &v));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absent_and_empty_compare_equal_in_content_only),
		cmocka_unit_test(comparison_minds_length_and_nul),
		cmocka_unit_test(only_ascii_letters_lose_their_case),
		cmocka_unit_test(beginnings_are_found),
		cmocka_unit_test(trimming_takes_spaces_and_tabs_only),
		cmocka_unit_test(cutting_gives_every_piece_also_the_empty_ones),
		cmocka_unit_test(numbers_are_read_up_to_their_limits),
		cmocka_unit_test(what_is_no_whole_number_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
