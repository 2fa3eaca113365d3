#include "domain/hmac.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void check(struct str key, struct str text, const char *expected)
{
	struct hmac *h = hmac_create(key);
	uint8_t mac[HMAC_LEN];
	char hex[2 * HMAC_LEN + 1];

	/* Twice, because the second one starts from the key that was kept. */
	for (int round = 0; round < 2; round++) {
		hmac_sign(h, &text, 1, mac);
		for (int i = 0; i < HMAC_LEN; i++) {
			hex[2 * i] = "0123456789abcdef"[mac[i] >> 4];
			hex[2 * i + 1] = "0123456789abcdef"[mac[i] & 15];
		}
		hex[2 * HMAC_LEN] = '\0';
		assert_string_equal(hex, expected);
	}
	hmac_free(h);
}

static void the_vectors_of_rfc_4231_hold(void **state)
{
	char key[131];

	(void)state;
	memset(key, 0x0b, 20);
	check((struct str){ key, 20 }, STR("Hi There"),
	      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	check(STR("Jefe"), STR("what do ya want for nothing?"),
	      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	check((struct str){ key, sizeof(key) }, STR("Test Using Larger Than Block-Size Key - Hash Key First"),
	      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void parts_are_signed_as_one_text(void **state)
{
	struct hmac *h = hmac_create(STR("Jefe"));
	const struct str whole = STR("what do ya want for nothing?");
	const struct str parts[] = { STR("what do ya "), STR(""), STR("want for"), STR(" nothing?") };
	uint8_t a[HMAC_LEN], b[HMAC_LEN];

	(void)state;
	hmac_sign(h, &whole, 1, a);
	hmac_sign(h, parts, 4, b);
	assert_memory_equal(a, b, HMAC_LEN);
	hmac_free(h);
	hmac_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_rfc_4231_hold),
		cmocka_unit_test(parts_are_signed_as_one_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
