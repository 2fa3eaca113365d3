#include "base/buf.h"
#include "json/read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

struct body {
	struct field_set given;
	struct str title;
};

static const struct field fields[] = {
	{ .name = "title", .type = FIELD_TEXT, .offset = offsetof(struct body, title) },
};
static const struct shape shape = SHAPE(struct body, "Body", fields, "A body.");

static struct arena arena;
static struct field_errors errors;
static struct body body;
static struct str detail;

static int reset(void **state)
{
	(void)state;
	arena_reset(&arena);
	arena_trim();
	return 0;
}

static enum err read_body(struct str text)
{
	/* In memory of its own size, so that AddressSanitizer sees a read behind it. */
	char *copy = arena_alloc(&arena, text.n);

	if (text.n)
		memcpy(copy, text.p, text.n);
	errors = (struct field_errors){ .arena = &arena };
	return json_read((struct str){ copy, text.n }, &shape, &body, &errors, &detail);
}

static void check_malformed(struct str text, const char *expected)
{
	assert_int_equal(read_body(text), ERR_BAD_JSON);
	assert_int_equal(errors.count, 0);
	assert_non_null(detail.p);
	assert_true(text_valid(detail));
	if (expected)
		assert_string_equal(arena_str(&arena, detail).p, expected);
}

static void an_empty_body_is_called_empty(void **state)
{
	(void)state;
	check_malformed(STR(""), "The body is empty");
	check_malformed(STR(" \r\n\t"), "The body is empty");
	assert_int_equal(json_read(STR_NONE, &shape, &body, &errors, &detail), ERR_BAD_JSON);
}

static void anything_but_an_object_is_refused(void **state)
{
	(void)state;
	check_malformed(STR("[]"), "A JSON object is expected, not an array");
	check_malformed(STR("null"), "A JSON object is expected, not null");
	check_malformed(STR("\"x\""), "A JSON object is expected, not a string");
	check_malformed(STR("12"), "A JSON object is expected, not a number");
	check_malformed(STR("true"), "A JSON object is expected, not true or false");
}

static void malformed_bodies_are_located(void **state)
{
	(void)state;
	assert_int_equal(read_body(STR("{\"title\":\"\xc3\xa4\",\n \"count\" 1}")), ERR_BAD_JSON);
	assert_true(str_starts(detail, STR("Line 2, column 10: ")));
	assert_int_equal(read_body(STR("{\"a\":\"\xc3\xa4\xc3\xa4\" x")), ERR_BAD_JSON);
	assert_true(str_starts(detail, STR("Line 1, column 11: ")));
}

static void what_rfc_8259_does_not_know_is_malformed(void **state)
{
	static const char *const wrong[] = {
		"{",
		"}",
		"{]",
		"{\"title\"}",
		"{\"title\":}",
		"{\"title\":\"x\",}",
		"{,}",
		"{title:\"x\"}",
		"{'title':'x'}",
		"{\"title\":\"x\"} x",
		"{\"title\":\"x\"}{}",
		"{\"title\":\"x\"}]",
		"/**/{}",
		"{}//",
		"\xef\xbb\xbf{}",
		"{\"title\":\"x",
		"{\"title\":\"x\n\"}",
		"{\"title\":\"\x01\"}",
		"{\"title\":\"\\x\"}",
		"{\"title\":\"\\u12\"}",
		"{\"count\":01}",
		"{\"count\":+1}",
		"{\"count\":.5}",
		"{\"count\":1.}",
		"{\"count\":0x1}",
		"{\"count\":NaN}",
		"{\"count\":Infinity}",
		"{\"count\":-}",
		"{\"flag\":True}",
		"{\"flag\":tru}",
		"nul",
		"{\"a\":1 \"b\":2}",
		"\x0b{}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		check_malformed(str_of(wrong[i]), NULL);
	check_malformed(STR("{\"title\":\"x\"}\0"), NULL);
	check_malformed(STR("\0"), NULL);
	check_malformed(STR("{\"title\":\"a\0b\"}"), NULL);
}

static void text_that_is_not_unicode_is_malformed(void **state)
{
	static const char *const wrong[] = {
		"\x80",
		"\xc3",
		"\xc0\x80",
		"\xc1\xbf",
		"\xe0\x80\x80",
		"\xe0\x9f\xbf",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xff",
		"\xfe",
		"\\ud800",
		"\\udc00",
		"\\ud800\\ud800",
		"\\ud83dx",
		"\\udc00\\ud800",
		"\\ud83d\\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		check_malformed(arena_printf(&arena, "{\"title\":\"%s\"}", wrong[i]), NULL);
		check_malformed(arena_printf(&arena, "{\"%s\":1}", wrong[i]), NULL);
		check_malformed(arena_printf(&arena, "{\"other\":[{\"a\":\"12345678%s\"}]}", wrong[i]), NULL);
	}
}

static void nul_is_refused_in_every_string(void **state)
{
	const char *expected = "A string holds \\u0000, which no text may have";

	(void)state;
	check_malformed(STR("{\"title\":\"a\\u0000b\"}"), expected);
	check_malformed(STR("{\"\\u0000\":1}"), expected);
	check_malformed(STR("{\"other\":[[{\"a\":\"\\u0000\"}]]}"), expected);
	assert_int_equal(read_body(STR("{\"title\":\"\\\\u0000\"}")), ERR_NONE);
	assert_true(str_eq_z(body.title, "\\u0000"));
}

static void duplicate_names_are_refused_at_every_level(void **state)
{
	(void)state;
	check_malformed(STR("{\"title\":\"x\",\"title\":\"y\"}"),
			"The name \"title\" is there twice in one object");
	check_malformed(STR("{\"title\":\"x\",\"\\u0074itle\":\"y\"}"),
			"The name \"title\" is there twice in one object");
	check_malformed(STR("{\"a\":[{\"b\":{\"c\":1,\"d\":2,\"c\":3}}]}"),
			"The name \"c\" is there twice in one object");
	check_malformed(STR("{\"\":1,\"\":1}"), NULL);
	assert_int_equal(read_body(STR("{\"title\":\"x\",\"a\":{\"title\":1}}")), ERR_VALIDATION);
}

static void a_hundred_thousand_names_are_compared_quickly(void **state)
{
	struct buf text = { 0 };

	(void)state;
	buf_add_lit(&text, "{\"twin\":1");
	for (int i = 0; i < 100000; i++)
		buf_printf(&text, ",\"%06d\":1", (i * 7919) % 100000);
	buf_add_lit(&text, "}");
	assert_int_equal(read_body(buf_str(&text)), ERR_VALIDATION);
	assert_int_equal(errors.count, FIELD_ERRORS_MAX);
	text.n--;
	buf_add_lit(&text, ",\"twin\":1}");
	check_malformed(buf_str(&text), "The name \"twin\" is there twice in one object");
	buf_free(&text);
}

static void of_a_name_that_is_there_twice_only_the_beginning_is_repeated(void **state)
{
	struct buf text = { 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		buf_add_str(&text, i ? STR(",\"") : STR("{\""));
		for (int n = 0; n < 40000; n++)
			buf_add_lit(&text, "\xc3\xa4");
		buf_add_lit(&text, "\":1");
	}
	buf_add_lit(&text, "}");
	check_malformed(buf_str(&text), NULL);
	assert_in_range(detail.n, 64, 200);
	buf_free(&text);
}

static void nesting_is_bounded(void **state)
{
	struct buf text = { 0 };

	(void)state;
	for (int levels = 31; levels <= 32; levels++) {
		text.n = 0;
		buf_add_lit(&text, "{\"title\":\"[[[[{{{{\",\"a\":");
		for (int i = 0; i < levels; i++)
			buf_add_char(&text, '[');
		for (int i = 0; i < levels; i++)
			buf_add_char(&text, ']');
		buf_add_char(&text, '}');
		if (levels < 32)
			assert_int_equal(read_body(buf_str(&text)), ERR_VALIDATION); /* unknown_field */
		else
			check_malformed(buf_str(&text), "There are more than 32 levels of nesting");
	}
	text.n = 0;
	for (int i = 0; i < 1000000; i++)
		buf_add_char(&text, '[');
	check_malformed(buf_str(&text), NULL);
	for (int i = 0; i < 1000000; i++)
		buf_add_char(&text, ']');
	check_malformed(buf_str(&text), "There are more than 32 levels of nesting");
	buf_free(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reset, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_body_is_called_empty),
		TEST(anything_but_an_object_is_refused),
		TEST(malformed_bodies_are_located),
		TEST(what_rfc_8259_does_not_know_is_malformed),
		TEST(text_that_is_not_unicode_is_malformed),
		TEST(nul_is_refused_in_every_string),
		TEST(duplicate_names_are_refused_at_every_level),
		TEST(a_hundred_thousand_names_are_compared_quickly),
		TEST(of_a_name_that_is_there_twice_only_the_beginning_is_repeated),
		TEST(nesting_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
