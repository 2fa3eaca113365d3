#include "domain/chart.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* */
#include <cmocka.h>

static void assert_text(struct buf *b, const char *expected)
{
	buf_add_char(b, '\0');
	assert_string_equal(b->p, expected);
	buf_free(b);
}

static void a_scale_ends_with_a_round_number_above_the_largest_value(void **state)
{
	static const double values[] = { 0, 0.5, 1, 3, 7, 10, 11, 49, 99, 101, 1234, 999999, 1e9, 1e15 };

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		struct chart_scale s = chart_scale(values[i], 5);
		double digit = s.step / pow(10, floor(log10(s.step) + 1e-9));

		assert_true(s.max >= values[i] && s.max > 0);
		assert_true(s.max <= values[i] + s.step + 1e-9 || values[i] == 0);
		assert_true(s.max / s.step <= 6.001);
		assert_true(fabs(digit - 1) < 1e-6 || fabs(digit - 2) < 1e-6 || fabs(digit - 5) < 1e-6);
		assert_true(s.step >= 1); /* nobody has half an issue */
	}
}

static void labels_are_as_far_apart_as_they_need(void **state)
{
	(void)state;
	assert_int_equal(chart_every(7, 100, 52), 1);
	assert_int_equal(chart_every(30, 28, 52), 2);
	assert_int_equal(chart_every(90, 9, 52), 7);
	assert_int_equal(chart_every(1000, 0.8, 52), 70);
	assert_int_equal(chart_every(100000, 0.008, 52), 100000);
}

static void numbers_are_written_as_people_read_them(void **state)
{
	static const struct {
		double v;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 7, "7" },
		{ 999, "999" },
		{ 1000, "1,000" },
		{ 12345, "12,345" },
		{ 999949, "999,949" },
		{ 999950, "1M" },
		{ 1234567, "1.23M" },
		{ 2.5e9, "2.5G" },
		{ -1200, "\xe2\x88\x92"
			 "1,200" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf b = { 0 };

		chart_number(&b, cases[i].v);
		assert_text(&b, cases[i].text);
	}
}

static void durations_are_written_in_the_unit_that_fits(void **state)
{
	static const struct {
		double seconds;
		const char *text;
	} cases[] = {
		{ 0, "0 s" },
		{ 59, "59 s" },
		{ 100, "1.7 min" },
		{ 120, "2 min" },
		{ 3599, "60 min" },
		{ 5400, "90 min" },
		{ 7200, "2 h" },
		{ 9000, "2.5 h" },
		{ 90000, "25 h" },
		{ 172800, "2 d" },
		{ 8640000, "3.3 months" },
		{ 86400.0 * 3653, "10 years" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf b = { 0 };

		chart_duration(&b, cases[i].seconds);
		assert_text(&b, cases[i].text);
	}
}

static void days_have_their_month_and_year(void **state)
{
	struct buf b = { 0 };

	(void)state;
	chart_day(&b, 20778, true);
	buf_add_char(&b, ' ');
	chart_day(&b, 0, false);
	assert_text(&b, "21 Nov 2026 1 Jan");
}

static void what_xml_cannot_hold_is_escaped_or_replaced(void **state)
{
	struct buf b = { 0 };

	(void)state;
	svg_escape(&b, STR("<a href=\"x\">&'\n\t\x01\xef\xbf\xbe\xc3\xa4"));
	assert_text(&b, "&lt;a href=&quot;x&quot;&gt;&amp;'\n\t\xef\xbf\xbd\xef\xbf\xbd\xc3\xa4");
}

static void a_text_that_is_too_wide_is_cut_between_characters(void **state)
{
	struct buf b = { 0 };

	(void)state;
	svg_add_fitting(&b, STR("short"), 13, 200);
	assert_text(&b, "short");
	svg_add_fitting(&b, STR("\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xb8\x96\xe7\x95\x8c\xe4\xbd\xa0\xe5\xa5\xbd"),
			10, 35);
	assert_text(&b, "\xe4\xbd\xa0\xe5\xa5\xbd\xe2\x80\xa6");
	svg_add_fitting(&b, STR("whatever"), 13, 0);
	assert_text(&b, "\xe2\x80\xa6");
}

static void wider_texts_measure_wider(void **state)
{
	(void)state;
	assert_true(svg_text_width(STR("iiii"), 13) < svg_text_width(STR("nnnn"), 13));
	assert_true(svg_text_width(STR("nnnn"), 13) < svg_text_width(STR("WWWW"), 13));
	assert_true(fabs(svg_text_width(STR("abc"), 26) - 2 * svg_text_width(STR("abc"), 13)) < 1e-9);
	assert_true(svg_text_width(STR(""), 13) < 1e-9);
}

static void a_picture_says_what_it_shows(void **state)
{
	struct buf b = { 0 };

	(void)state;
	chart_begin(&b, 100, STR("A < B"), STR("since ever"), STR("A \"line\""));
	chart_end(&b);
	buf_add_char(&b, '\0');
	assert_non_null(strstr(b.p, "role=\"img\" aria-labelledby=\"title description\""));
	assert_non_null(strstr(b.p, "<title id=\"title\">A &lt; B</title>"));
	assert_non_null(strstr(b.p, "<desc id=\"description\">A &quot;line&quot;</desc>"));
	assert_non_null(strstr(b.p, chart_style().p));
	assert_null(strpbrk(chart_style().p, "<&"));
	buf_free(&b);
}

static void however_many_days_there_are_their_labels_are_few(void **state)
{
	(void)state;
	for (int count = 1; count <= 1000; count++) {
		struct buf b = { 0 };
		struct chart_time t = { 20000, count, 1, 0, 844.0 / count };
		int labels = 0;

		chart_time_labels(&b, &t, 100);
		buf_add_char(&b, '\0');
		for (const char *at = b.p; (at = strstr(at, "<text")); at++)
			labels++;
		assert_in_range(labels, 1, 25);
		buf_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_scale_ends_with_a_round_number_above_the_largest_value),
		cmocka_unit_test(labels_are_as_far_apart_as_they_need),
		cmocka_unit_test(numbers_are_written_as_people_read_them),
		cmocka_unit_test(durations_are_written_in_the_unit_that_fits),
		cmocka_unit_test(days_have_their_month_and_year),
		cmocka_unit_test(what_xml_cannot_hold_is_escaped_or_replaced),
		cmocka_unit_test(a_text_that_is_too_wide_is_cut_between_characters),
		cmocka_unit_test(wider_texts_measure_wider),
		cmocka_unit_test(a_picture_says_what_it_shows),
		cmocka_unit_test(however_many_days_there_are_their_labels_are_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
