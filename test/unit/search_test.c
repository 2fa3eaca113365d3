#include "domain/search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static struct search s;
static struct search_error error;

static int end(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

static void parse(const char *text)
{
	if (!search_parse(str_of(text), &arena, &s, &error))
		fail_msg("%s: %.*s", text, STR_FMT(error.detail));
}

static void assert_term(size_t i, enum search_kind kind, const char *text)
{
	assert_true(i < s.terms);
	assert_int_equal(s.term[i].kind, kind);
	if (!str_eq_z(s.term[i].text, text))
		fail_msg("\"%.*s\", not \"%s\"", STR_FMT(s.term[i].text), text);
}

static void assert_qualifier(size_t i, enum search_name name, const char *value, size_t at)
{
	assert_true(i < s.qualifiers);
	assert_int_equal(s.qualifier[i].name, name);
	assert_true(str_eq_z(s.qualifier[i].value, value));
	assert_int_equal(s.qualifier[i].at, at);
}

static void assert_refused(const char *text, const char *code, size_t at)
{
	if (search_parse(str_of(text), &arena, &s, &error))
		fail_msg("\"%s\" was taken", text);
	assert_string_equal(error.code, code);
	assert_int_equal(error.at, at);
	assert_true(error.detail.n > 0);
}

static void words_phrases_and_excluded_ones(void **state)
{
	(void)state;
	parse("  page \"does not load\" -again -\"on a tablet\" crash ");
	assert_int_equal(s.terms, 5);
	assert_term(0, SEARCH_WORD, "page");
	assert_term(1, SEARCH_PHRASE, "does not load");
	assert_term(2, SEARCH_EXCLUDED, "again");
	assert_term(3, SEARCH_EXCLUDED, "on a tablet");
	assert_term(4, SEARCH_WORD, "crash");
	assert_true(search_ends_in_word(&s));
	parse("crash \"of the page\"");
	assert_false(search_ends_in_word(&s));
}

static void qualifiers_with_their_places(void **state)
{
	(void)state;
	parse("é is:open Label:\"needs review\" crash author:me");
	assert_int_equal(s.terms, 2);
	assert_int_equal(s.qualifiers, 3);
	assert_qualifier(0, SEARCH_IS, "open", 3);
	assert_qualifier(1, SEARCH_LABEL, "needs review", 11);
	assert_qualifier(2, SEARCH_AUTHOR, "me", 38);
}

static void what_only_looks_like_a_qualifier_is_text(void **state)
{
	(void)state;
	parse("std::string https://example.org 12:30 \"error:\" :x");
	assert_int_equal(s.qualifiers, 0);
	assert_term(0, SEARCH_WORD, "std::string");
	assert_term(1, SEARCH_WORD, "https://example.org");
	assert_term(2, SEARCH_WORD, "12:30");
	assert_term(3, SEARCH_PHRASE, "error:");
	assert_term(4, SEARCH_WORD, ":x");
}

static void nothing_to_look_for(void **state)
{
	static const char *const texts[] = { "", "   ", "\"\"", "\" \"", "\t\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		parse(texts[i]);
		assert_int_equal(s.terms + s.qualifiers, 0);
	}
	parse("- -- a-b");
	assert_term(0, SEARCH_WORD, "-");
	assert_term(1, SEARCH_EXCLUDED, "-");
	assert_term(2, SEARCH_WORD, "a-b");
}

static void errors_say_where(void **state)
{
	(void)state;
	assert_refused("crash colour:red", "unknown_qualifier", 7);
	assert_refused("ééé is:", "missing_value", 5);
	assert_refused("label:\"  \"", "missing_value", 1);
	assert_refused("say \"hello", "unclosed_quote", 5);
	assert_refused("label:\"hello", "unclosed_quote", 7);
	assert_refused("a -is:open", "excluded_qualifier", 3);
}

static void items_are_limited(void **state)
{
	char text[2 * (SEARCH_ITEMS_MAX + 1) + 1] = "";

	(void)state;
	for (int i = 0; i < SEARCH_ITEMS_MAX; i++)
		strcat(text, "a ");
	parse(text);
	assert_int_equal(s.terms, SEARCH_ITEMS_MAX);
	strcat(text, "a");
	assert_refused(text, "too_many", 2 * SEARCH_ITEMS_MAX + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(words_phrases_and_excluded_ones, end),
		cmocka_unit_test_teardown(qualifiers_with_their_places, end),
		cmocka_unit_test_teardown(what_only_looks_like_a_qualifier_is_text, end),
		cmocka_unit_test_teardown(nothing_to_look_for, end),
		cmocka_unit_test_teardown(errors_say_where, end),
		cmocka_unit_test_teardown(items_are_limited, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
