#include "domain/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SECOND UINT64_C(1000000)

static const struct rate ten_a_second = { 10, SECOND };

static void a_full_bucket_gives_its_quota_at_once(void **state)
{
	uint64_t bucket = 0;
	struct rate_verdict v;

	(void)state;
	for (uint32_t i = 0; i < 10; i++) {
		v = rate_take(&ten_a_second, &bucket, 5 * SECOND);
		assert_true(v.allowed);
		assert_int_equal(v.remaining, 9 - i);
		assert_int_equal(v.reset_us, (i + 1) * SECOND / 10);
	}
	v = rate_take(&ten_a_second, &bucket, 5 * SECOND);
	assert_false(v.allowed);
	assert_int_equal(v.remaining, 0);
	assert_int_equal(v.retry_us, SECOND / 10);
}

static void tokens_come_back_evenly(void **state)
{
	uint64_t bucket = 0, now = 5 * SECOND;

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_true(rate_take(&ten_a_second, &bucket, now).allowed);
	assert_false(rate_take(&ten_a_second, &bucket, now + SECOND / 10 - 1).allowed);
	assert_true(rate_take(&ten_a_second, &bucket, now + SECOND / 10).allowed);
	assert_false(rate_take(&ten_a_second, &bucket, now + SECOND / 10).allowed);
	assert_int_equal(rate_take(&ten_a_second, &bucket, now + 20 * SECOND).remaining, 9);
}

static void what_was_refused_costs_nothing(void **state)
{
	uint64_t bucket = 0, now = SECOND;

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_true(rate_take(&ten_a_second, &bucket, now).allowed);
	for (int i = 0; i < 1000; i++)
		assert_false(rate_take(&ten_a_second, &bucket, now).allowed);
	assert_true(rate_take(&ten_a_second, &bucket, now + SECOND / 10).allowed);
}

static void over_time_the_rate_is_kept(void **state)
{
	uint64_t bucket = 0;
	int allowed = 0;

	(void)state;
	for (uint64_t now = SECOND; now < 61 * SECOND; now += 1000)
		allowed += rate_take(&ten_a_second, &bucket, now).allowed;
	assert_in_range(allowed, 600, 610);
}

static void a_bucket_of_another_rate_is_never_more_than_empty(void **state)
{
	static const struct rate seven = { 7, 60 * SECOND }, many = { 60000000, 60 * SECOND };
	uint64_t bucket = 0;
	struct rate_verdict v;

	(void)state;
	for (int i = 0; i < 10; i++)
		rate_take(&ten_a_second, &bucket, 5 * SECOND);
	bucket = 65 * SECOND; /* as slow as a window allows */
	v = rate_take(&seven, &bucket, 5 * SECOND);
	assert_false(v.allowed);
	assert_int_equal(v.remaining, 0);
	assert_true(v.reset_us <= 60 * SECOND);
	v = rate_take(&ten_a_second, &bucket, 5 * SECOND);
	assert_false(v.allowed);
	assert_int_equal(v.remaining, 0);
	assert_true(rate_take(&many, &bucket, 65 * SECOND).allowed);
}

static void each_has_a_bucket(void **state)
{
	struct rate_table *t = rate_table_create(1024);

	(void)state;
	for (uint64_t i = 1; i <= 256; i++)
		*rate_table_find(t, i) = i;
	for (uint64_t i = 1; i <= 256; i++)
		assert_int_equal(*rate_table_find(t, i), i);
	rate_table_free(t);
}

static void a_full_table_forgets_who_asked_for_least(void **state)
{
	struct rate_table *t = rate_table_create(4);

	(void)state;
	for (uint64_t i = 1; i <= 4; i++)
		*rate_table_find(t, i) = 100 * i;
	assert_int_equal(*rate_table_find(t, 5), 0);
	*rate_table_find(t, 5) = 1000;
	for (uint64_t i = 2; i <= 4; i++)
		assert_int_equal(*rate_table_find(t, i), 100 * i);
	rate_table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_bucket_gives_its_quota_at_once),
		cmocka_unit_test(tokens_come_back_evenly),
		cmocka_unit_test(what_was_refused_costs_nothing),
		cmocka_unit_test(over_time_the_rate_is_kept),
		cmocka_unit_test(a_bucket_of_another_rate_is_never_more_than_empty),
		cmocka_unit_test(each_has_a_bucket),
		cmocka_unit_test(a_full_table_forgets_who_asked_for_least),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
