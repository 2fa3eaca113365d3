#include "base/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void check_both_ways(struct str data, struct str text)
{
	char out[64];

	assert_int_equal(BASE64_TEXT_LEN(data.n), text.n);
	base64url_encode(data.p, data.n, out);
	assert_memory_equal(out, text.p, text.n);
	assert_int_equal(BASE64_DATA_LEN(text.n), data.n);
	assert_true(base64url_decode(text, out));
	assert_memory_equal(out, data.p, data.n);
}

static void the_vectors_of_rfc_4648_hold_without_padding(void **state)
{
	(void)state;
	check_both_ways(STR(""), STR(""));
	check_both_ways(STR("f"), STR("Zg"));
	check_both_ways(STR("fo"), STR("Zm8"));
	check_both_ways(STR("foo"), STR("Zm9v"));
	check_both_ways(STR("foob"), STR("Zm9vYg"));
	check_both_ways(STR("fooba"), STR("Zm9vYmE"));
	check_both_ways(STR("foobar"), STR("Zm9vYmFy"));
}

static void the_header_of_rfc_7515_appendix_a_holds(void **state)
{
	(void)state;
	check_both_ways(STR("{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}"),
			STR("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"));
	/* Appendix C. */
	check_both_ways(STR("\x03\xec\xff\xe0\xc1"), STR("A-z_4ME"));
}

static void the_alphabets_differ_in_two_characters_and_take_only_their_own(void **state)
{
	char out[8];

	(void)state;
	base64_encode("\xfb\xff", 2, out);
	assert_memory_equal(out, "+/8", 3);
	base64url_encode("\xfb\xff", 2, out);
	assert_memory_equal(out, "-_8", 3);
	assert_true(base64_decode(STR("+/8"), out));
	assert_memory_equal(out, "\xfb\xff", 2);
	assert_false(base64_decode(STR("-_8"), out));
	assert_false(base64url_decode(STR("+/8"), out));
}

static void every_byte_survives(void **state)
{
	uint8_t data[256], back[256];
	char text[BASE64_TEXT_LEN(256)];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	for (size_t n = 0; n <= sizeof(data); n++) {
		base64_encode(data, n, text);
		assert_true(base64_decode((struct str){ text, BASE64_TEXT_LEN(n) }, back));
		assert_memory_equal(back, data, n);
	}
}

static void what_is_not_canonical_is_refused(void **state)
{
	static const char *const wrong[] = { "Z",    "Zg=",       "Zg==",  "Zm9vY",      "Zh",
					     "Zm9",  "Zm9vYh",    " Zg",   "Zg\n",       "Zm 8",
					     "Zm.8", "Z\xc3\xa4", "Zm9v=", "Zm9v\x80QQQ" };
	char out[16];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(base64url_decode(str_of(wrong[i]), out));
	assert_false(base64url_decode(STR("Zm\0v"), out));
}

static void of_all_last_characters_only_those_with_unused_bits_zero_are_taken(void **state)
{
	char text[2] = "A", out[4];
	int taken = 0;

	(void)state;
	for (int c = 0; c < 256; c++) {
		text[1] = (char)c;
		taken += base64url_decode((struct str){ text, 2 }, out);
	}
	assert_int_equal(taken, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_rfc_4648_hold_without_padding),
		cmocka_unit_test(the_header_of_rfc_7515_appendix_a_holds),
		cmocka_unit_test(the_alphabets_differ_in_two_characters_and_take_only_their_own),
		cmocka_unit_test(every_byte_survives),
		cmocka_unit_test(what_is_not_canonical_is_refused),
		cmocka_unit_test(of_all_last_characters_only_those_with_unused_bits_zero_are_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
