#include "json/read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

struct frame {
	struct field_set given;
	int64_t width, height;
};

struct body {
	struct field_set given;
	struct frame frame;
	struct str title, status;
	struct uuid id;
	int64_t count;
	bool flag;
	int32_t day;
	struct field_values ids, words, numbers;
};

enum { TITLE, STATUS, ID, COUNT, FLAG, DAY, IDS, WORDS, NUMBERS, FRAME };

static const char *const status_names[] = { "open", "closed" };
static const struct enum_names statuses = { "status", status_names, 2 };
#define WITHIN(member) .offset = offsetof(struct frame, member)
static const struct field frame_fields[] = {
	{ .name = "width", .type = FIELD_INT, .flags = FIELD_REQUIRED, WITHIN(width), .min = 1, .max = 9 },
	{ .name = "height", .type = FIELD_INT, WITHIN(height), .min = 1, .max = 9 },
};
static const struct shape frame_shape = SHAPE(struct frame, "Frame", frame_fields, "A frame.");

#define AT(member) .offset = offsetof(struct body, member)
static const struct field fields[] = {
	[TITLE] = { .name = "title",
		    .type = FIELD_TEXT,
		    /* What must be given may not be null, whatever else is said of it. */
		    .flags = FIELD_REQUIRED | FIELD_NOT_BLANK | FIELD_NULLABLE,
		    AT(title),
		    .max = 10 },
	[STATUS] = { .name = "status", .type = FIELD_ENUM, AT(status), .names = &statuses },
	[ID] = { .name = "id", .type = FIELD_UUID, .flags = FIELD_NULLABLE, AT(id) },
	[COUNT] = { .name = "count", .type = FIELD_INT, AT(count), .min = -5, .max = 5 },
	[FLAG] = { .name = "flag", .type = FIELD_BOOL, AT(flag) },
	[DAY] = { .name = "day", .type = FIELD_DATE, .flags = FIELD_NULLABLE, AT(day) },
	[IDS] = { .name = "ids",
		  .type = FIELD_UUID,
		  .flags = FIELD_REPEATED | FIELD_NULLABLE,
		  AT(ids),
		  .min = 1,
		  .max = 3 },
	[WORDS] = { .name = "words", .type = FIELD_TEXT, .flags = FIELD_REPEATED, AT(words) },
	[NUMBERS] = { .name = "numbers", .type = FIELD_INT, .flags = FIELD_REPEATED, AT(numbers) },
	[FRAME] = { .name = "frame", .type = FIELD_OBJECT, AT(frame), .shape = &frame_shape },
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
	memset(&body, 0xff, sizeof(body));
	return json_read((struct str){ copy, text.n }, &shape, &body, &errors, &detail);
}

static void check_invalid(const char *text, const char *field, const char *code)
{
	assert_int_equal(read_body(str_of(text)), ERR_VALIDATION);
	assert_int_equal(errors.count, 1);
	assert_string_equal(errors.first->code, code);
	assert_string_equal(arena_str(&arena, errors.first->field).p, field);
	assert_true(errors.first->detail.n > 0);
}

static void every_type_is_read(void **state)
{
	const struct uuid *ids;
	const struct str *words;

	(void)state;
	assert_int_equal(
		read_body(STR(
			" {\"title\": \"a\\u00e4\\ud83d\\ude00\\n\", \"status\": \"closed\", \"count\": -5,\n"
			"\"id\": \"01932c07-20e6-7d32-9f4b-6a1c03e58b70\", \"flag\": true, "
			"\"day\": \"1970-01-02\", \"numbers\": [9223372036854775807, -9223372036854775808],"
			"\"ids\": [\"01932c07-20e6-7d32-9f4b-6a1c03e58b71\"], \"words\": [\"a\", \"b\"]}\r\n")),
		ERR_NONE);
	assert_true(str_eq_z(body.title, "a\xc3\xa4\xf0\x9f\x98\x80\n"));
	assert_ptr_equal(body.status.p, status_names[1]);
	assert_int_equal(body.id.b[15], 0x70);
	assert_int_equal(body.count, -5);
	assert_true(body.flag);
	assert_int_equal(body.day, 1);
	ids = body.ids.v;
	assert_int_equal(body.ids.n, 1);
	assert_int_equal(ids[0].b[15], 0x71);
	words = body.words.v;
	assert_int_equal(body.words.n, 2);
	assert_true(str_eq_z(words[1], "b"));
	assert_true(((const int64_t *)body.numbers.v)[0] == INT64_MAX);
	assert_true(((const int64_t *)body.numbers.v)[1] == INT64_MIN);
	assert_true(body.given.given == 0x1ff);
	assert_true(body.given.nulls == 0);
}

static void what_is_absent_is_zero_and_not_given(void **state)
{
	(void)state;
	assert_int_equal(read_body(STR("{\"title\":\"x\"}")), ERR_NONE);
	assert_true(field_given(&body.given, TITLE));
	assert_false(field_given(&body.given, COUNT));
	assert_null(body.status.p);
	assert_int_equal(body.count, 0);
	assert_int_equal(body.ids.n, 0);
}

static void null_is_given_where_it_is_allowed(void **state)
{
	(void)state;
	assert_int_equal(read_body(STR("{\"title\":\"x\",\"id\":null,\"day\":null,\"ids\":null}")), ERR_NONE);
	assert_true(field_given(&body.given, ID) && field_null(&body.given, ID));
	assert_true(field_null(&body.given, DAY) && field_null(&body.given, IDS));
	assert_false(field_null(&body.given, TITLE));
	check_invalid("{\"title\":null}", "title", "null_not_allowed");
	check_invalid("{\"title\":\"x\",\"count\":null}", "count", "null_not_allowed");
	check_invalid("{\"title\":\"x\",\"words\":[null]}", "words[0]", "null_not_allowed");
}

static void required_fields_must_be_there(void **state)
{
	(void)state;
	check_invalid("{}", "title", "required");
	check_invalid("{\"count\":1}", "title", "required");
}

static void unknown_fields_are_refused_with_a_proposal(void **state)
{
	(void)state;
	check_invalid("{\"title\":\"x\",\"stauts\":\"open\"}", "stauts", "unknown_field");
	assert_non_null(strstr(errors.first->detail.p, "did you mean \"status\"?"));
	check_invalid("{\"title\":\"x\",\"Title\":\"y\"}", "Title", "unknown_field");
	check_invalid("{\"title\":\"x\",\"\":1}", "", "unknown_field");
	check_invalid("{\"title\":\"x\",\"__proto__\":{\"a\":[]}}", "__proto__", "unknown_field");
}

static void wrong_types_are_refused(void **state)
{
	(void)state;
	check_invalid("{\"title\":1}", "title", "invalid_type");
	check_invalid("{\"title\":[\"x\"]}", "title", "invalid_type");
	check_invalid("{\"title\":\"x\",\"count\":\"1\"}", "count", "invalid_type");
	assert_string_equal(errors.first->detail.p, "Must be a whole number, not a string");
	check_invalid("{\"title\":\"x\",\"count\":1.0}", "count", "invalid_type");
	check_invalid("{\"title\":\"x\",\"count\":1e0}", "count", "invalid_type");
	check_invalid("{\"title\":\"x\",\"count\":true}", "count", "invalid_type");
	check_invalid("{\"title\":\"x\",\"flag\":1}", "flag", "invalid_type");
	check_invalid("{\"title\":\"x\",\"flag\":\"true\"}", "flag", "invalid_type");
	check_invalid("{\"title\":\"x\",\"id\":{}}", "id", "invalid_type");
	check_invalid("{\"title\":\"x\",\"ids\":\"01932c07-20e6-7d32-9f4b-6a1c03e58b70\"}", "ids",
		      "invalid_type");
	assert_string_equal(errors.first->detail.p, "Must be an array, not a string");
	check_invalid("{\"title\":\"x\",\"ids\":[7]}", "ids[0]", "invalid_type");
	assert_string_equal(errors.first->detail.p, "Must be a string, not a number");
	check_invalid("{\"title\":\"x\",\"words\":[\"a\",[\"b\"]]}", "words[1]", "invalid_type");
}

static void numbers_of_any_size_get_an_answer(void **state)
{
	static const char *const huge[] = { "6",
					    "-6",
					    "9223372036854775808",
					    "18446744073709551615",
					    "18446744073709551616",
					    "-9223372036854775809",
					    "123456789012345678901234567890" };
	char text[100];

	(void)state;
	for (size_t i = 0; i < sizeof(huge) / sizeof(*huge); i++) {
		strcpy(text, "{\"title\":\"x\",\"count\":");
		strcat(strcat(text, huge[i]), "}");
		check_invalid(text, "count", "out_of_range");
		assert_string_equal(errors.first->detail.p, "Must be -5 to 5");
	}
	check_invalid("{\"title\":\"x\",\"count\":1e999}", "count", "invalid_type");
	assert_int_equal(read_body(STR("{\"title\":\"x\",\"numbers\":[9223372036854775808]}")),
			 ERR_VALIDATION);
	assert_string_equal(errors.first->code, "out_of_range");
}

static void items_are_named_by_their_place(void **state)
{
	(void)state;
	check_invalid("{\"title\":\"x\",\"ids\":[\"01932c07-20e6-7d32-9f4b-6a1c03e58b71\",\"no\"]}", "ids[1]",
		      "invalid_format");
	check_invalid("{\"title\":\"x\",\"words\":[\"a\",\"\"]}", "words[1]", "too_short");
	check_invalid("{\"title\":\"x\",\"ids\":[]}", "ids", "too_few");
	check_invalid("{\"title\":\"x\",\"ids\":[1,2,3,4]}", "ids", "too_many");
	assert_int_equal(read_body(STR("{\"title\":\"x\",\"words\":[]}")), ERR_NONE);
}

static void objects_within_are_read_and_their_fields_named_by_where_they_are(void **state)
{
	(void)state;
	assert_int_equal(read_body(STR("{\"title\":\"x\",\"frame\":{\"width\":3}}")), ERR_NONE);
	assert_true(field_given(&body.given, FRAME));
	assert_int_equal(body.frame.width, 3);
	assert_true(field_given(&body.frame.given, 0) && !field_given(&body.frame.given, 1));
	check_invalid("{\"title\":\"x\",\"frame\":{\"width\":10}}", "frame.width", "out_of_range");
	check_invalid("{\"title\":\"x\",\"frame\":{}}", "frame.width", "required");
	check_invalid("{\"title\":\"x\",\"frame\":{\"width\":1,\"depth\":1}}", "frame.depth",
		      "unknown_field");
	check_invalid("{\"title\":\"x\",\"frame\":[]}", "frame", "invalid_type");
	check_invalid("{\"title\":\"x\",\"frame\":null}", "frame", "null_not_allowed");
	/* Those of the body itself keep their names, whichever came first. */
	assert_int_equal(read_body(STR("{\"title\":1,\"frame\":{\"width\":0}}")), ERR_VALIDATION);
	assert_string_equal(arena_str(&arena, errors.first->field).p, "title");
	assert_string_equal(arena_str(&arena, errors.last->field).p, "frame.width");
}

static void all_failing_fields_are_told_at_once(void **state)
{
	(void)state;
	assert_int_equal(read_body(STR("{\"status\":\"x\",\"count\":9,\"flag\":0,\"id\":\"\",\"other\":1}")),
			 ERR_VALIDATION);
	assert_int_equal(errors.count, 6);
	assert_string_equal(errors.first->code, "invalid_value");
	assert_string_equal(errors.last->code, "required");
	assert_null(detail.p);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reset, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_type_is_read),
		TEST(what_is_absent_is_zero_and_not_given),
		TEST(null_is_given_where_it_is_allowed),
		TEST(required_fields_must_be_there),
		TEST(unknown_fields_are_refused_with_a_proposal),
		TEST(wrong_types_are_refused),
		TEST(numbers_of_any_size_get_an_answer),
		TEST(items_are_named_by_their_place),
		TEST(objects_within_are_read_and_their_fields_named_by_where_they_are),
		TEST(all_failing_fields_are_told_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
