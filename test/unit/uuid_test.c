#include "base/clock.h"
#include "base/uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void ids_never_go_back(void **state)
{
	struct uuid last = uuid_v7();

	(void)state;
	for (int i = 0; i < 100000; i++) {
		struct uuid next = uuid_v7();

		assert_true(memcmp(last.b, next.b, 16) < 0);
		last = next;
	}
}

static void they_are_of_version_7_and_of_now(void **state)
{
	int64_t ms = clock_now_us() / 1000, of_id = 0;
	struct uuid u = uuid_v7();

	(void)state;
	assert_int_equal(u.b[6] >> 4, 7);
	assert_int_equal(u.b[8] >> 6, 2);
	for (int i = 0; i < 6; i++)
		of_id = of_id << 8 | u.b[i];
	/* Many made in the test before may have run ahead of the clock. */
	assert_in_range(of_id, ms - 1, ms + 1000);
}

static void text_is_lower_case_and_reads_back_in_either(void **state)
{
	struct uuid u, back;
	char text[UUID_TEXT_LEN + 1] = "0123456789-ABCDEF";

	(void)state;
	assert_true(uuid_parse(STR("01932C07-20e6-7D32-9f4b-6A1C03E58B70"), &u));
	memset(text, 'x', sizeof(text));
	uuid_format(&u, text);
	assert_memory_equal(text, "01932c07-20e6-7d32-9f4b-6a1c03e58b70x", sizeof(text));
	assert_true(uuid_parse((struct str){ text, UUID_TEXT_LEN }, &back));
	assert_true(uuid_eq(&u, &back));
	back.b[15] ^= 1;
	assert_false(uuid_eq(&u, &back));
}

static void any_version_is_read_also_nil_and_max(void **state)
{
	struct uuid u;

	(void)state;
	assert_true(uuid_parse(STR("00000000-0000-0000-0000-000000000000"), &u));
	assert_true(uuid_parse(STR("ffffffff-ffff-ffff-ffff-ffffffffffff"), &u));
	assert_int_equal(u.b[15], 255);
}

static void other_forms_are_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"01932c0720e67d329f4b6a1c03e58b70",
		"{01932c07-20e6-7d32-9f4b-6a1c03e58b70}",
		"01932c07-20e6-7d32-9f4b-6a1c03e58b7",
		"01932c07-20e6-7d32-9f4b-6a1c03e58b700",
		"01932c07-20e6-7d32-9f4b-6a1c03e58b7g",
		"01932c07_20e6_7d32_9f4b_6a1c03e58b70",
		"01932c0-720e6-7d32-9f4b-6a1c03e58b70",
		"01932c07-20e6-7d32-9f4b-6a1c03e58b7 ",
		"-1932c07-20e6-7d32-9f4b-6a1c03e58b70",
		"0x932c07-20e6-7d32-9f4b-6a1c03e58b70",
	};
	struct uuid u;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(uuid_parse(str_of(wrong[i]), &u));
	assert_false(uuid_parse(STR_NONE, &u));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_never_go_back),
		cmocka_unit_test(they_are_of_version_7_and_of_now),
		cmocka_unit_test(text_is_lower_case_and_reads_back_in_either),
		cmocka_unit_test(any_version_is_read_also_nil_and_max),
		cmocka_unit_test(other_forms_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
