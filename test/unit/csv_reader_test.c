#include "domain/csv_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Rows are written down as "2:title|description" (a cell that is absent as -, one that was cut with ~), each with its cells. */
static struct buf seen;

static void add_cell(const struct csv_row *row, enum csv_column column)
{
	if (!row->cell[column].p)
		buf_add_char(&seen, '-');
	else if (row->cut[column])
		buf_add_char(&seen, '~');
	else
		buf_add_str(&seen, row->cell[column]);
}

static void note(void *arg, const struct csv_row *row)
{
	(void)arg;
	buf_printf(&seen, "%u:", (unsigned)row->number);
	add_cell(row, CSV_TITLE);
	buf_add_char(&seen, '|');
	add_cell(row, CSV_DESCRIPTION);
	buf_printf(&seen, "(%zu) ", row->cells);
}

/* Reads the text in pieces of so many bytes; the code of the fault, or NULL. What was seen is in `seen`. */
static const char *read_pieces(struct str text, size_t piece)
{
	struct csv_reader *r = csv_reader_create(note, NULL);
	static char code[32];
	bool ok = true;

	seen.n = 0;
	for (size_t i = 0; i < text.n && ok; i += piece)
		ok = csv_reader_feed(r, (struct str){ text.p + i, text.n - i < piece ? text.n - i : piece });
	if (ok)
		ok = csv_reader_end(r);
	assert_true(ok == (csv_reader_fault(r)->code == NULL));
	snprintf(code, sizeof(code), "%s", ok ? "" : csv_reader_fault(r)->code);
	if (!ok)
		assert_true(strlen(csv_reader_fault(r)->detail) > 10);
	csv_reader_free(r);
	buf_add_char(&seen, '\0');
	return ok ? NULL : code;
}

static void assert_rows_n(struct str text, const char *rows)
{
	static const size_t pieces[] = { 1, 2, 3, 7, 100000 };

	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		const char *code = read_pieces(text, pieces[i]);

		if (code)
			fail_msg("%s", code);
		assert_string_equal(seen.p, rows);
	}
}

#define assert_rows(text, rows) assert_rows_n(STR(text), rows)

static void assert_fault_n(struct str text, const char *expected)
{
	for (size_t piece = 1; piece < 20; piece += 3) {
		const char *code = read_pieces(text, piece);

		assert_non_null(code);
		assert_string_equal(code, expected);
	}
}

#define assert_fault(text, code) assert_fault_n(STR(text), code)

static void rows_are_read_whatever_their_line_ends_and_order_of_columns(void **state)
{
	(void)state;
	assert_rows("title,description\na,b\nc,d\n", "2:a|b(2) 3:c|d(2) ");
	assert_rows("title,description\r\na,b\r\nc,d", "2:a|b(2) 3:c|d(2) ");
	assert_rows("title,description\ra,b\rc,d\r", "2:a|b(2) 3:c|d(2) ");
	assert_rows("description,type,title\nb,bug,a\n", "2:a|b(3) ");
	assert_rows("\xef\xbb\xbftitle\na\n", "2:a|-(1) ");
	assert_rows(" Title , DESCRIPTION\na,b\n", "2:a|b(2) ");
	assert_rows("title\n\n\na\n\nb\n\n", "2:a|-(1) 3:b|-(1) ");
	assert_rows("reason,row_number,key,title,created_at,updated_at\nx,7,WEB-1,a,,\n", "2:a|-(6) ");
}

static void cells_are_read_as_they_are(void **state)
{
	(void)state;
	assert_rows("title,description\n\"a,\"\"b\"\"\",\"1\r\n2\"\n", "2:a,\"b\"|1\r\n2(2) ");
	assert_rows("title,description\n a , b \n", "2: a | b (2) ");
	assert_rows("title,description\n,\n\"\",\"\"\n", "2:|(2) 3:|(2) ");
	assert_rows("title\n'=1\n", "2:'=1|-(1) ");
}

static void rows_with_too_many_or_too_few_cells_are_told_as_such(void **state)
{
	(void)state;
	assert_rows("title,description\na\nb,c,d,e,f\ng,h\n", "2:a|-(1) 3:b|c(5) 4:g|h(2) ");
}

static void a_file_that_has_a_head_alone_has_no_rows(void **state)
{
	(void)state;
	assert_rows("title", "");
	assert_rows("title\n", "");
}

static void heads_that_are_not_in_order_are_refused(void **state)
{
	(void)state;
	assert_fault("", "empty_file");
	assert_fault("\n\n\n", "empty_file");
	assert_fault("\xef\xbb\xbf", "empty_file");
	assert_fault("description\na\n", "missing_column");
	assert_fault("title,colour\na,b\n", "unknown_column");
	assert_fault("title;description\na;b\n", "unknown_column");
	assert_fault("title,\na,b\n", "unknown_column");
	assert_fault("title,Title\na,b\n", "duplicate_column");
	assert_fault("a row\nanother\n", "unknown_column");
	assert_fault("tit\xe4l\n", "unknown_column");
}

static void what_is_no_csv_is_told_by_its_name(void **state)
{
	(void)state;
	assert_fault("\x1f\x8b\x08\0\0\0", "compressed");
	assert_fault("PK\x03\x04....", "not_csv");
	assert_fault("\xff\xfet\0i\0t\0l\0e\0", "wrong_encoding");
	assert_fault("\xfe\xff\0t\0i\0t\0l\0e", "wrong_encoding");
	assert_fault("t\0i\0t\0l\0e\0", "wrong_encoding");
}

static void quotes_in_the_wrong_place_are_refused(void **state)
{
	(void)state;
	assert_fault("title\n\"a\nb\nc\n", "unclosed_quote");
	assert_fault("title,description\na\"b,c\n", "bad_quote");
	assert_fault("title,description\n\"a\"b,c\n", "bad_quote");
}

static void a_cell_that_is_too_long_is_cut_and_the_rest_is_read(void **state)
{
	struct buf text = { 0 };

	(void)state;
	for (int quoted = 0; quoted < 2; quoted++) {
		text.n = 0;
		buf_add_lit(&text, "title,description\na,");
		if (quoted)
			buf_add_char(&text, '"');
		for (int i = 0; i < 10 << 20; i++)
			buf_add_char(&text, quoted && i % 2 == 0 ? '"' : quoted && i % 2 == 1 ? '"' : 'x');
		if (quoted)
			buf_add_char(&text, '"');
		buf_add_lit(&text, "\nb,c\n");
		assert_null(read_pieces(buf_str(&text), 65536));
		assert_string_equal(seen.p, "2:a|~(2) 3:b|c(2) ");
	}
	buf_free(&text);
}

static int tidy(void **state)
{
	(void)state;
	buf_free(&seen);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_read_whatever_their_line_ends_and_order_of_columns),
		cmocka_unit_test(cells_are_read_as_they_are),
		cmocka_unit_test(rows_with_too_many_or_too_few_cells_are_told_as_such),
		cmocka_unit_test(a_file_that_has_a_head_alone_has_no_rows),
		cmocka_unit_test(heads_that_are_not_in_order_are_refused),
		cmocka_unit_test(what_is_no_csv_is_told_by_its_name),
		cmocka_unit_test(quotes_in_the_wrong_place_are_refused),
		cmocka_unit_test(a_cell_that_is_too_long_is_cut_and_the_rest_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, tidy);
}
