#include "domain/email.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static bool valid_of_lengths(size_t local, size_t label, const char *rest)
{
	char text[512];
	size_t n = 0;

	memset(text, 'a', local);
	n += local;
	text[n++] = '@';
	memset(text + n, 'b', label);
	n += label;
	memcpy(text + n, rest, strlen(rest));
	return email_valid((struct str){ text, n + strlen(rest) });
}

static void what_people_have_is_taken(void **state)
{
	static const char *const right[] = { "ada@example.org",          "a@b.co",
					     "ada.lovelace@example.org", "ada+bugs@mail.example.co.uk",
					     "o'brien@example.ie",       "_x-1=2@1and1.com",
					     "user@xn--bcher-kva.de",    "user@example.xn--p1ai" };

	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++)
		assert_true(email_valid(str_of(right[i])));
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const wrong[] = { "",
					     "@",
					     "a@",
					     "@b.co",
					     "a",
					     "a@b",
					     "a@b.",
					     "a@.b",
					     "a@b..co",
					     "a@@b.co",
					     "a@b@c.co",
					     " a@b.co",
					     "a@b.co ",
					     "a b@c.co",
					     "a@b c.co",
					     "a@b.co\n",
					     ".a@b.co",
					     "a.@b.co",
					     "a..b@c.co",
					     "\"a\"@b.co",
					     "<a@b.co>",
					     "a@-b.co",
					     "a@b-.co",
					     "a@b_c.co",
					     "a@127.0.0.1",
					     "a@[127.0.0.1]",
					     "a@b.c,d@e.f",
					     "\xc3\xa4@b.co",
					     "a@b\xc3\xa4.co",
					     "a\x7f@b.co",
					     "a\x01@b.co" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(email_valid(str_of(wrong[i])));
	assert_false(email_valid(STR("a\0@b.co")));
	assert_false(email_valid(STR("a@b.co\0")));
	assert_false(email_valid(STR_NONE));
}

static void lengths_are_bounded(void **state)
{
	(void)state;
	assert_true(valid_of_lengths(64, 3, ".org"));
	assert_false(valid_of_lengths(65, 3, ".org"));
	assert_true(valid_of_lengths(1, 63, ".org"));
	assert_false(valid_of_lengths(1, 64, ".org"));
}

static void the_whole_has_at_most_254_characters(void **state)
{
	char text[300], label[] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb."; /* 49 with its dot */

	(void)state;
	strcpy(text, "aaaaa@");
	for (int i = 0; i < 5; i++)
		strcat(text, label);
	strcat(text, "org");
	assert_int_equal(strlen(text), 254);
	assert_true(email_valid(str_of(text)));
	strcat(text, "s");
	assert_false(email_valid(str_of(text)));
}

static void addresses_are_kept_in_lower_case(void **state)
{
	char out[32];

	(void)state;
	email_normalise(STR("Ada.LOVELACE@Example.ORG"), out);
	assert_memory_equal(out, "ada.lovelace@example.org", 24);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_people_have_is_taken),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(lengths_are_bounded),
		cmocka_unit_test(the_whole_has_at_most_254_characters),
		cmocka_unit_test(addresses_are_kept_in_lower_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
