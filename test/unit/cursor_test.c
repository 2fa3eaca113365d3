#include "base/base64.h"
#include "domain/cursor.h"
#include "domain/hmac.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define KEY  STR("0123456789abcdef0123456789abcdef")
#define LIST STR("/api/v1/issues?status=open&sort=-created_at")

static struct arena arena;

static int tear_down(void **state)
{
	(void)state;
	arena_reset(&arena);
	arena_trim();
	return 0;
}

static struct buf text_of(const struct cursor *c)
{
	struct buf out = { 0 };

	cursor_encode(c, LIST, KEY, &out);
	return out;
}

static bool good(struct str text)
{
	struct cursor c;

	return cursor_decode(text, LIST, KEY, &arena, &c);
}

static void check_round_trip(const struct cursor *c)
{
	struct buf text = text_of(c);
	struct cursor back;

	assert_true(cursor_decode(buf_str(&text), LIST, KEY, &arena, &back));
	buf_free(&text);
	assert_int_equal(back.backward, c->backward);
	assert_int_equal(back.count, c->count);
	for (size_t i = 0; i < c->count; i++) {
		assert_int_equal(back.values[i].p == NULL, c->values[i].p == NULL);
		assert_true(str_eq(back.values[i], c->values[i]));
	}
}

static void values_come_back_as_they_were(void **state)
{
	const struct cursor plain = { .count = 2, .values = { STR("12345678"), STR("0123456789abcdef") } };
	const struct cursor backward = { .backward = true, .count = 1, .values = { STR("\0\xff\xff\0") } };
	const struct cursor none = { .count = 0 };
	struct cursor full = { .backward = true, .count = CURSOR_VALUES_MAX };

	(void)state;
	check_round_trip(&plain);
	check_round_trip(&backward);
	check_round_trip(&none);
	for (size_t i = 0; i < CURSOR_VALUES_MAX; i++)
		full.values[i] = i % 3 == 0 ? STR_NONE : i % 3 == 1 ? STR("") : STR("value");
	check_round_trip(&full);
}

static void the_longest_values_still_fit(void **state)
{
	char bytes[CURSOR_BYTES_MAX];
	struct cursor c = { .count = CURSOR_VALUES_MAX };
	struct buf text;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	for (size_t i = 0; i < CURSOR_VALUES_MAX; i++)
		c.values[i] = STR("");
	c.values[3] = (struct str){ bytes, sizeof(bytes) };
	text = text_of(&c);
	assert_true(text.n <= CURSOR_TEXT_MAX);
	buf_free(&text);
	check_round_trip(&c);
}

static void the_text_is_fit_for_urls(void **state)
{
	const struct cursor c = { .count = 1, .values = { STR("\xfb\xff\xbf\xff\xff\xff") } };
	struct buf text = text_of(&c);

	(void)state;
	for (size_t i = 0; i < text.n; i++)
		assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
				       text.p[i]));
	buf_free(&text);
}

static void another_list_or_key_does_not_take_it(void **state)
{
	const struct cursor c = { .count = 1, .values = { STR("12345678") } };
	struct buf text = text_of(&c);
	struct cursor out;

	(void)state;
	assert_false(
		cursor_decode(buf_str(&text), STR("/api/v1/issues?sort=-created_at"), KEY, &arena, &out));
	assert_false(cursor_decode(buf_str(&text), STR(""), KEY, &arena, &out));
	assert_false(
		cursor_decode(buf_str(&text), LIST, STR("0123456789abcdef0123456789abcdeX"), &arena, &out));
	assert_true(cursor_decode(buf_str(&text), LIST, KEY, &arena, &out));
	buf_free(&text);
}

static void any_changed_character_makes_it_invalid(void **state)
{
	const struct cursor c = { .count = 2, .values = { STR("12345678"), STR_NONE } };
	struct buf text = text_of(&c);

	(void)state;
	for (size_t i = 0; i < text.n; i++) {
		char was = text.p[i];

		for (int v = 1; v < 256; v++) {
			text.p[i] = (char)(was ^ v);
			assert_false(good(buf_str(&text)));
		}
		text.p[i] = was;
	}
	assert_true(good(buf_str(&text)));
	buf_free(&text);
}

static void any_cut_or_longer_text_is_invalid(void **state)
{
	const struct cursor c = { .count = 1, .values = { STR("12345678") } };
	struct buf text = text_of(&c);
	char large[CURSOR_TEXT_MAX + 4];

	(void)state;
	for (size_t n = 0; n < text.n; n++)
		assert_false(good((struct str){ text.p, n }));
	buf_add_lit(&text, "A");
	assert_false(good(buf_str(&text)));
	buf_free(&text);
	memset(large, 'A', sizeof(large));
	assert_false(good((struct str){ large, sizeof(large) }));
	assert_false(good((struct str){ large, CURSOR_TEXT_MAX }));
	assert_false(good(STR_NONE));
}

/* Bytes that are rightly signed though no cursor_encode made them. */
static bool signed_good(struct str data)
{
	struct hmac *h = hmac_create(KEY);
	char length[8] = { 0, 0, 0, 0, 0, 0, 0, (char)LIST.n };
	struct str parts[] = { { length, 8 }, LIST, data };
	uint8_t mac[HMAC_LEN];
	struct buf bytes = { 0 }, text = { 0 };
	bool result;

	hmac_sign(h, parts, 3, mac);
	hmac_free(h);
	buf_add_str(&bytes, data);
	buf_add(&bytes, mac, 16);
	base64url_encode(bytes.p, bytes.n, buf_reserve(&text, BASE64_TEXT_LEN(bytes.n)));
	text.n = BASE64_TEXT_LEN(bytes.n);
	result = good(buf_str(&text));
	buf_free(&bytes);
	buf_free(&text);
	return result;
}

static void signed_bytes_are_still_read_with_care(void **state)
{
	(void)state;
	assert_true(signed_good(STR("\1\0\0\3abc")));
	assert_false(signed_good(STR("\2\0\0\3abc")));   /* another version */
	assert_false(signed_good(STR("\1\0\0\4abc")));   /* longer than what is there */
	assert_false(signed_good(STR("\1\0\0\3abc\0"))); /* half a length */
	assert_true(signed_good(STR("\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")));
	assert_false(signed_good(STR("\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"))); /* nine values */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_come_back_as_they_were),
		cmocka_unit_test(the_longest_values_still_fit),
		cmocka_unit_test(the_text_is_fit_for_urls),
		cmocka_unit_test(another_list_or_key_does_not_take_it),
		cmocka_unit_test(any_changed_character_makes_it_invalid),
		cmocka_unit_test(any_cut_or_longer_text_is_invalid),
		cmocka_unit_test(signed_bytes_are_still_read_with_care),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
