#include "domain/issue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void project_keys_have_2_to_10_of_upper_case_and_digits(void **state)
{
	static const char *const right[] = { "AB", "A1", "WEB", "ABCDEFGHIJ", "A123456789" };
	static const char *const wrong[] = { "",    "A",   "ABCDEFGHIJK", "web",  "1AB",
					     "A-B", "A B", "A_B",         "AB\n", "Z\xc3\x84" };

	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++)
		assert_true(project_key_valid(str_of(right[i])));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(project_key_valid(str_of(wrong[i])));
	assert_false(project_key_valid(STR_NONE));
}

static void an_issue_is_named_by_key_in_any_case(void **state)
{
	struct ref ref;

	(void)state;
	assert_true(ref_parse_issue(STR("web-12"), &ref));
	assert_false(ref.is_id);
	assert_string_equal(ref.key, "WEB-12");
	assert_true(ref_parse_issue(STR("AbCdEfGhI0-2147483647"), &ref));
	assert_string_equal(ref.key, "ABCDEFGHI0-2147483647");
}

static void an_issue_is_named_by_id(void **state)
{
	struct ref ref;

	(void)state;
	assert_true(ref_parse_issue(STR("01932C07-20e6-7d32-9f4b-6a1c03e58b70"), &ref));
	assert_true(ref.is_id);
	assert_int_equal(ref.id.b[0], 0x01);
	assert_int_equal(ref.id.b[15], 0x70);
}

static void what_no_issue_can_be_called_is_refused(void **state)
{
	static const char *const wrong[] = { "",
					     "WEB",
					     "WEB-",
					     "-12",
					     "WEB-0",
					     "WEB-012",
					     "WEB--1",
					     "WEB-+1",
					     "WEB-1x",
					     "WEB-1 ",
					     "WEB-2147483648",
					     "W-1",
					     "1W-1",
					     "WEB-1-2",
					     "WEB_12",
					     "WEB 12",
					     "ABCDEFGHIJK-1",
					     "WEB-99999999999999999999",
					     "01932c07-20e6-7d32-9f4b-6a1c03e58b7" };
	struct ref ref;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(ref_parse_issue(str_of(wrong[i]), &ref));
	assert_false(ref_parse_issue(STR_NONE, &ref));
	assert_false(ref_parse_issue(STR("WEB-1\0"), &ref));
}

static void a_project_is_named_by_key_or_id(void **state)
{
	struct ref ref;

	(void)state;
	assert_true(ref_parse_project(STR("web"), &ref));
	assert_false(ref.is_id);
	assert_string_equal(ref.key, "WEB");
	assert_true(ref_parse_project(STR("01932c07-20e6-7d32-9f4b-6a1c03e58b70"), &ref));
	assert_true(ref.is_id);
	assert_false(ref_parse_project(STR("WEB-1"), &ref));
	assert_string_equal(ref.key, "");
	assert_false(ref_parse_project(STR("w"), &ref));
	assert_false(ref_parse_project(STR(""), &ref));
	assert_false(ref_parse_project(STR_NONE, &ref));
}

static void priorities_rise(void **state)
{
	(void)state;
	assert_string_equal(issue_priority_names[0], "low");
	assert_string_equal(issue_priority_names[ISSUE_PRIORITY_COUNT - 1], "critical");
	assert_string_equal(issue_status_names[0], "open");
	assert_string_equal(issue_type_names[ISSUE_TYPE_COUNT - 1], "epic");
	assert_string_equal(project_status_names[PROJECT_STATUS_COUNT - 1], "archived");
	assert_string_equal(project_visibility_names[PROJECT_VISIBILITY_COUNT - 1], "private");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(project_keys_have_2_to_10_of_upper_case_and_digits),
		cmocka_unit_test(an_issue_is_named_by_key_in_any_case),
		cmocka_unit_test(an_issue_is_named_by_id),
		cmocka_unit_test(what_no_issue_can_be_called_is_refused),
		cmocka_unit_test(a_project_is_named_by_key_or_id),
		cmocka_unit_test(priorities_rise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
