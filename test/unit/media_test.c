/* Types of files: lists, and whether what was declared fits what is there. */
#include "domain/media.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void lists_hold_names_and_beginnings(void **state)
{
	struct str list = STR("image/png, text/x-*,application/pdf"), wrong;

	(void)state;
	assert_true(media_list_valid(list, &wrong));
	assert_true(media_allowed(list, STR("image/png")));
	assert_true(media_allowed(list, STR("text/x-c")));
	assert_true(media_allowed(STR("*"), STR("anything/else")));
	assert_false(media_allowed(list, STR("image/pngx")));
	assert_false(media_allowed(list, STR("text/html")));
	assert_false(media_allowed(STR(""), STR("text/html")));
}

static void broken_lists_are_refused(void **state)
{
	static const char *const lists[] = { "",     "image",     "image/png,", "a/b/c",
					     "/png", "image/p g", "*/png",      "Image/Png" };
	struct str wrong;

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		assert_false(media_list_valid(str_of(lists[i]), &wrong));
}

static void what_was_declared_has_to_fit(void **state)
{
	static const struct {
		const char *declared, *found;
		bool fits;
	} rows[] = {
		{ NULL, "image/png", true },
		{ "application/octet-stream", "image/png", true },
		{ "IMAGE/PNG; x=y", "image/png", true },
		{ "image/jpg", "image/jpeg", true },
		{ "text/markdown; charset=utf-8", "text/plain", true },
		{ "application/json", "text/plain", true },
		{ "image/svg+xml", "text/plain", false },
		{ "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		  "application/zip", true },
		{ "image/png", "text/html", false },
		{ "text/plain", "text/html", false },
		{ "text/plain", "application/pdf", false },
		{ "application/zip", "application/pdf", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (media_fits(str_of(rows[i].declared), str_of(rows[i].found)) != rows[i].fits)
			fail_msg("%s as %s", rows[i].found, rows[i].declared);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_hold_names_and_beginnings),
		cmocka_unit_test(broken_lists_are_refused),
		cmocka_unit_test(what_was_declared_has_to_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
