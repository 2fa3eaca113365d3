#include "domain/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define KEY   STR("0123456789abcdef0123456789abcdef")
#define OTHER STR("0123456789abcdef0123456789abcdeX")

static struct buf sealed, opened;

static int clear(void **state)
{
	(void)state;
	buf_free(&sealed);
	buf_free(&opened);
	return 0;
}

static void what_was_sealed_opens(void **state)
{
	static const struct str texts[] = { STR_INIT(""), STR_INIT("x"),
					    STR_INIT("an answer of some length") };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		buf_free(&sealed);
		buf_free(&opened);
		seal(KEY, STR("whose"), texts[i], &sealed);
		assert_int_equal(sealed.n, texts[i].n + SEAL_OVERHEAD);
		assert_true(seal_open(KEY, STR("whose"), buf_str(&sealed), &opened));
		assert_true(str_eq(buf_str(&opened), texts[i]));
	}
}

static void the_same_text_is_never_sealed_the_same(void **state)
{
	(void)state;
	seal(KEY, STR("whose"), STR("text"), &sealed);
	seal(KEY, STR("whose"), STR("text"), &opened);
	assert_false(str_eq(buf_str(&sealed), buf_str(&opened)));
}

static void another_key_or_context_does_not_open_it(void **state)
{
	(void)state;
	seal(KEY, STR("whose"), STR("text"), &sealed);
	assert_false(seal_open(OTHER, STR("whose"), buf_str(&sealed), &opened));
	assert_false(seal_open(KEY, STR("another's"), buf_str(&sealed), &opened));
	assert_int_equal(opened.n, 0);
}

static void a_changed_or_cut_one_does_not_open(void **state)
{
	(void)state;
	seal(KEY, STR("whose"), STR("text"), &sealed);
	for (size_t i = 0; i < sealed.n; i++) {
		sealed.p[i] ^= 1;
		assert_false(seal_open(KEY, STR("whose"), buf_str(&sealed), &opened));
		sealed.p[i] ^= 1;
		assert_false(seal_open(KEY, STR("whose"), (struct str){ sealed.p, i }, &opened));
	}
	assert_int_equal(opened.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_was_sealed_opens, clear),
		cmocka_unit_test_teardown(the_same_text_is_never_sealed_the_same, clear),
		cmocka_unit_test_teardown(another_key_or_context_does_not_open_it, clear),
		cmocka_unit_test_teardown(a_changed_or_cut_one_does_not_open, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
