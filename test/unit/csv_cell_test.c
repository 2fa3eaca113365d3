#include "domain/csv_cell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_cell(const char *text, const char *cell)
{
	struct buf b = { 0 };

	csv_add_cell(&b, str_of(text));
	buf_add_char(&b, '\0');
	assert_string_equal(b.p, cell);
	buf_free(&b);
}

static void cells_are_quoted_when_they_need_it(void **state)
{
	(void)state;
	assert_cell("", "");
	assert_cell("plain text; 1", "plain text; 1");
	assert_cell("a,b", "\"a,b\"");
	assert_cell("say \"no\"", "\"say \"\"no\"\"\"");
	assert_cell("\"", "\"\"\"\"");
	assert_cell("two\nlines", "\"two\nlines\"");
	assert_cell("two\r\nlines", "\"two\r\nlines\"");
	assert_cell(" a", "\" a\"");
	assert_cell("a ", "\"a \"");
	assert_cell(NULL, "");
}

static void formulas_get_an_apostrophe(void **state)
{
	(void)state;
	assert_cell("=1+1", "'=1+1");
	assert_cell("+1", "'+1");
	assert_cell("-1", "'-1");
	assert_cell("@SUM(A1)", "'@SUM(A1)");
	assert_cell("\t=1", "'\t=1");
	assert_cell("\rx", "\"'\rx\"");
	assert_cell("=a,b", "\"'=a,b\"");
	assert_cell("'=1", "''=1");
	assert_cell("'quoted'", "'quoted'");
	assert_cell("1-1", "1-1");
}

static void what_was_made_harmless_is_restored(void **state)
{
	static const char *const texts[] = { "=1", "'=1", "''=1", "'quoted'", "'", "''",     "-",
					     "'-", "",    "a",    "\tx",      "@", "+49 30", "'a=1" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct buf b = { 0 };

		csv_add_cell(&b, str_of(texts[i]));
		assert_true(str_eq_z(csv_restored(buf_str(&b)), texts[i]));
		buf_free(&b);
	}
}

static void assert_labels(const char *cell, const char *names)
{
	struct buf name = { 0 }, all = { 0 };
	struct str rest = str_of(cell);

	while (csv_next_label(&rest, &name)) {
		buf_add_str(&all, buf_str(&name));
		buf_add_char(&all, '|');
	}
	buf_add_char(&all, '\0');
	assert_string_equal(all.p, names);
	buf_free(&name);
	buf_free(&all);
}

static void labels_are_split_and_trimmed(void **state)
{
	(void)state;
	assert_labels("", "");
	assert_labels(";; ;", "");
	assert_labels("bug", "bug|");
	assert_labels("bug;ui", "bug|ui|");
	assert_labels(" bug ; good first issue ;", "bug|good first issue|");
	assert_labels("a\\;b;c\\\\d", "a;b|c\\d|");
	assert_labels("a\\", "a\\|");
	assert_labels("\\ a\\ ", " a |");
}

static void labels_that_were_joined_are_split_again(void **state)
{
	static const char *const names[] = { "bug", "a;b", "c\\d", "\\;", "good first issue" };
	struct buf cell = { 0 }, name = { 0 };
	struct str rest;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		csv_add_label(&cell, str_of(names[i]));
	rest = buf_str(&cell);
	for (size_t i = 0; i < 5; i++) {
		assert_true(csv_next_label(&rest, &name));
		assert_true(str_eq_z(buf_str(&name), names[i]));
	}
	assert_false(csv_next_label(&rest, &name));
	buf_free(&cell);
	buf_free(&name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_are_quoted_when_they_need_it),
		cmocka_unit_test(formulas_get_an_apostrophe),
		cmocka_unit_test(what_was_made_harmless_is_restored),
		cmocka_unit_test(labels_are_split_and_trimmed),
		cmocka_unit_test(labels_that_were_joined_are_split_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
