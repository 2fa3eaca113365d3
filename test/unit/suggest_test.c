#include "json/suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const names[] = { "title",       "description", "type",     "status",    "priority",
				     "assignee_id", "parent_id",   "due_date", "label_ids", "id" };

static const char *nearest(const char *given)
{
	struct suggestion s = suggest_for(str_of(given));

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		suggest_consider(&s, names[i]);
	return s.best;
}

static void slips_of_the_finger_are_understood(void **state)
{
	(void)state;
	assert_string_equal(nearest("titel"), "title");
	assert_string_equal(nearest("tilte"), "title");
	assert_string_equal(nearest("Title"), "title");
	assert_string_equal(nearest("desciption"), "description");
	assert_string_equal(nearest("prioritty"), "priority");
	assert_string_equal(nearest("lable_ids"), "label_ids");
}

static void other_styles_of_names_are_understood(void **state)
{
	(void)state;
	assert_string_equal(nearest("dueDate"), "due_date");
	assert_string_equal(nearest("due-date"), "due_date");
	assert_string_equal(nearest("assigneeId"), "assignee_id");
	assert_string_equal(nearest("assignee"), "assignee_id");
	assert_string_equal(nearest("parent"), "parent_id");
	assert_string_equal(nearest("status_name"), "status");
}

static void what_is_far_is_not_proposed(void **state)
{
	struct suggestion s = suggest_for(STR("name"));

	(void)state;
	assert_null(nearest(""));
	assert_null(nearest("x"));
	assert_null(nearest("colour"));
	assert_null(nearest("estimate"));
	assert_null(nearest("ab"));
	assert_null(nearest("a_name_that_is_longer_than_any_name_could_be"));
	suggest_consider(&s, "page");
	assert_null(s.best);
}

static void the_nearest_wins_and_the_first_of_equals(void **state)
{
	struct suggestion s = suggest_for(STR("cat"));

	(void)state;
	suggest_consider(&s, "car");
	suggest_consider(&s, "bat");
	assert_string_equal(s.best, "car");
	suggest_consider(&s, "CAT");
	assert_string_equal(s.best, "CAT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slips_of_the_finger_are_understood),
		cmocka_unit_test(other_styles_of_names_are_understood),
		cmocka_unit_test(what_is_far_is_not_proposed),
		cmocka_unit_test(the_nearest_wins_and_the_first_of_equals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
