/*
 * The rows of an import: each is checked by the same fields as POST /issues, and written in PostgreSQL's binary format
 * of COPY for the table import_rows (sql/schema/012_jobs.up.sql). What needs other rows is checked there.
 */
#ifndef BUGD_API_IMPORT_ROW_H
#define BUGD_API_IMPORT_ROW_H

#include "base/arena.h"
#include "base/buf.h"
#include "domain/csv_reader.h"

#define IMPORT_LABELS_MAX 100 /* of an issue */

struct import_rows {
	struct buf out;     /* to be put into the COPY */
	struct arena arena; /* of the row that is looked at */
	struct buf scratch; /* a label, an error */
	struct buf labels;  /* as text[] */
	uint32_t last;      /* the number of the last row */
	struct csv_reader *reader;
};

void import_rows_init(struct import_rows *rows);
void import_rows_free(struct import_rows *rows);

/* For csv_reader_create: `arg` is a struct import_rows, whose reader is set afterwards. */
void import_rows_add(void *arg, const struct csv_row *row);
/* Behind the last row. */
void import_rows_end(struct import_rows *rows);

#endif
