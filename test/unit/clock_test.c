#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <time.h>

#define DAY INT64_C(86400)

static void check_timestamp(int64_t us, const char *expected)
{
	char text[CLOCK_TIMESTAMP_LEN + 1] = { 0 };
	int64_t back;

	clock_format_timestamp(us, text);
	assert_string_equal(text, expected);
	assert_true(clock_parse_timestamp(str_of(text), &back));
	assert_true(back == us);
}

static void timestamps_are_written_and_read_back(void **state)
{
	(void)state;
	check_timestamp(0, "1970-01-01T00:00:00.000000Z");
	check_timestamp(-1, "1969-12-31T23:59:59.999999Z");
	check_timestamp(INT64_C(1795169410123456), "2026-11-20T10:10:10.123456Z");
	check_timestamp(INT64_C(951782400000000), "2000-02-29T00:00:00.000000Z");
	check_timestamp(INT64_C(253402300799999999), "9999-12-31T23:59:59.999999Z");
	check_timestamp(INT64_C(-62135596800000000), "0001-01-01T00:00:00.000000Z");
}

static void years_beyond_four_digits_are_written_as_the_nearest(void **state)
{
	char text[CLOCK_TIMESTAMP_LEN + 1] = { 0 };

	(void)state;
	clock_format_timestamp(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59.999999Z");
	clock_format_timestamp(INT64_MIN, text);
	assert_string_equal(text, "0000-01-01T00:00:00.000000Z");
	memset(text, 0, sizeof(text));
	clock_format_date(INT32_MAX, text);
	assert_string_equal(text, "9999-12-31");
	clock_format_date(INT32_MIN, text);
	assert_string_equal(text, "0000-01-01");
}

static void every_day_of_the_calendar_is_like_the_c_librarys(void **state)
{
	(void)state;
	for (int32_t day = -719162; day <= 2932896; day += 13) {
		time_t seconds = (time_t)day * DAY;
		char ours[CLOCK_DATE_LEN + 1] = { 0 }, theirs[32];
		struct tm tm;
		int32_t back;

		gmtime_r(&seconds, &tm);
		strftime(theirs, sizeof(theirs), "%Y-%m-%d", &tm);
		/* %Y has no leading zeros. */
		while (strlen(theirs) < CLOCK_DATE_LEN) {
			memmove(theirs + 1, theirs, strlen(theirs) + 1);
			theirs[0] = '0';
		}
		clock_format_date(day, ours);
		assert_string_equal(ours, theirs);
		assert_true(clock_parse_date(str_of(ours), &back));
		assert_int_equal(back, day);
	}
}

static void leap_days_are_where_they_belong(void **state)
{
	int32_t d;

	(void)state;
	assert_true(clock_parse_date(STR("2024-02-29"), &d));
	assert_true(clock_parse_date(STR("2000-02-29"), &d));
	assert_false(clock_parse_date(STR("1900-02-29"), &d));
	assert_false(clock_parse_date(STR("2026-02-29"), &d));
	assert_false(clock_parse_date(STR("2024-02-30"), &d));
	assert_false(clock_parse_date(STR("2026-04-31"), &d));
	assert_true(clock_parse_date(STR("2026-12-31"), &d));
}

static void dates_have_one_form(void **state)
{
	static const char *const wrong[] = {
		"",           "2026-11-2",  "2026-1-20",   "20261120",    "2026/11/20",
		"2026-13-01", "2026-00-01", "2026-01-00",  " 2026-11-20", "2026-11-20 ",
		"0000-01-01", "-001-01-01", "2026-11-20T", "26-11-20",    "2026-11-2x"
	};
	int32_t d;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(clock_parse_date(str_of(wrong[i]), &d));
	assert_false(clock_parse_date(STR_NONE, &d));
}

static int64_t parsed(const char *text)
{
	int64_t us = -1;

	assert_true(clock_parse_timestamp(str_of(text), &us));
	return us;
}

static void offsets_fractions_and_case_are_understood(void **state)
{
	int64_t us = INT64_C(1795169410000000);

	(void)state;
	assert_true(parsed("2026-11-20T10:10:10Z") == us);
	assert_true(parsed("2026-11-20t10:10:10z") == us);
	assert_true(parsed("2026-11-20T10:10:10.000Z") == us);
	assert_true(parsed("2026-11-20T12:10:10+02:00") == us);
	assert_true(parsed("2026-11-19T23:40:10-10:30") == us);
	assert_true(parsed("2026-11-20T10:10:10-00:00") == us);
	assert_true(parsed("2026-11-20T10:10:10.1Z") == us + 100000);
	assert_true(parsed("2026-11-20T10:10:10.123456789Z") == us + 123456);
	assert_true(parsed("2016-12-31T23:59:60Z") == INT64_C(1483228800000000));
}

static void what_rfc_3339_does_not_know_is_refused(void **state)
{
	static const char *const wrong[] = { "",
					     "2026-11-20",
					     "2026-11-20T10:10:10",
					     "2026-11-20T10:10Z",
					     "2026-11-20T24:00:00Z",
					     "2026-11-20T10:60:00Z",
					     "2026-11-20T10:10:61Z",
					     "2026-11-20T10:10:10.Z",
					     "2026-11-20T10:10:10.1234567890Z",
					     "2026-11-20T10:10:10,5Z",
					     "2026-11-20T10:10:10+0200",
					     "2026-11-20T10:10:10+24:00",
					     "2026-11-20T10:10:10+02:60",
					     "2026-11-20T10:10:10+02",
					     "2026-11-20T10:10:10ZZ",
					     "2026-02-30T10:10:10Z",
					     "2026-11-20X10:10:10Z",
					     "12026-11-20T10:10:10Z" };
	int64_t us;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(clock_parse_timestamp(str_of(wrong[i]), &us));
	assert_false(clock_parse_timestamp(STR("2026-11-20T10:10:10\0"), &us));
	assert_false(clock_parse_timestamp(STR_NONE, &us));
}

static void the_form_of_http_is_that_of_rfc_9110(void **state)
{
	char text[CLOCK_HTTP_LEN + 1] = { 0 };

	(void)state;
	clock_format_http(INT64_C(784111777), text);
	assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
	clock_format_http(0, text);
	assert_string_equal(text, "Thu, 01 Jan 1970 00:00:00 GMT");
	clock_format_http(-1, text);
	assert_string_equal(text, "Wed, 31 Dec 1969 23:59:59 GMT");
}

static void the_monotonic_clock_moves_and_the_other_is_the_systems(void **state)
{
	uint64_t before = clock_mono_us();

	(void)state;
	while (clock_mono_us() == before)
		;
	assert_in_range(clock_now_us() / 1000000, time(NULL) - 2, time(NULL) + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timestamps_are_written_and_read_back),
		cmocka_unit_test(years_beyond_four_digits_are_written_as_the_nearest),
		cmocka_unit_test(every_day_of_the_calendar_is_like_the_c_librarys),
		cmocka_unit_test(leap_days_are_where_they_belong),
		cmocka_unit_test(dates_have_one_form),
		cmocka_unit_test(offsets_fractions_and_case_are_understood),
		cmocka_unit_test(what_rfc_3339_does_not_know_is_refused),
		cmocka_unit_test(the_form_of_http_is_that_of_rfc_9110),
		cmocka_unit_test(the_monotonic_clock_moves_and_the_other_is_the_systems),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
