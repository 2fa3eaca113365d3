#include "json/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

/* The text at each distance from a border of eight bytes, with plain text around. */
static bool valid_everywhere(struct str s)
{
	char text[64];
	bool valid = text_valid(s);

	for (size_t before = 0; before < 17; before++) {
		memset(text, 'x', sizeof(text));
		memcpy(text + before, s.p, s.n);
		assert_int_equal(text_valid((struct str){ text, sizeof(text) }), valid);
	}
	return valid;
}

static void well_formed_text_is_valid(void **state)
{
	(void)state;
	assert_true(text_valid(STR("")));
	assert_true(text_valid(STR_NONE));
	assert_true(valid_everywhere(STR("plain ascii\x7f\x01")));
	assert_true(valid_everywhere(STR("\xc2\x80\xdf\xbf")));
	assert_true(valid_everywhere(STR("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf")));
	assert_true(valid_everywhere(STR("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf")));
}

static void malformed_text_is_not(void **state)
{
	static const char *const wrong[] = {
		"\x80",             /* a continuation alone */
		"\xbf",             /**/
		"\xc0\x80",         /* overlong NUL */
		"\xc1\xbf",         /* overlong */
		"\xe0\x80\x80",     /* overlong */
		"\xe0\x9f\xbf",     /* overlong */
		"\xf0\x80\x80\x80", /* overlong */
		"\xf0\x8f\xbf\xbf", /* overlong */
		"\xed\xa0\x80",     /* surrogates */
		"\xed\xbf\xbf",     /**/
		"\xf4\x90\x80\x80", /* above U+10FFFF */
		"\xf5\x80\x80\x80", /**/
		"\xf8\x88\x80\x80\x80",
		"\xff",
		"\xfe",
		"\xc3x",         /* cut by another character */
		"\xe2\x82x",     /**/
		"\xf0\x9f\x98x", /**/
		"\xc3\xc3\xa4",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(valid_everywhere(str_of(wrong[i])));
	assert_false(text_valid(STR("cut \xe2\x82")));
	assert_false(text_valid(STR("cut by the end \xc3")));
}

static void nul_is_refused_wherever_it_is(void **state)
{
	char text[40];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++) {
		memset(text, 'x', sizeof(text));
		text[i] = '\0';
		assert_false(text_valid((struct str){ text, sizeof(text) }));
	}
}

static void every_code_point_is_one_character(void **state)
{
	(void)state;
	for (uint32_t c = 1; c <= 0x10ffff; c += c < 0x3000 ? 1 : 37) {
		char b[4];
		size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		bool surrogate = c >= 0xd800 && c <= 0xdfff;

		for (size_t i = n - 1; i > 0; i--)
			b[i] = (char)(0x80 | (c >> 6 * (n - 1 - i) & 0x3f));
		b[0] = (char)(n == 1 ? c : (0xf00u >> n & 0xff) | c >> 6 * (n - 1));
		assert_int_equal(text_valid((struct str){ b, n }), !surrogate);
		assert_int_equal(text_length((struct str){ b, n }), 1);
	}
}

static void length_counts_characters(void **state)
{
	(void)state;
	assert_int_equal(text_length(STR("")), 0);
	assert_int_equal(text_length(STR_NONE), 0);
	assert_int_equal(text_length(STR("0123456789")), 10);
	assert_int_equal(text_length(STR("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xc3\xa4")), 5);
	assert_int_equal(text_length(STR("\xf0\x9f\x98\x80 \xe2\x82\xac 12345678")), 12);
}

static void blank_is_what_shows_nothing(void **state)
{
	(void)state;
	assert_true(text_blank(STR("")));
	assert_true(text_blank(STR(" \t\n\r\v\f")));
	/* U+00A0, U+2000, U+200B, U+2028, U+3000, U+FEFF. */
	assert_true(text_blank(STR("\xc2\xa0\xe2\x80\x80\xe2\x80\x8b\xe2\x80\xa8\xe3\x80\x80\xef\xbb\xbf")));
	assert_false(text_blank(STR("  .  ")));
	assert_false(text_blank(STR("\xe2\x80\x8b\xc3\xa4")));
	assert_false(text_blank(STR("\xf0\x9f\x98\x80")));
}

static void cutting_respects_characters(void **state)
{
	struct str s = STR("a\xe2\x82\xac"
			   "b");

	(void)state;
	assert_int_equal(text_cut(s, 5).n, 5);
	assert_int_equal(text_cut(s, 100).n, 5);
	assert_int_equal(text_cut(s, 4).n, 4);
	assert_int_equal(text_cut(s, 3).n, 1);
	assert_int_equal(text_cut(s, 2).n, 1);
	assert_int_equal(text_cut(s, 1).n, 1);
	assert_int_equal(text_cut(s, 0).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(well_formed_text_is_valid),
		cmocka_unit_test(malformed_text_is_not),
		cmocka_unit_test(nul_is_refused_wherever_it_is),
		cmocka_unit_test(every_code_point_is_one_character),
		cmocka_unit_test(length_counts_characters),
		cmocka_unit_test(blank_is_what_shows_nothing),
		cmocka_unit_test(cutting_respects_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
