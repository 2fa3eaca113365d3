#include "domain/mention.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The handles that are found, separated by blanks. */
static void assert_found(const char *text, const char *expected)
{
	struct arena a = ARENA_EMPTY;
	struct str found[MENTIONS_MAX];
	size_t n = mentions_find(str_of(text), &a, found);
	char all[2048] = "";

	for (size_t i = 0; i < n; i++) {
		if (i)
			strcat(all, " ");
		strncat(all, found[i].p, found[i].n);
	}
	assert_string_equal(all, expected);
	arena_reset(&a);
}

static void handles_are_found_once_and_in_lower_case(void **state)
{
	(void)state;
	assert_found("", "");
	assert_found("@admin", "admin");
	assert_found("Ask @a.new.user, @Developer2 and (@reporter_1)!", "a.new.user developer2 reporter_1");
	assert_found("@one @One @ONE", "one");
	assert_found("@müller: see above", "müller");
}

static void what_ends_a_sentence_is_not_part_of_it(void **state)
{
	(void)state;
	assert_found("Thanks, @admin. And @developer...", "admin developer");
	assert_found("@admin-", "admin");
	assert_found("@a-b @-x @.", "a-b -x");
}

static void words_with_an_at_are_no_mentions(void **state)
{
	(void)state;
	assert_found("user@example.org", "");
	assert_found("@user@example.org", "");
	assert_found("a.@b", "");
	assert_found("@ @@ @@x", "");
}

static void code_is_not_looked_into(void **state)
{
	(void)state;
	assert_found("`@a` @b ``x ` @c`` @d", "b d");
	assert_found("```\n@a\n```\n@b", "b");
	assert_found("~~~ c\n@a ``` @x\n~~~\n@b", "b");
	assert_found("````\n```\n@a\n````\n@b", "b");
	assert_found("```\n@a", "");
	assert_found("`not closed @a", "a");
	assert_found("~ @a ~~ @b", "a b");
}

static void there_are_at_most_so_many(void **state)
{
	struct arena a = ARENA_EMPTY;
	struct str found[MENTIONS_MAX];
	char text[4096] = "";

	(void)state;
	for (int i = 0; i < 200; i++)
		sprintf(text + strlen(text), "@u%d ", i);
	assert_int_equal(mentions_find(str_of(text), &a, found), MENTIONS_MAX);
	memset(text, 'x', 300);
	text[0] = '@';
	text[300] = '\0';
	assert_int_equal(mentions_find(str_of(text), &a, found), 0);
	arena_reset(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(handles_are_found_once_and_in_lower_case),
		cmocka_unit_test(what_ends_a_sentence_is_not_part_of_it),
		cmocka_unit_test(words_with_an_at_are_no_mentions),
		cmocka_unit_test(code_is_not_looked_into),
		cmocka_unit_test(there_are_at_most_so_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
