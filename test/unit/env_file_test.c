#include "app/env_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct arena arena;
static struct env_file file;
static struct buf errors;

static bool parse(struct str text)
{
	arena_reset(&arena);
	buf_free(&errors);
	return env_file_parse(text, "x.env", &arena, &file, &errors);
}

static const char *value_of(const char *name)
{
	const struct env_entry *e = env_file_find(&file, name);

	return e ? e->value : NULL;
}

static int tear_down(void **state)
{
	(void)state;
	arena_reset(&arena);
	arena_trim();
	buf_free(&errors);
	return 0;
}

static void lines_are_names_and_values(void **state)
{
	(void)state;
	assert_true(parse(STR("A=1\n\n# comment\n  B = two words \nexport C=3\n\texport\tD=4\nE=\n_f1=x")));
	assert_int_equal(file.n, 6);
	assert_string_equal(value_of("A"), "1");
	assert_string_equal(value_of("B"), "two words");
	assert_string_equal(value_of("C"), "3");
	assert_string_equal(value_of("D"), "4");
	assert_string_equal(value_of("E"), "");
	assert_string_equal(value_of("_f1"), "x");
	assert_null(value_of("G"));
	assert_int_equal(env_file_find(&file, "C")->line, 5);
}

static void export_alone_is_a_name(void **state)
{
	(void)state;
	assert_true(parse(STR("export=1\nexported=2")));
	assert_string_equal(value_of("export"), "1");
	assert_string_equal(value_of("exported"), "2");
}

static void quotes_keep_what_is_in_them(void **state)
{
	(void)state;
	assert_true(
		parse(STR("A=' # \\n \"x\" '\nB=\" # \\n\\t\\\"\\\\\\$\\r 'x' \"\nC='' # comment\nD=\"\"#")));
	assert_string_equal(value_of("A"), " # \\n \"x\" ");
	assert_string_equal(value_of("B"), " # \n\t\"\\$\r 'x' ");
	assert_string_equal(value_of("C"), "");
	assert_string_equal(value_of("D"), "");
}

static void comments_begin_behind_white_space(void **state)
{
	(void)state;
	assert_true(parse(STR("A=x # y\nB=x#y\nC=# y\nD=\t#y\nE=a\"b'c")));
	assert_string_equal(value_of("A"), "x");
	assert_string_equal(value_of("B"), "x#y");
	assert_string_equal(value_of("C"), "");
	assert_string_equal(value_of("D"), "");
	assert_string_equal(value_of("E"), "a\"b'c");
}

static void nothing_is_expanded(void **state)
{
	(void)state;
	assert_true(parse(STR("A=$HOME/${B}`x`\nB=\"$A\"")));
	assert_string_equal(value_of("A"), "$HOME/${B}`x`");
	assert_string_equal(value_of("B"), "$A");
}

static void the_last_of_a_name_counts(void **state)
{
	(void)state;
	assert_true(parse(STR("A=1\nA=2\n")));
	assert_string_equal(value_of("A"), "2");
	assert_int_equal(env_file_find(&file, "A")->line, 2);
}

static void files_of_other_systems_are_read(void **state)
{
	(void)state;
	assert_true(parse(STR("\xef\xbb\xbf"
			      "A=1\r\nB='2'\r\n\r\n")));
	assert_string_equal(value_of("A"), "1");
	assert_string_equal(value_of("B"), "2");
}

static void an_empty_file_has_no_entries(void **state)
{
	(void)state;
	assert_true(parse(STR("")));
	assert_int_equal(file.n, 0);
}

static void all_wrong_lines_are_named(void **state)
{
	(void)state;
	assert_false(parse(
		STR("A=1\nno value\n1A=x\nB='open\nC=\"open\nD='x' y\nE=\"\\x\"\n=x\nF=\0\nG=7\nH=\"\\")));
	buf_add_char(&errors, '\0');
	assert_string_equal(
		errors.p,
		"x.env, line 2: expected NAME=value; a name has letters, digits and _, and no digit first\n"
		"x.env, line 3: expected NAME=value; a name has letters, digits and _, and no digit first\n"
		"x.env, line 4: the closing ' is missing\n"
		"x.env, line 5: the closing \" is missing\n"
		"x.env, line 6: only a comment may follow the closing quote\n"
		"x.env, line 7: after \\ within double quotes only n, r, t, \", \\ and $ are known\n"
		"x.env, line 8: expected NAME=value; a name has letters, digits and _, and no digit first\n"
		"x.env, line 9: it holds a NUL byte\n"
		"x.env, line 11: after \\ within double quotes only n, r, t, \", \\ and $ are known\n");
	assert_string_equal(value_of("G"), "7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_names_and_values),
		cmocka_unit_test(export_alone_is_a_name),
		cmocka_unit_test(quotes_keep_what_is_in_them),
		cmocka_unit_test(comments_begin_behind_white_space),
		cmocka_unit_test(nothing_is_expanded),
		cmocka_unit_test(the_last_of_a_name_counts),
		cmocka_unit_test(files_of_other_systems_are_read),
		cmocka_unit_test(an_empty_file_has_no_entries),
		cmocka_unit_test(all_wrong_lines_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
