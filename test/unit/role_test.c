#include "domain/role.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void the_matrix_is_that_of_the_contract(void **state)
{
	static const struct {
		enum permission permission;
		bool may[ROLE_COUNT]; /* reporter, developer, manager, admin */
	} matrix[] = {
		{ PERM_PUBLIC, { true, true, true, true } },
		{ PERM_PROFILE, { true, true, true, true } },
		{ PERM_SELF, { true, true, true, true } },
		{ PERM_USER_READ, { true, true, true, true } },
		{ PERM_PROJECT_READ, { true, true, true, true } },
		{ PERM_ISSUE_READ, { true, true, true, true } },
		{ PERM_REPORT_READ, { true, true, true, true } },
		{ PERM_ISSUE_CREATE, { true, true, true, true } },
		{ PERM_ATTACH, { true, true, true, true } },
		{ PERM_ISSUE_EDIT_OWN, { true, true, true, true } },
		{ PERM_ISSUE_EDIT, { false, true, true, true } },
		{ PERM_ISSUE_DELETE, { false, false, true, true } },
		{ PERM_COMMENT_READ, { true, true, true, true } },
		{ PERM_COMMENT_CREATE, { true, true, true, true } },
		{ PERM_WATCH, { true, true, true, true } },
		{ PERM_LABEL_WRITE, { false, false, true, true } },
		{ PERM_MILESTONE_WRITE, { false, false, true, true } },
		{ PERM_ISSUE_IMPORT, { false, false, true, true } },
		{ PERM_JOB, { true, true, true, true } },
		{ PERM_INBOX, { true, true, true, true } },
		{ PERM_INBOX_WRITE, { true, true, true, true } },
		{ PERM_FILTER_WRITE, { true, true, true, true } },
		{ PERM_PROJECT_CREATE, { false, false, true, true } },
		{ PERM_PROJECT_WRITE, { false, false, true, true } },
		{ PERM_MEMBER_WRITE, { false, false, true, true } },
		{ PERM_USER_WRITE, { false, false, false, true } },
		{ PERM_AUDIT_READ, { false, false, false, true } },
	};

	(void)state;
	assert_int_equal(sizeof(matrix) / sizeof(*matrix), PERM_COUNT);
	for (size_t i = 0; i < sizeof(matrix) / sizeof(*matrix); i++) {
		for (unsigned r = 0; r < ROLE_COUNT; r++)
			assert_int_equal(role_may((enum role)r, matrix[i].permission), matrix[i].may[r]);
	}
}

static void a_higher_role_may_all_that_a_lower_one_may(void **state)
{
	(void)state;
	for (unsigned p = 0; p < PERM_COUNT; p++) {
		for (unsigned r = 1; r < ROLE_COUNT; r++) {
			if (role_may((enum role)(r - 1), (enum permission)p))
				assert_true(role_may((enum role)r, (enum permission)p));
		}
		assert_true(role_may(ROLE_ADMIN, (enum permission)p));
	}
}

static void what_is_no_permission_is_allowed_to_nobody(void **state)
{
	(void)state;
	assert_false(role_may(ROLE_ADMIN, PERM_COUNT));
}

static void roles_are_read_by_their_exact_names(void **state)
{
	enum role role;

	(void)state;
	for (unsigned r = 0; r < ROLE_COUNT; r++) {
		assert_true(role_parse(str_of(role_names[r]), &role));
		assert_int_equal(role, r);
	}
	assert_false(role_parse(STR("Admin"), &role));
	assert_false(role_parse(STR("admi"), &role));
	assert_false(role_parse(STR("admin\0"), &role));
	assert_false(role_parse(STR(""), &role));
	assert_false(role_parse(STR_NONE, &role));
}

static void every_permission_has_a_name_and_a_text(void **state)
{
	(void)state;
	for (unsigned p = 0; p < PERM_COUNT; p++) {
		assert_true(permission_name((enum permission)p)[0]);
		assert_true(permission_doc((enum permission)p)[0]);
		assert_true(role_may(permission_lowest((enum permission)p), (enum permission)p));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_matrix_is_that_of_the_contract),
		cmocka_unit_test(a_higher_role_may_all_that_a_lower_one_may),
		cmocka_unit_test(what_is_no_permission_is_allowed_to_nobody),
		cmocka_unit_test(roles_are_read_by_their_exact_names),
		cmocka_unit_test(every_permission_has_a_name_and_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
