#include "db_schema.h"

#include "db/migrate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The migrations of sql/schema, on a PostgreSQL. */

static struct direct db;

static int begin(void **state)
{
	(void)state;
	db_schema_open("SELECT 1");
	return 0;
}

static int end(void **state)
{
	(void)state;
	if (db_schema_here())
		db_schema_close();
	return 0;
}

/* All that the schema holds. */
static void fingerprint(char out[33])
{
	PGresult *r = direct_query(
		&db,
		"WITH c AS (SELECT * FROM pg_class WHERE relnamespace = current_schema()::regnamespace)"
		" SELECT md5(string_agg(o, ',' ORDER BY o)) FROM (SELECT relname::text FROM c"
		" UNION ALL SELECT format('%s.%s %s', relname, attname, atttypid::regtype) FROM pg_attribute"
		" JOIN c ON c.oid = attrelid WHERE attnum > 0 AND NOT attisdropped"
		" UNION ALL SELECT oid::regprocedure || md5(prosrc) FROM pg_proc"
		" WHERE pronamespace = current_schema()::regnamespace"
		" UNION ALL SELECT conname FROM pg_constraint WHERE connamespace = current_schema()::regnamespace"
		" UNION ALL SELECT tgname FROM pg_trigger JOIN c ON c.oid = tgrelid WHERE NOT tgisinternal"
		" UNION ALL SELECT enumtypid::regtype || enumlabel FROM pg_enum) x (o)",
		NULL, 0);

	if (!r)
		fail_msg("%s", db.error);
	snprintf(out, 33, "%s", PQgetvalue(r, 0, 0));
	PQclear(r);
}

static void each_of_the_embedded_ones_is_undone_by_its_down(void **state)
{
	struct migrator m = { .db = &db, .files = migration_files };
	char before[64][33], now[33];

	(void)state;
	if (!db_schema_here())
		skip();
	assert_true(direct_open(&db, db_schema.url, 5000, -1));
	assert_true(migrate_up(&m)); /* makes the table of what is applied */
	for (int round = 0; round < 2; round++) {
		for (m.file_count = 0; m.file_count < migration_file_count;) {
			fingerprint(before[m.file_count++]);
			if (!migrate_up(&m))
				fail_msg("%s", db.error);
		}
		for (; m.file_count; m.file_count--) {
			if (!migrate_down(&m))
				fail_msg("%s", db.error);
			fingerprint(now);
			if (strcmp(now, before[m.file_count - 1]) != 0)
				fail_msg("%s is not undone by its down",
					 migration_files[m.file_count - 1].name);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_of_the_embedded_ones_is_undone_by_its_down, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
