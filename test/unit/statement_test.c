#include "db/expected.h"
#include "db/sqlstate.h"
#include "db/statement.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* One member of each kind; a test encodes the one it names. */
struct all {
	struct uuid id;
	const struct uuid *maybe_id;
	struct str text;
	int32_t int4;
	const int32_t *maybe_int4;
	int64_t int8;
	bool boolean;
	const bool *maybe_boolean;
	struct db_array array;
	const struct db_array *maybe_array;
};

static struct arena arena;
static struct db_values values;

static int begin(void **state)
{
	(void)state;
	arena = ARENA_EMPTY;
	values = (struct db_values){ 0 };
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

static void encode(enum db_type type, bool nullable, size_t offset, const struct all *args)
{
	const struct statement_arg arg = { "x", type, nullable, offset };

	statement_encode(&arg, args, &arena, &values);
}

static void assert_bytes(int at, const void *bytes, size_t n)
{
	assert_true(at < values.count);
	assert_non_null(values.value[at]);
	assert_int_equal(values.length[at], n);
	assert_memory_equal(values.value[at], bytes, n);
}

#define ENCODE(type, nullable, member, ...)                                                                  \
	encode(type, nullable, offsetof(struct all, member), &(struct all){ .member = __VA_ARGS__ })

static void numbers_are_big_endian(void **state)
{
	static const int32_t negative = -2;
	static const bool no = false;

	(void)state;
	ENCODE(DB_INT4, false, int4, 0x01020304);
	assert_bytes(0, "\1\2\3\4", 4);
	ENCODE(DB_INT4, true, maybe_int4, &negative);
	assert_bytes(1, "\xff\xff\xff\xfe", 4);
	ENCODE(DB_INT8, false, int8, INT64_MIN);
	assert_bytes(2, "\x80\0\0\0\0\0\0\0", 8);
	ENCODE(DB_BOOL, false, boolean, true);
	assert_bytes(3, "\1", 1);
	ENCODE(DB_BOOL, true, maybe_boolean, &no);
	assert_bytes(4, "\0", 1);
	assert_int_equal(values.count, 5);
}

static void times_count_from_2000(void **state)
{
	(void)state;
	ENCODE(DB_DATE, false, int4, 10957);
	assert_bytes(0, "\0\0\0\0", 4);
	ENCODE(DB_DATE, false, int4, 10956);
	assert_bytes(1, "\xff\xff\xff\xff", 4);
	ENCODE(DB_TIMESTAMPTZ, false, int8, INT64_C(946684800000001));
	assert_bytes(2, "\0\0\0\0\0\0\0\1", 8);
	/* The ends of the types are no concern of the compiler's. */
	ENCODE(DB_DATE, false, int4, INT32_MIN);
	ENCODE(DB_TIMESTAMPTZ, false, int8, INT64_MIN);
	assert_int_equal(values.count, 5);
}

static void texts_are_copied(void **state)
{
	char text[] = "a\0b";

	(void)state;
	ENCODE(DB_TEXT, false, text, { text, 3 });
	text[0] = 'x';
	assert_bytes(0, "a\0b", 3);
	ENCODE(DB_TEXT, false, text, STR(""));
	assert_bytes(1, "", 0);
	ENCODE(DB_JSONB, false, text, STR("{}"));
	assert_bytes(2, "\1{}", 3);
	ENCODE(DB_BYTEA, true, text, { "\0\1", 2 });
	assert_bytes(3, "\0\1", 2);
}

static void what_is_absent_is_null(void **state)
{
	(void)state;
	ENCODE(DB_TEXT, true, text, STR_NONE);
	ENCODE(DB_BYTEA, true, text, STR_NONE);
	ENCODE(DB_UUID, true, maybe_id, NULL);
	ENCODE(DB_INT4, true, maybe_int4, NULL);
	ENCODE(DB_BOOL, true, maybe_boolean, NULL);
	ENCODE(DB_UUID_ARRAY, true, maybe_array, NULL);
	assert_int_equal(values.count, 6);
	for (int i = 0; i < 6; i++) {
		assert_null(values.value[i]);
		assert_int_equal(values.length[i], 0);
	}
}

static void uuids(void **state)
{
	static const struct uuid id = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 } };

	(void)state;
	ENCODE(DB_UUID, false, id, id);
	ENCODE(DB_UUID, true, maybe_id, &id);
	assert_bytes(0, id.b, 16);
	assert_bytes(1, id.b, 16);
}

static void arrays(void **state)
{
	static const struct str texts[] = { STR_INIT("ab"), STR_INIT(""), STR_INIT("c") };
	static const struct uuid ids[2] = { { { 1 } }, { { 2 } } };
	static const struct db_array id_array = { ids, 2 };
	static const char header[] = "\0\0\0\1\0\0\0\0\0\0\0\x19\0\0\0\3\0\0\0\1"
				     "\0\0\0\2ab\0\0\0\0\0\0\0\1c";
	static const char id_header[] = "\0\0\0\1\0\0\0\0\0\0\xb\x86\0\0\0\2\0\0\0\1\0\0\0\x10\1";

	(void)state;
	ENCODE(DB_TEXT_ARRAY, false, array, { texts, 3 });
	assert_bytes(0, header, sizeof(header) - 1);
	ENCODE(DB_UUID_ARRAY, true, maybe_array, &id_array);
	assert_int_equal(values.length[1], 20 + 2 * 20);
	assert_memory_equal(values.value[1], id_header, sizeof(id_header) - 1);
	/* None at all, which is not NULL. */
	ENCODE(DB_TEXT_ARRAY, false, array, { NULL, 0 });
	assert_bytes(2, "\0\0\0\0\0\0\0\0\0\0\0\x19", 12);
}

static void every_type_has_a_number(void **state)
{
	(void)state;
	for (int i = 0; i < DB_TYPE_COUNT; i++)
		assert_true(db_type_oid((enum db_type)i) > 0);
}

/* ---- expected ---- */

static void what_is_expected_comes_in_order(void **state)
{
	struct expected_ring r = { 0 };
	int in = 0, out = 0;

	(void)state;
	assert_null(expected_first(&r));
	/* The ring grows while its beginning is somewhere in the middle. */
	for (int round = 0; round < 50; round++) {
		for (int i = 0; i < 13; i++)
			expected_add(&r, EXPECT_EXECUTE, NULL, in++)->generation = 7;
		for (int i = 0; i < 7; i++, out++) {
			assert_int_equal(expected_first(&r)->index, out);
			assert_int_equal(expected_first(&r)->generation, 7);
			expected_drop_first(&r);
		}
	}
	assert_int_equal(r.count, (size_t)(in - out));
	while (expected_first(&r)) {
		assert_int_equal(expected_first(&r)->index, out++);
		expected_drop_first(&r);
	}
	assert_int_equal(in, out);
	expected_add(&r, EXPECT_EXECUTE, NULL, 1);
	expected_clear(&r);
	assert_null(expected_first(&r));
	assert_int_equal(expected_add(&r, EXPECT_PREPARE, NULL, 2)->generation, 0);
	assert_int_equal(expected_first(&r)->kind, EXPECT_PREPARE);
	expected_free(&r);
}

/* ---- sqlstate ---- */

static void codes_and_classes(void **state)
{
	static const struct {
		const char *sqlstate;
		enum err err;
	} table[] = {
		{ NULL, ERR_UNAVAILABLE },    { "08006", ERR_UNAVAILABLE }, { "23503", ERR_CONFLICT },
		{ "23505", ERR_CONFLICT },    { "23514", ERR_INTERNAL },    { "25006", ERR_UNAVAILABLE },
		{ "40001", ERR_BUSY },        { "40P01", ERR_BUSY },        { "53100", ERR_UNAVAILABLE },
		{ "53300", ERR_UNAVAILABLE }, { "55P03", ERR_BUSY },        { "57014", ERR_DEADLINE },
		{ "57P01", ERR_UNAVAILABLE }, { "57P03", ERR_UNAVAILABLE }, { "58030", ERR_UNAVAILABLE },
		{ "21000", ERR_INTERNAL },    { "42601", ERR_INTERNAL },    { "22021", ERR_INTERNAL },
		{ "XX000", ERR_INTERNAL },    { "", ERR_INTERNAL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		assert_int_equal(sqlstate_err(table[i].sqlstate), table[i].err);
	assert_true(sqlstate_is_read_only("25006"));
	assert_false(sqlstate_is_read_only("25001"));
	assert_false(sqlstate_is_read_only(NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbers_are_big_endian),
		TEST(times_count_from_2000),
		TEST(texts_are_copied),
		TEST(what_is_absent_is_null),
		TEST(uuids),
		TEST(arrays),
		TEST(every_type_has_a_number),
		TEST(what_is_expected_comes_in_order),
		TEST(codes_and_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
