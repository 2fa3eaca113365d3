#include "json/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <yyjson.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct buf out;

static struct json start(void)
{
	out.n = 0;
	return json_writer(&out);
}

#define assert_written(text) assert_true(str_eq(buf_str(&out), STR(text)))

static int tear_down(void **state)
{
	(void)state;
	buf_free(&out);
	return 0;
}

static void commas_stand_between_values_and_nowhere_else(void **state)
{
	struct json j = start();

	(void)state;
	json_object_begin(&j);
	json_key(&j, STR("items"));
	json_array_begin(&j);
	json_array_begin(&j);
	json_array_end(&j);
	json_object_begin(&j);
	json_object_end(&j);
	json_int(&j, 1);
	json_null(&j);
	json_array_end(&j);
	json_key_raw(&j, JSON_KEY("ok"));
	json_bool(&j, true);
	json_key_raw(&j, JSON_KEY("no"));
	json_bool(&j, false);
	json_key_raw(&j, JSON_KEY("raw"));
	json_raw(&j, STR("{\"a\":[1]}"));
	json_key_raw(&j, JSON_KEY("absent"));
	json_raw(&j, STR_NONE);
	json_object_end(&j);
	assert_written(
		"{\"items\":[[],{},1,null],\"ok\":true,\"no\":false,\"raw\":{\"a\":[1]},\"absent\":null}");
}

static void integers_reach_their_limits(void **state)
{
	struct json j = start();

	(void)state;
	json_array_begin(&j);
	json_int(&j, 0);
	json_int(&j, -1);
	json_int(&j, INT64_MAX);
	json_int(&j, INT64_MIN);
	json_array_end(&j);
	assert_written("[0,-1,9223372036854775807,-9223372036854775808]");
}

static void only_what_must_be_escaped_is(void **state)
{
	struct json j = start();

	(void)state;
	json_str(&j, STR("\"\\/\b\f\n\r\t\x01\x1f\x7f\xe2\x80\xa8 </script> \xc3\xa4"));
	assert_written("\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xe2\x80\xa8 </script> \xc3\xa4\"");
}

static void an_absent_text_is_null_and_an_empty_one_is_empty(void **state)
{
	struct json j = start();

	(void)state;
	json_array_begin(&j);
	json_str(&j, STR_NONE);
	json_str(&j, STR(""));
	json_array_end(&j);
	assert_written("[null,\"\"]");
}

static void names_are_escaped_too(void **state)
{
	struct json j = start();

	(void)state;
	json_object_begin(&j);
	json_key(&j, STR("a\"b"));
	json_null(&j);
	json_object_end(&j);
	assert_written("{\"a\\\"b\":null}");
}

/* Writes the text, lets yyjson read it, and compares. */
static void check_reads_back(struct str text)
{
	struct json j = start();
	yyjson_doc *doc;
	yyjson_val *v;

	json_str(&j, text);
	doc = yyjson_read(out.p, out.n, 0);
	assert_non_null(doc);
	v = yyjson_doc_get_root(doc);
	assert_true(str_eq((struct str){ yyjson_get_str(v), yyjson_get_len(v) }, text));
	yyjson_doc_free(doc);
}

static void every_byte_at_every_place_reads_back(void **state)
{
	char text[40];

	(void)state;
	for (int c = 0; c < 128; c++) {
		for (size_t n = 1; n <= 20; n++) {
			for (size_t at = 0; at < n; at++) {
				memset(text, 'x', sizeof(text));
				text[at] = (char)c;
				check_reads_back((struct str){ text, n });
			}
		}
	}
}

static void texts_of_escapes_only_read_back(void **state)
{
	char text[5000];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i % 0x20);
	check_reads_back((struct str){ text, sizeof(text) });
	memset(text, '"', sizeof(text));
	check_reads_back((struct str){ text, sizeof(text) });
}

static void bytes_above_ascii_are_never_taken_for_escapes(void **state)
{
	char text[256];

	(void)state;
	for (size_t at = 0; at + 2 < sizeof(text); at += 3)
		memcpy(text + at, "\xe2\xa2\xa2", 3); /* bytes with '"' and the high bit */
	check_reads_back((struct str){ text, 255 });
	for (size_t at = 0; at + 1 < sizeof(text); at += 2)
		memcpy(text + at, "\xc2\x9c", 2);
	check_reads_back((struct str){ text, 256 });
}

static void check_double(double v)
{
	struct json j = start();

	json_double(&j, v);
	buf_add_char(&out, '\0');
	assert_true(strtod(out.p, NULL) == v);
}

static void doubles_read_back_the_same(void **state)
{
	uint64_t bits = 88172645463325252u;
	double v;

	(void)state;
	check_double(0.0);
	check_double(0.1 + 0.2);
	check_double(DBL_MAX);
	check_double(-DBL_MIN);
	check_double(5e-324);
	check_double(1.0 / 3);
	check_double(9007199254740993.0);
	for (int i = 0; i < 100000; i++) {
		bits ^= bits << 13;
		bits ^= bits >> 7;
		bits ^= bits << 17;
		memcpy(&v, &bits, sizeof(v));
		if (isfinite(v))
			check_double(v);
	}
}

static void doubles_are_short(void **state)
{
	struct json j = start();

	(void)state;
	json_array_begin(&j);
	json_double(&j, 0.1);
	json_double(&j, -2.5);
	json_double(&j, 1e300);
	json_double(&j, 99.9);
	json_array_end(&j);
	assert_written("[0.1,-2.5,1e300,99.9]");
}

static void what_is_not_finite_is_null(void **state)
{
	struct json j = start();

	(void)state;
	json_array_begin(&j);
	json_double(&j, (double)NAN);
	json_double(&j, (double)INFINITY);
	json_double(&j, -(double)INFINITY);
	json_array_end(&j);
	assert_written("[null,null,null]");
}

static void ids_and_times_stand_in_quotes(void **state)
{
	struct json j = start();
	struct uuid u;

	(void)state;
	assert_true(uuid_parse(STR("01932c07-20e6-7d32-9f4b-6a1c03e58b70"), &u));
	json_array_begin(&j);
	json_uuid(&j, &u);
	json_timestamp(&j, INT64_C(1795169410123456));
	json_date(&j, 20777);
	json_array_end(&j);
	assert_written(
		"[\"01932c07-20e6-7d32-9f4b-6a1c03e58b70\",\"2026-11-20T10:10:10.123456Z\",\"2026-11-20\"]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_stand_between_values_and_nowhere_else),
		cmocka_unit_test(integers_reach_their_limits),
		cmocka_unit_test(only_what_must_be_escaped_is),
		cmocka_unit_test(an_absent_text_is_null_and_an_empty_one_is_empty),
		cmocka_unit_test(names_are_escaped_too),
		cmocka_unit_test(every_byte_at_every_place_reads_back),
		cmocka_unit_test(texts_of_escapes_only_read_back),
		cmocka_unit_test(bytes_above_ascii_are_never_taken_for_escapes),
		cmocka_unit_test(doubles_read_back_the_same),
		cmocka_unit_test(doubles_are_short),
		cmocka_unit_test(what_is_not_finite_is_null),
		cmocka_unit_test(ids_and_times_stand_in_quotes),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
