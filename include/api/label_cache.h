/*
 * The labels of many issues, for exports: the ids are in the rows, names and colours are asked for once and kept, a
 * bounded number of them. Asking for them row by row would cost more than all the rest of an export.
 */
#ifndef BUGD_API_LABEL_CACHE_H
#define BUGD_API_LABEL_CACHE_H

#include "base/uuid.h"
#include "db/copy.h"
#include "json/write.h"

/* How many are kept from one piece of an export to the next. */
#define LABEL_CACHE_MAX 4096u

/* A zeroed struct is empty. */
struct label_cache {
	struct label_slot *slots;
	size_t size, count;
	struct buf missing; /* of struct uuid */
	struct buf found;   /* scratch */
};
void label_cache_free(void *cache);

/*
 * Notes which labels of the column (uuid[]) are not there. True: there are some, and what copy_run gives for
 * labels_by_id with label_cache_missing is to be added.
 */
bool label_cache_look(struct label_cache *c, const PGresult *rows, int column);
struct db_array label_cache_missing(const struct label_cache *c);
void label_cache_add(struct label_cache *c, const PGresult *labels);

/* Appends the labels of a row, sorted by name: as a cell of CSV (domain/csv_cell.h), or as an array of JSON. */
void label_cache_write_cell(struct label_cache *c, const PGresult *rows, int row, int column,
			    struct buf *scratch, struct buf *out);
void label_cache_write_json(struct label_cache *c, const PGresult *rows, int row, int column, struct json *j);

#endif
