#include "db_schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct db_schema db_schema;

bool db_schema_here(void)
{
	return getenv("TEST_DATABASE_URL") != NULL;
}

void db_schema_sql(const char *format, ...)
{
	char text[512];
	PGresult *r;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	r = PQexec(db_schema.admin, text);
	if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", text, PQerrorMessage(db_schema.admin));
	PQclear(r);
}

long db_schema_number(const char *sql)
{
	PGresult *r = PQexec(db_schema.admin, sql);
	long n;

	if (PQntuples(r) != 1)
		fail_msg("%s: %s", sql, PQerrorMessage(db_schema.admin));
	n = strtol(PQgetvalue(r, 0, 0), NULL, 10);
	PQclear(r);
	return n;
}

bool db_schema_open(const char *tables)
{
	static int count;
	const char *base = getenv("TEST_DATABASE_URL");
	struct db_schema *s = &db_schema;

	if (!base)
		return false;
	s->admin = PQconnectdb(base);
	if (PQstatus(s->admin) != CONNECTION_OK)
		fail_msg("%s", PQerrorMessage(s->admin));
	snprintf(s->name, sizeof(s->name), "unit_test_%d_%d", (int)getpid(), count++);
	snprintf(s->url, sizeof(s->url), "%s%coptions=-csearch_path%%3D%.47s&application_name=%.47s", base,
		 strchr(base, '?') ? '&' : '?', s->name, s->name);
	db_schema_sql("SET client_min_messages = warning; CREATE SCHEMA %s; SET search_path = %s", s->name,
		      s->name);
	db_schema_sql("%s", tables);
	return true;
}

void db_schema_close(void)
{
	db_schema_sql("DROP SCHEMA %s CASCADE", db_schema.name);
	PQfinish(db_schema.admin);
	db_schema.admin = NULL;
}
