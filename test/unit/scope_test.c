#include "domain/role.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_set_holds_what_its_scopes_include(void **state)
{
	unsigned set = scope_set_parse(STR("issues:write users:read"));

	(void)state;
	assert_true(scope_set_has(set, SCOPE_ISSUES_WRITE));
	assert_true(scope_set_has(set, SCOPE_ISSUES_READ));
	assert_true(scope_set_has(set, SCOPE_USERS_READ));
	assert_false(scope_set_has(set, SCOPE_PROJECTS_READ));
	assert_false(scope_set_has(set, SCOPE_ADMIN));
}

static void unknown_scopes_give_nothing(void **state)
{
	static const char *const lists[] = {
		"", "issues", "issues:", "ISSUES:READ", "issues:read,issues:write", "*"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		assert_int_equal(scope_set_parse(str_of(lists[i])), 0);
	assert_int_equal(scope_set_parse(STR_NONE), 0);
	assert_int_equal(scope_set_parse(STR("nothing issues:read nothing")), SCOPE_BIT(SCOPE_ISSUES_READ));
}

static void no_set_does_what_asks_for_a_session(void **state)
{
	(void)state;
	assert_false(scope_set_has(SCOPES_ALL, SCOPE_SESSION));
	assert_false(scope_set_has(UINT32_MAX, SCOPE_SESSION));
	assert_true(scope_set_has(0, SCOPE_ANY));
}

static void a_scope_that_writes_includes_the_one_that_reads(void **state)
{
	(void)state;
	assert_true(scope_set_has(scope_set_parse(STR("projects:write")), SCOPE_PROJECTS_READ));
	assert_false(scope_set_has(scope_set_parse(STR("projects:read")), SCOPE_PROJECTS_WRITE));
	assert_true(scope_set_has(scope_set_parse(STR("admin")), SCOPE_USERS_READ));
	assert_false(scope_set_has(scope_set_parse(STR("admin")), SCOPE_ISSUES_READ));
}

/* A token reaches nothing that changes the account itself, and everything else by some scope. */
static void each_permission_asks_for_a_scope(void **state)
{
	(void)state;
	for (unsigned p = 0; p < PERM_COUNT; p++) {
		enum scope scope = permission_scope((enum permission)p);

		if (p == PERM_PUBLIC || p == PERM_PROFILE)
			assert_int_equal(scope, SCOPE_ANY);
		else if (p == PERM_SELF)
			assert_int_equal(scope, SCOPE_SESSION);
		else
			assert_in_range(scope, 0, SCOPE_COUNT - 1);
	}
}

static void names_are_read_back(void **state)
{
	enum scope scope;

	(void)state;
	for (unsigned s = 0; s < SCOPE_COUNT; s++) {
		assert_true(scope_parse(str_of(scope_names[s]), &scope));
		assert_int_equal(scope, s);
		assert_true(scope_doc((enum scope)s)[0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_holds_what_its_scopes_include),
		cmocka_unit_test(unknown_scopes_give_nothing),
		cmocka_unit_test(no_set_does_what_asks_for_a_session),
		cmocka_unit_test(a_scope_that_writes_includes_the_one_that_reads),
		cmocka_unit_test(each_permission_asks_for_a_scope),
		cmocka_unit_test(names_are_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
