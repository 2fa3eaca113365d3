#include "domain/opaque.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void a_token_has_the_form_that_scanners_look_for(void **state)
{
	char token[OPAQUE_MAX];

	(void)state;
	opaque_make(OPAQUE_PERSONAL, token);
	assert_memory_equal(token, "bugd_pat_", 9);
	assert_int_equal(strlen(token), 9 + 43 + 6);
	assert_int_equal(strspn(token + 9, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
			 49);
	assert_true(opaque_valid(str_of(token), OPAQUE_PERSONAL));
	assert_false(opaque_valid(str_of(token), OPAQUE_REFRESH));
}

static void no_two_tokens_are_the_same(void **state)
{
	static char made[1000][OPAQUE_MAX];

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		opaque_make(OPAQUE_REFRESH, made[i]);
		for (size_t k = 0; k < i; k++)
			assert_memory_not_equal(made[i], made[k], OPAQUE_MAX);
	}
}

static void each_changed_character_is_noticed(void **state)
{
	char token[OPAQUE_MAX];
	size_t n;

	(void)state;
	opaque_make(OPAQUE_PERSONAL, token);
	n = strlen(token);
	for (size_t i = 0; i < n; i++) {
		char right = token[i];

		token[i] = right == 'x' ? 'y' : 'x';
		assert_false(opaque_valid(str_of(token), OPAQUE_PERSONAL));
		token[i] = right;
	}
	assert_true(opaque_valid((struct str){ token, n }, OPAQUE_PERSONAL));
	assert_false(opaque_valid((struct str){ token, n - 1 }, OPAQUE_PERSONAL));
	assert_false(opaque_valid((struct str){ token, n + 1 }, OPAQUE_PERSONAL));
	assert_false(opaque_valid(STR_NONE, OPAQUE_PERSONAL));
	assert_false(opaque_valid(STR(""), OPAQUE_PERSONAL));
}

/* The check is the CRC-32 of gzip, so anybody can compute it: crc32("bugd_pat_000…") in base 62. */
static void the_checksum_is_the_one_that_is_documented(void **state)
{
	(void)state;
	assert_true(opaque_valid(STR("bugd_pat_00000000000000000000000000000000000000000003Tgkn3"),
				 OPAQUE_PERSONAL));
}

static void the_hash_is_sha256(void **state)
{
	static const uint8_t abc[OPAQUE_HASH_LEN] = {
		0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
		0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
		0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
	};
	uint8_t hash[OPAQUE_HASH_LEN];

	(void)state;
	opaque_hash(STR("abc"), hash);
	assert_memory_equal(hash, abc, sizeof(abc));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_has_the_form_that_scanners_look_for),
		cmocka_unit_test(no_two_tokens_are_the_same),
		cmocka_unit_test(each_changed_character_is_noticed),
		cmocka_unit_test(the_checksum_is_the_one_that_is_documented),
		cmocka_unit_test(the_hash_is_sha256),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
