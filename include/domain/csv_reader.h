/*
 * Reading the CSV of an import while it comes (RFC 4180): UTF-8 with or without BOM; LF, CRLF or CR; the columns in any
 * order, named by the first row.
 *
 * What makes the whole file unusable (another encoding, no title column, a column that is not known or there twice, a
 * quote in the wrong place or never closed) is a fault, and nothing more is read. What is wrong with one row is told
 * with the row. The memory is bounded: by CSV_CELL_MAX for each column.
 */
#ifndef BUGD_DOMAIN_CSV_READER_H
#define BUGD_DOMAIN_CSV_READER_H

#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a cell; of a longer one only the beginning is there. Longer than any that is allowed. */
#define CSV_CELL_MAX ((size_t)512 * 1024)
#define CSV_ROWS_MAX 10000000u

enum csv_column {
	CSV_TITLE,
	CSV_DESCRIPTION,
	CSV_TYPE,
	CSV_STATUS,
	CSV_PRIORITY,
	CSV_ASSIGNEE,
	CSV_LABELS,
	CSV_DUE_DATE,
	CSV_PROJECT,
	CSV_EXTERNAL_ID,
	CSV_READ_COUNT, /* those behind are known, but not read: exports and lists of errors have them */
	CSV_KEY = CSV_READ_COUNT,
	CSV_CREATED_AT,
	CSV_UPDATED_AT,
	CSV_ROW_NUMBER,
	CSV_REASON,
	CSV_COLUMN_COUNT,
};

extern const char *const csv_column_names[CSV_COLUMN_COUNT];

struct csv_row {
	uint32_t number;                 /* the head is row 1; empty lines do not count */
	size_t cells;                    /* in the row, also those that no column has */
	size_t expected;                 /* columns of the head */
	struct str cell[CSV_READ_COUNT]; /* absent: the file has no such column, or the row ends before it */
	bool cut[CSV_READ_COUNT];        /* it was longer than CSV_CELL_MAX */
};

/* Why the file cannot be used. */
struct csv_fault {
	const char *code; /* NULL: it can */
	char detail[256];
};

struct csv_reader;

/* `row` is called for each row below the head; what it gets is valid during the call. */
struct csv_reader *csv_reader_create(void (*row)(void *arg, const struct csv_row *row), void *arg);
void csv_reader_free(struct csv_reader *r);

/* Reads on. False: there is a fault. */
bool csv_reader_feed(struct csv_reader *r, struct str bytes);
/* There is nothing more. False: there is a fault. */
bool csv_reader_end(struct csv_reader *r);

const struct csv_fault *csv_reader_fault(const struct csv_reader *r);
/* Whether the head was read and is in order. */
bool csv_reader_has_head(const struct csv_reader *r);
/* The columns of the head in its order, those that are not read too. */
size_t csv_reader_columns(const struct csv_reader *r, enum csv_column out[CSV_COLUMN_COUNT]);
bool csv_reader_has(const struct csv_reader *r, enum csv_column column);
/* Rows below the head, until now. */
uint32_t csv_reader_rows(const struct csv_reader *r);

#endif
