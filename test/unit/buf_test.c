#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_zeroed_buffer_is_empty(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(buf_str(&b).n, 0);
	assert_non_null(buf_str(&b).p);
	buf_add(&b, NULL, 0);
	buf_add_str(&b, STR_NONE);
	assert_int_equal(b.n, 0);
	buf_consume(&b, 0);
	buf_clear(&b, 100);
	buf_free(&b);
}

static void it_grows_and_keeps_what_it_has(void **state)
{
	struct buf b = { 0 };

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_add_char(&b, (char)('a' + i % 26));
	assert_int_equal(b.n, 100000);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(b.p[i], 'a' + i % 26);
	buf_free(&b);
	assert_null(b.p);
}

static void room_that_was_reserved_is_not_used_yet(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_add_lit(&b, "ab");
	buf_reserve(&b, 5000)[4999] = 'x';
	assert_int_equal(b.n, 2);
	assert_true(b.cap >= 5002);
	buf_free(&b);
}

static void integers_are_written_to_their_limits(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_add_i64(&b, INT64_MIN);
	buf_add_char(&b, ' ');
	buf_add_i64(&b, INT64_MAX);
	buf_add_char(&b, ' ');
	buf_add_u64(&b, UINT64_MAX);
	buf_add_char(&b, ' ');
	buf_add_i64(&b, 0);
	buf_add_i64(&b, -1);
	buf_add_u64(&b, 10);
	assert_true(
		str_eq_z(buf_str(&b), "-9223372036854775808 9223372036854775807 18446744073709551615 0-110"));
	buf_free(&b);
}

static void printf_appends_whatever_the_length(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_printf(&b, "%s", "");
	assert_int_equal(b.n, 0);
	buf_printf(&b, "%0*d|", 2000, 7);
	buf_printf(&b, "%s", "end");
	assert_int_equal(b.n, 2004);
	assert_memory_equal(b.p + 1999, "7|end", 5);
	buf_free(&b);
}

static void consuming_drops_from_the_front(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_add_lit(&b, "abcdef");
	buf_consume(&b, 2);
	assert_true(str_eq_z(buf_str(&b), "cdef"));
	buf_consume(&b, 100);
	assert_int_equal(b.n, 0);
	buf_free(&b);
}

static void clearing_keeps_small_memory_and_gives_large_back(void **state)
{
	struct buf b = { 0 };
	char *kept;

	(void)state;
	buf_add_lit(&b, "abc");
	kept = b.p;
	buf_clear(&b, 4096);
	assert_ptr_equal(b.p, kept);
	assert_int_equal(b.n, 0);
	buf_reserve(&b, 100000);
	buf_clear(&b, 4096);
	assert_null(b.p);
	assert_int_equal(b.cap, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zeroed_buffer_is_empty),
		cmocka_unit_test(it_grows_and_keeps_what_it_has),
		cmocka_unit_test(room_that_was_reserved_is_not_used_yet),
		cmocka_unit_test(integers_are_written_to_their_limits),
		cmocka_unit_test(printf_appends_whatever_the_length),
		cmocka_unit_test(consuming_drops_from_the_front),
		cmocka_unit_test(clearing_keeps_small_memory_and_gives_large_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
