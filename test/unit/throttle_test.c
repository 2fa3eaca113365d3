#include "domain/throttle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void is_origin(const char *address, const char *expected)
{
	char origin[THROTTLE_ORIGIN_MAX];

	assert_true(throttle_origin(str_of(address), origin));
	assert_string_equal(origin, expected);
}

static void an_ipv4_address_is_its_own_origin(void **state)
{
	(void)state;
	is_origin("192.0.2.7", "192.0.2.7");
	is_origin("::ffff:192.0.2.7", "192.0.2.7");
}

static void half_of_an_ipv6_address_is_its_origin(void **state)
{
	(void)state;
	is_origin("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64");
	is_origin("2001:db8:1:2::1", "2001:db8:1:2::/64");
	is_origin("2001:DB8:1:3::1", "2001:db8:1:3::/64");
	is_origin("::1", "::/64");
	is_origin("fe80::1%eth0", "fe80::/64");
}

static void what_is_no_address_stands_for_everybody(void **state)
{
	static const char *const others[] = { "unix", "", "1.2.3", "localhost", "1.2.3.4.5", "x:y" };
	char origin[THROTTLE_ORIGIN_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		assert_false(throttle_origin(str_of(others[i]), origin));
		assert_string_equal(origin, others[i]);
	}
}

static void long_text_is_cut(void **state)
{
	char origin[THROTTLE_ORIGIN_MAX], text[1000];

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_false(throttle_origin((struct str){ text, sizeof(text) }, origin));
	assert_int_equal(strlen(origin), THROTTLE_ORIGIN_MAX - 1);
}

struct keys {
	uint8_t of[4][THROTTLE_KEY_LEN];
};

static struct keys keys_of(const char *secret, const char *account, const char *origin)
{
	struct hmac *mac = hmac_create(str_of(secret));
	struct keys k;

	for (int kind = 0; kind < 4; kind++)
		throttle_key(mac, (enum throttle_kind)kind, str_of(account), str_of(origin), k.of[kind]);
	hmac_free(mac);
	return k;
}

static void each_kind_counts_what_it_is_for(void **state)
{
	struct keys a = keys_of("0123456789abcdef", "a@b.test", "192.0.2.7");
	struct keys other_account = keys_of("0123456789abcdef", "b@b.test", "192.0.2.7");
	struct keys other_origin = keys_of("0123456789abcdef", "a@b.test", "192.0.2.8");
	struct keys other_secret = keys_of("0123456789abcdeX", "a@b.test", "192.0.2.7");
	/*			       account, origin, usual, own */
	static const bool by_account[] = { true, false, true, true };
	static const bool by_origin[] = { false, true, true, false };

	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		assert_int_equal(memcmp(a.of[kind], other_account.of[kind], THROTTLE_KEY_LEN) != 0,
				 by_account[kind]);
		assert_int_equal(memcmp(a.of[kind], other_origin.of[kind], THROTTLE_KEY_LEN) != 0,
				 by_origin[kind]);
		assert_memory_not_equal(a.of[kind], other_secret.of[kind], THROTTLE_KEY_LEN);
		for (int other = 0; other < kind; other++)
			assert_memory_not_equal(a.of[kind], a.of[other], THROTTLE_KEY_LEN);
	}
}

static void nothing_moves_between_origin_and_account(void **state)
{
	struct keys a = keys_of("0123456789abcdef", "1a@b.test", "192.0.2.");
	struct keys b = keys_of("0123456789abcdef", "a@b.test", "192.0.2.1");

	(void)state;
	assert_memory_not_equal(a.of[THROTTLE_USUAL], b.of[THROTTLE_USUAL], THROTTLE_KEY_LEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ipv4_address_is_its_own_origin),
		cmocka_unit_test(half_of_an_ipv6_address_is_its_origin),
		cmocka_unit_test(what_is_no_address_stands_for_everybody),
		cmocka_unit_test(long_text_is_cut),
		cmocka_unit_test(each_kind_counts_what_it_is_for),
		cmocka_unit_test(nothing_moves_between_origin_and_account),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
