#include "db/schema_objects.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static struct arena arena;
static struct schema_objects found;

static int tear_down(void **state)
{
	(void)state;
	arena_reset(&arena);
	arena_trim();
	return 0;
}

static const struct schema_object *find(enum schema_kind kind, const char *name)
{
	for (size_t i = 0; i < found.n; i++)
		if (found.v[i].kind == kind && str_eq_z(found.v[i].name, name))
			return &found.v[i];
	return NULL;
}

static void names_of_what_is_made_are_found(void **state)
{
	const struct migration_file files[] = {
		{ 1, "a",
		  "-- CREATE TABLE commented (x int);\nCREATE EXTENSION IF NOT EXISTS pg_trgm;\n"
		  "CREATE TABLE t (\n\tid uuid PRIMARY KEY,\n\tb int,\n\tCONSTRAINT t_b_key UNIQUE (b),\n\tCONSTRAINT t_c CHECK (b > 0)\n);\n"
		  "CREATE UNIQUE INDEX t_one ON t\n\t(lower(b))\n\tWHERE b > 0;\ncreate index t_two on t (b);CREATE INDEX t_three ON t (b)",
		  "" },
		{ 2, "b",
		  "DROP INDEX t_two;\nCREATE TABLE u (a int, PRIMARY KEY (a));DROP INDEX IF EXISTS t_three;",
		  "" },
	};

	(void)state;
	schema_objects_read(files, 2, &arena, &found);
	assert_non_null(find(SCHEMA_EXTENSION, "pg_trgm"));
	assert_non_null(find(SCHEMA_TABLE, "t"));
	assert_non_null(find(SCHEMA_TABLE, "u"));
	assert_non_null(find(SCHEMA_INDEX, "t_pkey"));
	assert_non_null(find(SCHEMA_INDEX, "u_pkey"));
	assert_true(str_eq_z(find(SCHEMA_INDEX, "t_one")->made_by,
			     "CREATE UNIQUE INDEX t_one ON t (lower(b)) WHERE b > 0"));
	assert_true(str_eq_z(find(SCHEMA_INDEX, "t_b_key")->made_by,
			     "ALTER TABLE t ADD CONSTRAINT t_b_key UNIQUE (b)"));
	assert_int_equal(found.n, 7);
}

static void texts_that_end_early_end_the_reading(void **state)
{
	static const char *const texts[] = { "",
					     "CREATE",
					     "CREATE TABLE",
					     "CREATE INDEX",
					     "CREATE UNIQUE",
					     "DROP",
					     "CREATE TABLE t (PRIMARY",
					     "CREATE TABLE t (CONSTRAINT",
					     "CREATE TABLE t (CONSTRAINT x UNIQUE",
					     "--" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const struct migration_file file = { 1, "a", texts[i], "" };

		schema_objects_read(&file, 1, &arena, &found);
		assert_true(found.n <= 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_what_is_made_are_found),
		cmocka_unit_test(texts_that_end_early_end_the_reading),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
