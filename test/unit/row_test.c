#include "db/row.h"

#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Results as the server would send them, in binary. */

struct column {
	const char *name;
	Oid type;
	const char *bytes; /* NULL: NULL */
	int length;
};

#define BYTES(literal) "" literal, sizeof(literal) - 1

static const struct column everything[] = {
	{ "id", 2950, BYTES("\x12\x34\x56\x78\x9a\xbc\xde\xf0\1\2\3\4\5\6\7\x8") },
	{ "_secret", 25, BYTES("not shown") },
	{ "title", 25, BYTES("a \"b\"\n") },
	{ "status", 16999, BYTES("open") },
	{ "active", 16, BYTES("\1") },
	{ "small", 21, BYTES("\xff\xfe") },
	{ "version", 23, BYTES("\0\0\1\0") },
	{ "big", 20, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff") },
	{ "share", 701, BYTES("\x3f\xe0\0\0\0\0\0\0") },
	{ "due", 1082, BYTES("\0\0\0\1") },
	{ "created_at", 1184, BYTES("\0\0\0\0\0\xf\x42\x40") },
	{ "labels", 114, BYTES("[1]") },
	{ "changes", 3802, BYTES("\1{}") },
	{ "ids", 2951,
	  BYTES("\0\0\0\1\0\0\0\0\0\0\xb\x86\0\0\0\1\0\0\0\1\0\0\0\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1") },
	{ "no_ids", 2951, BYTES("\0\0\0\0\0\0\0\0\0\0\xb\x86") },
	{ "empty", 25, BYTES("") },
	{ "none", 25, NULL, 0 },
	{ "no_date", 1082, NULL, 0 },
};

static PGresult *make(const struct column *columns, int n)
{
	PGresult *r = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc attributes[ROW_COLUMNS_MAX + 8];

	memset(attributes, 0, sizeof(attributes));
	for (int i = 0; i < n; i++) {
		attributes[i].name = (char *)(uintptr_t)columns[i].name;
		attributes[i].format = 1;
		attributes[i].typid = columns[i].type;
	}
	assert_true(PQsetResultAttrs(r, n, attributes));
	for (int i = 0; i < n; i++)
		assert_true(PQsetvalue(r, 0, i, (char *)(uintptr_t)columns[i].bytes,
				       columns[i].bytes ? columns[i].length : -1));
	return r;
}

static PGresult *make_everything(void)
{
	return make(everything, sizeof(everything) / sizeof(*everything));
}

static int end(void **state)
{
	(void)state;
	row_stop();
	return 0;
}

static void assert_written(const PGresult *r, const struct row_shape *s, uint64_t mask, const char *expected)
{
	struct buf out = { 0 };
	struct json j = json_writer(&out);

	row_write(&j, s, r, 0, mask);
	buf_add_char(&out, '\0');
	assert_string_equal(out.p, expected);
	buf_free(&out);
}

static void a_row_is_an_object(void **state)
{
	PGresult *r = make_everything();
	const struct row_shape *s = row_shape(everything, r);

	(void)state;
	assert_int_equal(s->version_column, 6);
	assert_written(r, s, UINT64_MAX,
		       "{\"id\":\"12345678-9abc-def0-0102-030405060708\",\"title\":\"a \\\"b\\\"\\n\","
		       "\"status\":\"open\",\"active\":true,\"small\":-2,\"version\":256,\"big\":-1,"
		       "\"share\":0.5,\"due\":\"2000-01-02\",\"created_at\":\"2000-01-01T00:00:01.000000Z\","
		       "\"labels\":[1],\"changes\":{},\"ids\":[\"00000000-0000-0000-0000-000000000001\"],"
		       "\"no_ids\":[],\"empty\":\"\",\"none\":null,\"no_date\":null}");
	PQclear(r);
}

static void only_what_is_asked_for(void **state)
{
	PGresult *r = make_everything();
	const struct row_shape *s = row_shape(everything, r);

	(void)state;
	assert_written(r, s, row_field(s, STR("small")) | row_field(s, STR("empty")),
		       "{\"small\":-2,\"empty\":\"\"}");
	assert_written(r, s, 0, "{}");
	assert_int_equal(row_field(s, STR("_secret")), 0);
	assert_int_equal(row_field(s, STR("sma")), 0);
	assert_int_equal(row_field(s, STR("smalls")), 0);
	assert_int_equal(row_field(s, STR("")), 0);
	/* A bit that is set for what is not written writes nothing. */
	assert_written(r, s, UINT64_C(1) << 1, "{}");
	PQclear(r);
}

static void single_values(void **state)
{
	PGresult *r = make_everything();

	(void)state;
	assert_int_equal(row_column(r, "title"), 2);
	assert_int_equal(row_column(r, "absent"), -1);
	assert_int_equal(row_uuid(r, 0, 0).b[15], 8);
	assert_true(str_eq_z(row_text(r, 0, 1), "not shown"));
	assert_true(row_bool(r, 0, 4));
	assert_int_equal(row_int(r, 0, 5), -2);
	assert_int_equal(row_int(r, 0, 7), -1);
	assert_true(row_timestamp(r, 0, 10) == INT64_C(946684801000000));
	assert_true(str_eq_z(row_text(r, 0, 12), "{}")); /* without the version of the format */
	assert_true(row_is_null(r, 0, 16));
	assert_null(row_text(r, 0, 16).p);
	assert_non_null(row_text(r, 0, 15).p);
	assert_int_equal(row_int(r, 0, 17), 0);
	assert_int_equal(row_uuid(r, 0, 16).b[0], 0);
	assert_false(row_bool(r, 0, 16));
	PQclear(r);
}

/* "infinity" is the greatest number there is: nothing may overflow. */
static void infinity(void **state)
{
	static const struct column columns[] = {
		{ "day", 1082, BYTES("\x7f\xff\xff\xff") },
		{ "at", 1184, BYTES("\x7f\xff\xff\xff\xff\xff\xff\xff") },
	};
	PGresult *r = make(columns, 2);
	struct buf out = { 0 };
	struct json j = json_writer(&out);

	(void)state;
	row_write(&j, row_shape(columns, r), r, 0, UINT64_MAX);
	(void)row_timestamp(r, 0, 1);
	assert_true(out.n > 0);
	buf_free(&out);
	PQclear(r);
}

static void a_shape_is_kept_and_made_anew_for_other_columns(void **state)
{
	PGresult *r = make_everything();
	PGresult *fewer = make(everything, 3);
	const struct row_shape *s = row_shape(everything, r);

	(void)state;
	assert_ptr_equal(row_shape(everything, r), s);
	assert_ptr_not_equal(row_shape(&everything[1], r), s);
	s = row_shape(everything, fewer);
	assert_int_equal(s->count, 3);
	assert_written(fewer, s, UINT64_MAX,
		       "{\"id\":\"12345678-9abc-def0-0102-030405060708\",\"title\":\"a \\\"b\\\"\\n\"}");
	PQclear(r);
	PQclear(fewer);
}

static void too_many_columns(void **state)
{
	struct column many[ROW_COLUMNS_MAX + 2];
	PGresult *r;

	(void)state;
	for (int i = 0; i < ROW_COLUMNS_MAX + 2; i++)
		many[i] = (struct column){ "_x", 23, BYTES("\0\0\0\1") };
	many[ROW_COLUMNS_MAX - 1].name = "last";
	many[ROW_COLUMNS_MAX].name = "beyond";
	r = make(many, ROW_COLUMNS_MAX + 2);
	assert_written(r, row_shape(many, r), UINT64_MAX, "{\"last\":1}");
	PQclear(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_row_is_an_object, end),
		cmocka_unit_test_teardown(only_what_is_asked_for, end),
		cmocka_unit_test_teardown(single_values, end),
		cmocka_unit_test_teardown(infinity, end),
		cmocka_unit_test_teardown(a_shape_is_kept_and_made_anew_for_other_columns, end),
		cmocka_unit_test_teardown(too_many_columns, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
