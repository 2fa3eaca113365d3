/*
 * Rows of a result, in PostgreSQL's binary format: single values for the code, whole rows for JSON.
 *
 * A statement's columns are the fields of the JSON object, in order; the type decides how a value is written.
 * A column whose name starts with '_' is for the code and is not written.
 */
#ifndef BUGD_DB_ROW_H
#define BUGD_DB_ROW_H

#include "base/str.h"
#include "base/uuid.h"
#include "json/write.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#define ROW_COLUMNS_MAX 64

/* The number of the column, or -1. */
int row_column(const PGresult *r, const char *name);

/* Values by row and column number. A NULL gives the zero of the type, an absent slice for texts. */
bool row_is_null(const PGresult *r, int row, int column);
struct str row_text(const PGresult *r, int row,
		    int column); /* text, enumerations, json; bytes of the result */
struct uuid row_uuid(const PGresult *r, int row, int column);
int64_t row_int(const PGresult *r, int row, int column); /* int2, int4, int8 */
bool row_bool(const PGresult *r, int row, int column);
double row_double(const PGresult *r, int row, int column);     /* float8 */
int64_t row_timestamp(const PGresult *r, int row, int column); /* microseconds since 1970 */
int32_t row_date(const PGresult *r, int row, int column);      /* days since 1970 */

/* The items of a uuid[]; a NULL has none. */
size_t row_uuid_count(const PGresult *r, int row, int column);
struct uuid row_uuid_at(const PGresult *r, int row, int column, size_t i);

/* The same of a text[]; the texts are bytes of the result. */
size_t row_text_count(const PGresult *r, int row, int column);
struct str row_text_at(const PGresult *r, int row, int column, size_t i);

/* What is known of a result's columns: names as JSON keys, and which of them are written. */
struct row_shape {
	int count;
	unsigned oid[ROW_COLUMNS_MAX];
	struct str key[ROW_COLUMNS_MAX]; /* "\"title\":"; absent: not written */
	uint64_t written;
	int version_column; /* of the column "version", or -1 */
};

/*
 * The shape of a result. It is kept for the statement (any pointer that names it), so that keys are made once;
 * a result with other columns gets a new one.
 */
const struct row_shape *row_shape(const void *statement, const PGresult *r);

/* The bit of the field in `written`; 0 when there is no such field. */
uint64_t row_field(const struct row_shape *s, struct str name);

/* Writes the row as an object; only the fields in `mask` (UINT64_MAX for all). */
void row_write(struct json *j, const struct row_shape *s, const PGresult *r, int row, uint64_t mask);
/* The fields alone, into an object that was begun by the caller. */
void row_write_fields(struct json *j, const struct row_shape *s, const PGresult *r, int row, uint64_t mask);

/* Frees the kept shapes, at the end of the process. */
void row_stop(void);

#endif
