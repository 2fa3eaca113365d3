/* The reader of CSV files, and what is done with their cells: pieces of any size, memory that stays bounded. */
#include "domain/csv_cell.h"
#include "domain/csv_reader.h"

#include <stdlib.h>
#include <string.h>

static void look(void *arg, const struct csv_row *row)
{
	struct buf *b = arg;

	for (int i = 0; i < CSV_READ_COUNT; i++) {
		struct str cell = csv_restored(row->cell[i].p ? row->cell[i] : STR("")), rest = cell;

		if (cell.n > CSV_CELL_MAX)
			abort();
		while (csv_next_label(&rest, b))
			;
		b->n = 0;
		csv_add_cell(b, cell);
	}
}

/* What was written is read again as it was. */
static void there_and_back(struct str text)
{
	struct buf cell = { 0 };

	csv_add_cell(&cell, text);
	if (cell.n && cell.p[0] != '"' && !str_eq(csv_restored(buf_str(&cell)), text))
		abort();
	buf_free(&cell);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	size_t piece = n ? data[0] % 64 + 1u : 1;
	struct buf scratch = { 0 };
	struct csv_reader *r = csv_reader_create(look, &scratch);
	bool ok = true;

	for (size_t i = n ? 1 : 0; i < n && ok; i += piece)
		ok = csv_reader_feed(r,
				     (struct str){ (const char *)data + i, n - i < piece ? n - i : piece });
	if (ok && csv_reader_end(r) && !csv_reader_has_head(r))
		abort();
	csv_reader_free(r);
	there_and_back((struct str){ (const char *)data, n });
	buf_free(&scratch);
	return 0;
}
