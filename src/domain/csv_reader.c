#include "domain/csv_reader.h"

#include "base/mem.h"

#include <csv.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC_MAX 4u
#define NO_COLUMN CSV_COLUMN_COUNT

/* Cells of the head that are looked at; all columns there are, and some more for the message. */
#define HEAD_MAX 64u

const char *const csv_column_names[CSV_COLUMN_COUNT] = {
	"title",   "description", "type", "status",     "priority",   "assignee",   "labels", "due_date",
	"project", "external_id", "key",  "created_at", "updated_at", "row_number", "reason",
};

struct csv_reader {
	struct csv_parser parser;
	void (*row)(void *arg, const struct csv_row *row);
	void *arg;
	struct csv_fault fault;
	char magic[MAGIC_MAX]; /* the first bytes, until there are enough to tell what it is */
	size_t magic_n;
	bool begun, has_head;
	enum csv_column column[HEAD_MAX]; /* by place in the row */
	size_t columns;
	uint32_t rows; /* read to their end, the head too */
	size_t cells;  /* of the row that is read */
	struct buf text;
	size_t at[CSV_READ_COUNT], length[CSV_READ_COUNT];
	bool given[CSV_READ_COUNT], cut[CSV_READ_COUNT];
	bool cutting; /* the cell that is read was longer than is kept */
};

static bool __attribute__((format(printf, 3, 4)))
refuse(struct csv_reader *r, const char *code, const char *format, ...)
{
	va_list args;

	if (r->fault.code)
		return false;
	r->fault.code = code;
	va_start(args, format);
	vsnprintf(r->fault.detail, sizeof(r->fault.detail), format, args);
	va_end(args);
	return false;
}

/* ---- the head ---- */

static bool printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < 0x20 || (unsigned char)s.p[i] >= 0x7f)
			return false;
	}
	return s.n <= 64;
}

static enum csv_column find(struct str name)
{
	for (int i = 0; i < CSV_COLUMN_COUNT; i++) {
		if (str_ieq_z(name, csv_column_names[i]))
			return (enum csv_column)i;
	}
	return NO_COLUMN;
}

static void unknown_column(struct csv_reader *r, struct str name)
{
	if (memchr(name.p, ';', name.n) || memchr(name.p, '\t', name.n))
		refuse(r, "unknown_column", "The columns have to be separated by commas.");
	else if (name.n == 0)
		refuse(r, "unknown_column", "Column %zu has no name.", r->cells + 1);
	else if (printable(name))
		refuse(r, "unknown_column",
		       "There is no column \"%.*s\"; there are title, description, type, status, priority, assignee, "
		       "labels, due_date, project and external_id.",
		       STR_FMT(name));
	else
		refuse(r, "unknown_column", "Column %zu has a name that is not known.", r->cells + 1);
}

static void head_cell(struct csv_reader *r, struct str text)
{
	struct str name = str_trim(text);
	enum csv_column column = find(name);

	if (r->fault.code)
		return;
	if (column == NO_COLUMN) {
		unknown_column(r, name);
		return;
	}
	for (size_t i = 0; i < r->columns; i++) {
		if (r->column[i] == column)
			refuse(r, "duplicate_column", "The column %s is there twice.",
			       csv_column_names[column]);
	}
	r->column[r->columns++] = column; /* each once, so there is room */
}

static void head_end(struct csv_reader *r)
{
	if (r->fault.code)
		return;
	if (!csv_reader_has(r, CSV_TITLE))
		refuse(r, "missing_column", "There is no column title.");
	else
		r->has_head = true;
}

/* ---- rows ---- */

static void row_cell(struct csv_reader *r, struct str text)
{
	enum csv_column column = r->cells < r->columns ? r->column[r->cells] : NO_COLUMN;

	if (column >= CSV_READ_COUNT)
		return;
	if (text.n > CSV_CELL_MAX) {
		text.n = CSV_CELL_MAX;
		r->cutting = true;
	}
	r->at[column] = r->text.n;
	r->length[column] = text.n;
	r->given[column] = true;
	r->cut[column] = r->cutting;
	buf_add_str(&r->text, text);
}

static void row_end(struct csv_reader *r)
{
	struct csv_row row = { .number = r->rows + 1, .cells = r->cells, .expected = r->columns };

	for (int i = 0; i < CSV_READ_COUNT; i++) {
		if (r->given[i])
			row.cell[i] = (struct str){ buf_str(&r->text).p + r->at[i], r->length[i] };
		row.cut[i] = r->cut[i];
	}
	r->row(r->arg, &row);
}

static void on_cell(void *data, size_t n, void *arg)
{
	struct csv_reader *r = arg;
	struct str text = { data ? data : "", n };

	if (r->fault.code)
		return;
	if (r->rows == 0)
		head_cell(r, text);
	else
		row_cell(r, text);
	r->cells++;
	r->cutting = false;
}

static void on_row(int c, void *arg)
{
	struct csv_reader *r = arg;

	(void)c;
	if (r->fault.code)
		return;
	if (r->rows == 0)
		head_end(r);
	else
		row_end(r);
	r->rows++;
	r->cells = 0;
	buf_clear(&r->text, CSV_CELL_MAX);
	memset(r->given, 0, sizeof(r->given));
	memset(r->cut, 0, sizeof(r->cut));
	if (r->rows > CSV_ROWS_MAX)
		refuse(r, "too_many_rows", "There are more than %u rows.", CSV_ROWS_MAX);
}

/* ---- bytes ---- */

/* Spaces belong to the cell (RFC 4180, section 2). */
static int no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static bool starts(const struct csv_reader *r, const char *bytes, size_t n)
{
	return r->magic_n >= n && memcmp(r->magic, bytes, n) == 0;
}

/* What people send for CSV that is none. */
static bool is_text(struct csv_reader *r)
{
	if (starts(r, "\x1f\x8b", 2))
		return refuse(r, "compressed", "The file is compressed by gzip; unpack it first.");
	if (starts(r, "PK\x03\x04", 4))
		return refuse(r, "not_csv", "The file is a workbook or a zip archive; save it as CSV first.");
	if (starts(r, "\xff\xfe", 2) || starts(r, "\xfe\xff", 2) ||
	    (r->magic_n > 1 && (!r->magic[0] || !r->magic[1])))
		return refuse(r, "wrong_encoding", "The file is in UTF-16 or UTF-32; save it in UTF-8.");
	return true;
}

static struct str place(const struct csv_reader *r, char out[32])
{
	int n = snprintf(out, 32, r->rows ? "row %u" : "the head", (unsigned)(r->rows + 1));

	return (struct str){ out, (size_t)n };
}

/*
 * Of a cell that is too long the parser forgets what it has. One byte stays: behind a quote that may be the end of the
 * cell it takes that one off.
 */
static void bound_cell(struct csv_reader *r)
{
	if (r->parser.entry_pos <= CSV_CELL_MAX)
		return;
	r->parser.entry_pos = 1;
	r->cutting = true;
}

/* In pieces, so that the parser's memory for a cell stays bounded. */
static bool parse(struct csv_reader *r, struct str bytes)
{
	while (bytes.n && !r->fault.code) {
		size_t n = bytes.n < 65536 ? bytes.n : 65536;
		char text[32];

		if (csv_parse(&r->parser, bytes.p, n, on_cell, on_row, r) != n && !r->fault.code)
			return refuse(
				r, "bad_quote",
				"In %.*s a quote is in the wrong place: a cell with quotes in it stands in quotes, and "
				"each quote in it is doubled.",
				STR_FMT(place(r, text)));
		bytes = (struct str){ bytes.p + n, bytes.n - n };
		bound_cell(r);
	}
	return !r->fault.code;
}

/* The first bytes tell what it is, and may be a BOM. */
static bool begin(struct csv_reader *r)
{
	struct str head = { r->magic, r->magic_n };

	r->begun = true;
	if (!is_text(r))
		return false;
	if (starts(r, "\xef\xbb\xbf", 3))
		head = (struct str){ head.p + 3, head.n - 3 };
	return parse(r, head);
}

bool csv_reader_feed(struct csv_reader *r, struct str bytes)
{
	while (!r->begun && bytes.n) {
		r->magic[r->magic_n++] = bytes.p[0];
		bytes = (struct str){ bytes.p + 1, bytes.n - 1 };
		if (r->magic_n == MAGIC_MAX && !begin(r))
			return false;
	}
	return parse(r, bytes);
}

bool csv_reader_end(struct csv_reader *r)
{
	char text[32];

	if (!r->begun && r->magic_n && !begin(r))
		return false;
	if (r->fault.code)
		return false;
	if (csv_fini(&r->parser, on_cell, on_row, r) != 0 && !r->fault.code)
		return refuse(r, "unclosed_quote", "In %.*s a quote is opened that is never closed.",
			      STR_FMT(place(r, text)));
	if (r->rows == 0)
		return refuse(r, "empty_file", "The file is empty; its first row names the columns.");
	return !r->fault.code;
}

/* ---- what is asked about it ---- */

const struct csv_fault *csv_reader_fault(const struct csv_reader *r)
{
	return &r->fault;
}

bool csv_reader_has_head(const struct csv_reader *r)
{
	return r->has_head;
}

size_t csv_reader_columns(const struct csv_reader *r, enum csv_column out[CSV_COLUMN_COUNT])
{
	memcpy(out, r->column, r->columns * sizeof(*out));
	return r->columns;
}

bool csv_reader_has(const struct csv_reader *r, enum csv_column column)
{
	for (size_t i = 0; i < r->columns; i++) {
		if (r->column[i] == column)
			return true;
	}
	return false;
}

uint32_t csv_reader_rows(const struct csv_reader *r)
{
	return r->rows ? r->rows - 1 : 0;
}

/* ---- life ---- */

struct csv_reader *csv_reader_create(void (*row)(void *arg, const struct csv_row *row), void *arg)
{
	struct csv_reader *r = mem_zalloc(1, sizeof(*r));

	r->row = row;
	r->arg = arg;
	csv_init(&r->parser, CSV_STRICT | CSV_STRICT_FINI);
	csv_set_space_func(&r->parser, no_space);
	csv_set_realloc_func(&r->parser, mem_realloc);
	return r;
}

void csv_reader_free(struct csv_reader *r)
{
	if (!r)
		return;
	csv_free(&r->parser);
	buf_free(&r->text);
	free(r);
}
