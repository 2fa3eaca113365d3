#include "json/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static struct arena arena;
static struct field_errors errors;

static int reset(void **state)
{
	(void)state;
	arena_reset(&arena);
	arena_trim();
	errors = (struct field_errors){ .arena = &arena };
	return 0;
}

/* The value of a field, whatever its type. */
union value {
	struct str text;
	struct uuid id;
	int64_t number;
	int32_t days;
	bool flag;
};

static bool taken(const struct field *f, struct str text, union value *out)
{
	memset(out, 0, sizeof(*out));
	errors = (struct field_errors){ .arena = &arena };
	return field_check_text(f, text, STR("path"), out, &errors);
}

/* The text is refused with this code, once, under the path that was given, and with a detail. */
static void check_refused(const struct field *f, struct str text, const char *code)
{
	union value out;

	assert_false(taken(f, text, &out));
	assert_int_equal(errors.count, 1);
	assert_string_equal(errors.first->code, code);
	assert_true(str_eq_z(errors.first->field, "path"));
	assert_true(errors.first->detail.n > 0);
}

static void check_taken(const struct field *f, struct str text)
{
	union value out;

	assert_true(taken(f, text, &out));
	assert_int_equal(errors.count, 0);
	assert_true(str_eq(out.text, text));
}

static struct str repeated(const char *s, size_t times)
{
	size_t n = strlen(s);
	char *text = arena_alloc(&arena, n * times + 1);

	for (size_t i = 0; i < times; i++)
		memcpy(text + i * n, s, n);
	return (struct str){ text, n * times };
}

static void a_text_is_bounded_in_characters(void **state)
{
	const struct field f = { .name = "title", .type = FIELD_TEXT, .min = 1, .max = 255 };

	(void)state;
	check_refused(&f, STR(""), "too_short");
	check_taken(&f, STR("x"));
	check_taken(&f, repeated("x", 255));
	check_refused(&f, repeated("x", 256), "too_long");
	check_taken(&f, repeated("\xf0\x9f\x98\x80", 255));
	check_refused(&f, repeated("\xf0\x9f\x98\x80", 256), "too_long");
	assert_true(str_eq_z(errors.first->detail, "Must have 1 to 255 characters"));
}

static void bounds_may_be_open(void **state)
{
	const struct field free_of_bounds = { .name = "t", .type = FIELD_TEXT };
	const struct field at_least = { .name = "t", .type = FIELD_TEXT, .min = 3, .max = -1 };
	const struct field at_most = { .name = "t", .type = FIELD_TEXT, .max = 3 };
	const struct field exactly = { .name = "t", .type = FIELD_TEXT, .min = 3, .max = 3 };
	const struct field form = { .name = "t", .type = FIELD_TEXT, .min = 3, .max = 3, .example = "a-b" };

	(void)state;
	check_taken(&free_of_bounds, STR(""));
	check_taken(&free_of_bounds, repeated("x", 100000));
	check_taken(&at_least, repeated("x", 100000));
	check_refused(&at_least, STR("ab"), "too_short");
	assert_true(str_eq_z(errors.first->detail, "Must have at least 3 characters"));
	check_taken(&at_most, STR(""));
	check_refused(&at_most, STR("abcd"), "too_long");
	assert_true(str_eq_z(errors.first->detail, "Must have at most 3 characters"));
	check_refused(&exactly, STR("abcd"), "too_long");
	assert_true(str_eq_z(errors.first->detail, "Must have exactly 3 characters"));
	check_refused(&form, STR("ab"), "too_short");
	assert_true(str_eq_z(errors.first->detail, "Must have exactly 3 characters, such as a-b"));
}

static void a_password_is_bounded_in_bytes(void **state)
{
	const struct field f = {
		.name = "p", .type = FIELD_TEXT, .flags = FIELD_BYTES, .min = 12, .max = 16
	};

	(void)state;
	check_refused(&f, STR("12345678901"), "too_short");
	check_taken(&f, STR("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"));
	check_refused(&f, STR("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"),
		      "too_long");
	assert_true(str_eq_z(errors.first->detail, "Must have 12 to 16 bytes"));
}

static void blank_texts_and_control_characters_are_refused_where_it_is_said(void **state)
{
	const struct field plain = { .name = "t", .type = FIELD_TEXT };
	const struct field title = {
		.name = "t", .type = FIELD_TEXT, .flags = FIELD_NOT_BLANK | FIELD_SINGLE_LINE, .max = 9
	};

	(void)state;
	check_taken(&plain, STR("  "));
	check_taken(&plain, STR("a\r\n\tb\x1b\x7f"));
	check_refused(&plain, STR("a\0b"), "invalid_character");
	check_refused(&plain, STR("\xed\xa0\x80"), "invalid_character");
	check_refused(&title, STR(""), "blank");
	check_refused(&title, STR("   "), "blank");
	check_refused(&title, STR("\xe3\x80\x80\xc2\xa0"), "blank");
	check_refused(&title, STR("a\nb"), "invalid_character");
	check_refused(&title, STR("a\x7f"), "invalid_character");
	check_refused(&title, STR("a\tb"), "invalid_character");
	check_taken(&title, STR(" a "));
}

static void an_enumeration_takes_its_names_and_says_which(void **state)
{
	static const char *const names[] = { "open", "in_progress", "closed" };
	static const struct enum_names statuses = { "issue_status", names, 3 };
	const struct field f = { .name = "status", .type = FIELD_ENUM, .names = &statuses };
	union value out;

	(void)state;
	assert_true(taken(&f, STR("in_progress"), &out));
	assert_ptr_equal(out.text.p, names[1]);
	check_refused(&f, STR(""), "invalid_value");
	assert_true(str_eq_z(errors.first->detail, "Must be open, in_progress or closed"));
	check_refused(&f, STR("in-progress"), "invalid_value");
	assert_true(str_eq_z(errors.first->detail,
			     "Must be open, in_progress or closed; did you mean \"in_progress\"?"));
	check_refused(&f, STR("open "), "invalid_value");
	check_refused(&f, STR("ope"), "invalid_value");
}

static void numbers_are_whole_and_in_range(void **state)
{
	const struct field f = { .name = "size", .type = FIELD_INT, .min = 1, .max = 100 };
	const struct field any = { .name = "n", .type = FIELD_INT };
	union value out;

	(void)state;
	assert_true(taken(&f, STR("100"), &out) && out.number == 100);
	assert_true(taken(&f, STR("1"), &out) && out.number == 1);
	check_refused(&f, STR("0"), "out_of_range");
	check_refused(&f, STR("101"), "out_of_range");
	assert_true(str_eq_z(errors.first->detail, "Must be 1 to 100"));
	check_refused(&f, STR("99999999999999999999"), "out_of_range");
	assert_true(str_eq_z(errors.first->detail, "Must be 1 to 100"));
	check_refused(&f, STR("1.0"), "invalid_format");
	check_refused(&f, STR(""), "invalid_format");
	check_refused(&f, STR("ten"), "invalid_format");
	assert_true(taken(&any, STR("-9223372036854775808"), &out) && out.number == INT64_MIN);
	check_refused(&any, STR("9223372036854775808"), "out_of_range");
}

static void a_lower_bound_of_zero_is_one(void **state)
{
	const struct field f = { .name = "n", .type = FIELD_INT, .min = 0, .max = -1 };
	const struct field page = {
		.name = "page", .type = FIELD_INT, .min = 1, .max = INT64_MAX
	}; /* as good as none */
	union value out;

	(void)state;
	assert_true(taken(&f, STR("9223372036854775807"), &out));
	check_refused(&f, STR("-1"), "out_of_range");
	assert_true(str_eq_z(errors.first->detail, "Must be at least 0"));
	check_refused(&page, STR("0"), "out_of_range");
	assert_true(str_eq_z(errors.first->detail, "Must be at least 1"));
}

static void the_other_types_have_their_forms(void **state)
{
	const struct field id = { .name = "f", .type = FIELD_UUID },
			   flag = { .name = "f", .type = FIELD_BOOL };
	const struct field date = { .name = "f", .type = FIELD_DATE },
			   time = { .name = "f", .type = FIELD_TIMESTAMP };
	const struct field ref = { .name = "f", .type = FIELD_REF };
	union value out;

	(void)state;
	assert_true(taken(&id, STR("01932c07-20e6-7d32-9f4b-6a1c03e58b70"), &out));
	check_refused(&id, STR("01932c07"), "invalid_format");
	check_refused(&id, STR_NONE, "invalid_format");
	assert_true(taken(&flag, STR("true"), &out) && out.flag);
	assert_true(taken(&flag, STR("false"), &out) && !out.flag);
	check_refused(&flag, STR("TRUE"), "invalid_value");
	check_refused(&flag, STR("1"), "invalid_value");
	assert_true(taken(&date, STR("2024-02-29"), &out) && out.days == 19782);
	check_refused(&date, STR("2023-02-29"), "invalid_format");
	assert_true(taken(&time, STR("1970-01-01T01:00:00+01:00"), &out) && out.number == 0);
	check_refused(&time, STR("2026-11-20"), "invalid_format");
	check_taken(&ref, STR("web"));
	check_taken(&ref, STR("WEB-12"));
	check_taken(&ref, STR("01932c07-20e6-7d32-9f4b-6a1c03e58b70"));
	check_refused(&ref, STR("web-"), "invalid_format");
	check_refused(&ref, STR("w"), "invalid_format");
}

static void an_address_is_put_into_lower_case(void **state)
{
	const struct field f = { .name = "email", .type = FIELD_EMAIL, .example = "you@example.com" };
	union value out;

	(void)state;
	assert_true(taken(&f, STR("Ada@Example.ORG"), &out));
	assert_true(str_eq_z(out.text, "ada@example.org"));
	check_refused(&f, STR("ada"), "invalid_format");
	assert_true(str_eq_z(errors.first->detail, "Must be an e-mail address such as you@example.com"));
}

static void an_item_has_bounds_of_its_own(void **state)
{
	const struct field names = {
		.name = "label", .type = FIELD_TEXT, .flags = FIELD_REPEATED, .min = 2, .max = 3
	};
	const struct field numbers = {
		.name = "n", .type = FIELD_INT, .flags = FIELD_REPEATED, .min = 2, .max = 3
	};
	union value out;

	(void)state;
	check_refused(&names, STR(""), "too_short");
	check_taken(&names, STR("x"));
	check_taken(&names, repeated("x", FIELD_ITEM_MAX));
	check_refused(&names, repeated("x", FIELD_ITEM_MAX + 1), "too_long");
	assert_true(taken(&numbers, STR("1000"), &out));
}

static void the_number_of_items_is_bounded(void **state)
{
	const struct field f = {
		.name = "ids", .type = FIELD_UUID, .flags = FIELD_REPEATED, .min = 1, .max = 10000
	};
	const struct field any = { .name = "ids", .type = FIELD_UUID, .flags = FIELD_REPEATED };

	(void)state;
	assert_true(field_check_count(&f, 1, STR("ids"), &errors));
	assert_true(field_check_count(&f, 10000, STR("ids"), &errors));
	assert_true(field_check_count(&any, 0, STR("ids"), &errors));
	assert_false(field_check_count(&f, 0, STR("ids"), &errors));
	assert_string_equal(errors.last->code, "too_few");
	assert_false(field_check_count(&f, 10001, STR("ids"), &errors));
	assert_string_equal(errors.last->code, "too_many");
	assert_true(str_eq_z(errors.last->detail, "Must have 1 to 10000 items"));
}

static void a_secret_is_never_repeated_in_its_error(void **state)
{
	static const char *const names[] = { "alpha" };
	static const struct enum_names list = { "secret", names, 1 };

	(void)state;
	for (int type = FIELD_TEXT; type <= FIELD_REF; type++) {
		const struct field f = { .name = "s",
					 .type = (enum field_type)type,
					 .flags = FIELD_SECRET,
					 .min = 100,
					 .max = 200,
					 .names = &list };
		union value out;

		if (!taken(&f, STR("hunter2"), &out) && errors.first)
			assert_null(strstr(errors.first->detail.p, "hunter2"));
	}
}

static void only_so_many_errors_are_kept(void **state)
{
	(void)state;
	for (int i = 0; i < 2 * FIELD_ERRORS_MAX; i++) {
		assert_int_equal(field_errors_full(&errors), i >= FIELD_ERRORS_MAX);
		field_error_add(&errors, STR("f"), i == 0 ? "first" : "later", STR("detail"));
	}
	assert_int_equal(errors.count, FIELD_ERRORS_MAX);
	assert_string_equal(errors.first->code, "first");
	assert_null(errors.last->next);
}

static void sets_of_fields_hold_64(void **state)
{
	const struct field_set set = { .given = UINT64_C(1) << 63 | 1, .nulls = UINT64_C(1) << 63 };

	(void)state;
	assert_true(field_given(&set, 0));
	assert_true(field_given(&set, 63));
	assert_false(field_given(&set, 62));
	assert_true(field_null(&set, 63));
	assert_false(field_null(&set, 0));
	assert_false(field_given(&set, -1));
	assert_false(field_null(&set, -1));
}

static void an_unknown_name_is_refused_with_a_proposal(void **state)
{
	static const struct field fields[] = { { .name = "status" }, { .name = "priority" } };
	static const struct shape shape = { .name = "S", .fields = fields, .count = 2 };

	(void)state;
	assert_int_equal(shape_find(&shape, STR("priority")), 1);
	assert_int_equal(shape_find(&shape, STR("priorit")), -1);
	shape_refuse_unknown(&shape, STR("stauts"), "unknown_parameter", &errors);
	assert_string_equal(errors.last->code, "unknown_parameter");
	assert_true(str_eq_z(errors.last->field, "stauts"));
	assert_non_null(strstr(errors.last->detail.p, "did you mean \"status\"?"));
	shape_refuse_unknown(NULL, repeated("\xe2\x82\xac", 1000), "unknown_parameter", &errors);
	assert_int_equal(errors.last->field.n, 63);
	assert_null(strstr(errors.last->detail.p, "mean"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reset, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_text_is_bounded_in_characters),
		TEST(bounds_may_be_open),
		TEST(a_password_is_bounded_in_bytes),
		TEST(blank_texts_and_control_characters_are_refused_where_it_is_said),
		TEST(an_enumeration_takes_its_names_and_says_which),
		TEST(numbers_are_whole_and_in_range),
		TEST(a_lower_bound_of_zero_is_one),
		TEST(the_other_types_have_their_forms),
		TEST(an_address_is_put_into_lower_case),
		TEST(an_item_has_bounds_of_its_own),
		TEST(the_number_of_items_is_bounded),
		TEST(a_secret_is_never_repeated_in_its_error),
		TEST(only_so_many_errors_are_kept),
		TEST(sets_of_fields_hold_64),
		TEST(an_unknown_name_is_refused_with_a_proposal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
