#include "http/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct list_query {
	struct field_set given;
	int64_t page;
	struct str text;
	struct field_values status;
	struct field_values numbers;
	bool overdue;
};

static const char *const status_names[] = { "open", "in_progress", "closed" };
static const struct enum_names statuses = { "status", status_names, 3 };
static const struct field fields[] = {
	{ .name = "page",
	  .type = FIELD_INT,
	  .offset = offsetof(struct list_query, page),
	  .min = 1,
	  .max = 100 },
	{ .name = "q", .type = FIELD_TEXT, .offset = offsetof(struct list_query, text), .min = 0, .max = 20 },
	{ .name = "status",
	  .type = FIELD_ENUM,
	  .flags = FIELD_REPEATED,
	  .offset = offsetof(struct list_query, status),
	  .names = &statuses },
	{ .name = "n",
	  .type = FIELD_INT,
	  .flags = FIELD_REPEATED,
	  .offset = offsetof(struct list_query, numbers),
	  .min = 0,
	  .max = 10 },
	{ .name = "overdue", .type = FIELD_BOOL, .offset = offsetof(struct list_query, overdue) },
};
static const struct shape shape = SHAPE(struct list_query, "ListQuery", fields, "");

static struct arena arena;
static struct field_errors errors;
static struct list_query out;

static int setup(void **state)
{
	(void)state;
	arena = ARENA_EMPTY;
	errors = (struct field_errors){ .arena = &arena };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

static enum err query(const char *text)
{
	errors = (struct field_errors){ .arena = &arena };
	return query_read(str_of(text), &shape, &out, &errors);
}

static void expect_error(const char *text, const char *field, const char *code)
{
	assert_int_equal(query(text), ERR_VALIDATION);
	assert_int_equal(errors.count, 1);
	assert_true(str_eq_z(errors.first->field, field));
	assert_string_equal(errors.first->code, code);
}

static void absent_and_empty_queries_give_nothing(void **state)
{
	static const char *const texts[] = { NULL, "", "&", "&&" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(query(texts[i]), ERR_NONE);
		assert_int_equal(out.given.given, 0);
		assert_null(out.text.p);
	}
}

static void values_are_decoded_and_checked(void **state)
{
	(void)state;
	assert_int_equal(query("page=7&q=a+b%2Bc%26%C3%A4&overdue=true"), ERR_NONE);
	assert_int_equal(out.page, 7);
	assert_true(str_eq(out.text, STR("a b+c&\xc3\xa4")));
	assert_true(out.overdue);
	assert_true(field_given(&out.given, 0));
	assert_false(field_given(&out.given, 2));
}

static void names_are_decoded_too(void **state)
{
	(void)state;
	assert_int_equal(query("p%61ge=7"), ERR_NONE);
	assert_int_equal(out.page, 7);
}

static void value_may_be_empty_or_hold_equal_signs(void **state)
{
	(void)state;
	assert_int_equal(query("q="), ERR_NONE);
	assert_non_null(out.text.p);
	assert_int_equal(out.text.n, 0);
	assert_int_equal(query("q"), ERR_NONE);
	assert_non_null(out.text.p);
	assert_int_equal(query("q=a=b"), ERR_NONE);
	assert_true(str_eq(out.text, STR("a=b")));
}

static void repeated_field_collects_from_parameters_and_commas(void **state)
{
	const struct str *v;

	(void)state;
	assert_int_equal(query("status=open,closed&page=1&status=in_progress&status=o%70en,open,open"),
			 ERR_NONE);
	v = out.status.v;
	assert_int_equal(out.status.n, 6);
	assert_true(str_eq(v[0], STR("open")));
	assert_true(str_eq(v[1], STR("closed")));
	assert_true(str_eq(v[2], STR("in_progress")));
	assert_true(str_eq(v[5], STR("open")));
}

static void encoded_comma_is_part_of_the_value(void **state)
{
	(void)state;
	expect_error("status=open%2Cclosed", "status", "invalid_value");
}

static void repeated_field_is_bounded(void **state)
{
	const int64_t *v;

	(void)state;
	assert_int_equal(query("n=1,2,3,4,5,6,7,8,9,10"), ERR_NONE);
	v = out.numbers.v;
	assert_int_equal(v[9], 10);
	expect_error("n=1,2,3,4,5,6,7,8,9,10&n=11", "n", "too_many");
}

static void each_error_is_reported_once(void **state)
{
	(void)state;
	expect_error("page=0", "page", "out_of_range");
	expect_error("page=abc", "page", "invalid_format");
	expect_error("page=", "page", "invalid_format");
	expect_error("page=1&page=1", "page", "repeated_parameter");
	expect_error("status=", "status", "invalid_value");
	expect_error("status=open,nope", "status", "invalid_value");
	expect_error("pagee=1", "pagee", "unknown_parameter");
	expect_error("=1", "", "unknown_parameter");
}

static void all_errors_come_together(void **state)
{
	(void)state;
	assert_int_equal(query("page=0&x=1&status=y&overdue=maybe"), ERR_VALIDATION);
	assert_int_equal(errors.count, 4);
}

static void malformed_queries_are_refused_as_such(void **state)
{
	static const char *const texts[] = { "q=%",   "q=%4", "q=%zz",         "q=%00",
					     "q=%ff", "%=1",  "status=open,%", "q=%C3" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (query(texts[i]) != ERR_BAD_QUERY)
			fail_msg("%s", texts[i]);
	}
}

static void parameters_are_counted(void **state)
{
	char text[2 * (QUERY_PARAMS_MAX + 1) + 8];

	(void)state;
	for (int i = 0; i < QUERY_PARAMS_MAX + 1; i++)
		memcpy(text + 2 * i, "x&", 2);
	text[2 * QUERY_PARAMS_MAX] = '\0';
	assert_int_equal(query(text), ERR_VALIDATION);
	assert_true(errors.count <= FIELD_ERRORS_MAX);
	text[2 * QUERY_PARAMS_MAX] = 'x';
	text[2 * QUERY_PARAMS_MAX + 1] = '\0';
	assert_int_equal(query(text), ERR_BAD_QUERY);
}

static void without_a_shape_no_parameter_is_allowed(void **state)
{
	(void)state;
	assert_int_equal(query_read(STR_NONE, NULL, NULL, &errors), ERR_NONE);
	assert_int_equal(query_read(STR("&"), NULL, NULL, &errors), ERR_NONE);
	assert_int_equal(query_read(STR("a=1"), NULL, NULL, &errors), ERR_VALIDATION);
}

static void required_parameters_must_be_there(void **state)
{
	struct needy {
		struct field_set given;
		struct str word;
	} needy;
	static const struct field word[] = {
		{ .name = "word",
		  .type = FIELD_TEXT,
		  .flags = FIELD_REQUIRED,
		  .offset = offsetof(struct needy, word) },
	};
	static const struct shape needed = SHAPE(struct needy, "Needy", word, "");

	(void)state;
	assert_int_equal(query_read(STR("word=a"), &needed, &needy, &errors), ERR_NONE);
	assert_int_equal(query_read(STR_NONE, &needed, &needy, &errors), ERR_VALIDATION);
	assert_true(str_eq_z(errors.first->field, "word"));
	assert_string_equal(errors.first->code, "required");
}

/* What stands behind a text is none of its business. */
static void decoding_keeps_within_its_text(void **state)
{
	static const char bytes[] = "a%41";
	struct str decoded;

	(void)state;
	assert_true(percent_decode(&arena, (struct str){ bytes, 4 }, false, &decoded));
	assert_true(str_eq(decoded, STR("aA")));
	assert_false(percent_decode(&arena, (struct str){ bytes, 3 }, false, &decoded));
	assert_false(percent_decode(&arena, (struct str){ bytes, 2 }, false, &decoded));
	assert_true(percent_decode(&arena, (struct str){ bytes, 1 }, false, &decoded));
}

static void what_needs_no_decoding_is_checked_as_well(void **state)
{
	static const struct str texts[] = { STR_INIT("a\xff"), STR_INIT("a\0b"), STR_INIT("\xc3"),
					    STR_INIT("\xed\xa0\x80") };
	struct str decoded;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_false(percent_decode(&arena, texts[i], false, &decoded));
		assert_false(percent_decode(&arena, texts[i], true, &decoded));
	}
}

static void plus_is_a_space_in_forms_alone(void **state)
{
	struct str decoded;

	(void)state;
	assert_true(percent_decode(&arena, STR("a+b%2B%20"), false, &decoded));
	assert_true(str_eq(decoded, STR("a+b+ ")));
	assert_true(percent_decode(&arena, STR("a+b%2B%20"), true, &decoded));
	assert_true(str_eq(decoded, STR("a b+ ")));
}

static void merging_adds_what_is_missing_and_names_what_is_there_twice(void **state)
{
	struct list_query more;

	(void)state;
	assert_int_equal(query("page=7&status=open"), ERR_NONE);
	more = out;
	assert_int_equal(query("q=x"), ERR_NONE);
	assert_null(query_merge(&shape, &out, &more));
	assert_int_equal(out.page, 7);
	assert_int_equal(out.status.n, 1);
	assert_true(str_eq_z(out.text, "x"));
	assert_true(field_given(&out.given, 0) && field_given(&out.given, 1) && field_given(&out.given, 2));
	assert_int_equal(query("page=3"), ERR_NONE);
	assert_string_equal(query_merge(&shape, &out, &more), "page");
	assert_int_equal(out.page, 3);
}

static void encoding_and_decoding_are_inverse(void **state)
{
	struct buf encoded = { 0 };
	char all[255];
	struct str decoded;

	(void)state;
	for (int i = 0; i < 127; i++)
		all[i] = (char)(i + 1);
	percent_encode(&encoded, (struct str){ all, 127 });
	assert_true(percent_decode(&arena, buf_str(&encoded), false, &decoded));
	assert_int_equal(decoded.n, 127);
	assert_memory_equal(decoded.p, all, 127);
	assert_true(percent_decode(&arena, buf_str(&encoded), true, &decoded));
	assert_memory_equal(decoded.p, all, 127);
	buf_clear(&encoded, 4096);
	percent_encode(&encoded, STR("aZ09-._~ /?&=\xc3\xa4"));
	assert_true(str_eq(buf_str(&encoded), STR("aZ09-._~%20%2F%3F%26%3D%C3%A4")));
	buf_free(&encoded);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(absent_and_empty_queries_give_nothing),
		TEST(values_are_decoded_and_checked),
		TEST(names_are_decoded_too),
		TEST(value_may_be_empty_or_hold_equal_signs),
		TEST(repeated_field_collects_from_parameters_and_commas),
		TEST(encoded_comma_is_part_of_the_value),
		TEST(repeated_field_is_bounded),
		TEST(each_error_is_reported_once),
		TEST(all_errors_come_together),
		TEST(malformed_queries_are_refused_as_such),
		TEST(parameters_are_counted),
		TEST(without_a_shape_no_parameter_is_allowed),
		TEST(required_parameters_must_be_there),
		TEST(decoding_keeps_within_its_text),
		TEST(what_needs_no_decoding_is_checked_as_well),
		TEST(plus_is_a_space_in_forms_alone),
		TEST(merging_adds_what_is_missing_and_names_what_is_there_twice),
		TEST(encoding_and_decoding_are_inverse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
