/* A schema of a test's own on a real PostgreSQL, which `make test` starts: TEST_DATABASE_URL. */
#ifndef BUGD_TEST_DB_SCHEMA_H
#define BUGD_TEST_DB_SCHEMA_H

#include <libpq-fe.h>
#include <stdbool.h>

struct db_schema {
	PGconn *admin; /* whose search_path is the schema */
	char name[48];
	char url[512]; /* with the schema as search_path */
};

extern struct db_schema db_schema;

/* Creates it with what `tables` creates. False: there is no PostgreSQL, so the tests skip. */
bool db_schema_open(const char *tables);
void db_schema_close(void);

/* Whether there is one; a test that needs it begins with `if (!db_schema_here()) skip();`. */
bool db_schema_here(void);

/* Executes SQL, or fails the test. */
void db_schema_sql(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The one number that it selects. */
long db_schema_number(const char *sql);

#endif
