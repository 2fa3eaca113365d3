#include "io/network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static bool contains(const char *networks, const char *address)
{
	struct network_list l;
	struct network_address a;
	struct str wrong;

	if (!network_list_parse(&l, str_of(networks), &wrong))
		fail_msg("not read: %s", networks);
	if (!network_address_parse(str_of(address), &a))
		fail_msg("not read: %s", address);
	return network_list_has(&l, &a);
}

static void networks_hold_their_addresses(void **state)
{
	static const struct {
		const char *networks, *address;
		bool in;
	} rows[] = {
		{ "10.0.0.0/8", "10.255.255.255", true },
		{ "10.0.0.0/8", "11.0.0.0", false },
		{ "192.0.2.128/25", "192.0.2.128", true },
		{ "192.0.2.128/25", "192.0.2.127", false },
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.2", false },
		{ "0.0.0.0/0", "255.255.255.255", true },
		{ "0.0.0.0/0", "::1", false },
		{ "::/0", "192.0.2.1", true },
		{ "::1", "::1", true },
		{ "2001:db8::/33", "2001:db8:7fff::1", true },
		{ "2001:db8::/33", "2001:db8:8000::", false },
		{ "::ffff:192.0.2.0/120", "192.0.2.9", true },
		{ "192.0.2.0/24", "::ffff:192.0.2.9", true },
		{ "unix", "::1", false },
		{ "127.0.0.1, ::1,10.0.0.0/8", "10.1.2.3", true },
		{ "127.0.0.1, ::1,10.0.0.0/8", "::1", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (contains(rows[i].networks, rows[i].address) != rows[i].in)
			fail_msg("%s, %s", rows[i].networks, rows[i].address);
	}
}

static void what_is_no_network_is_named(void **state)
{
	static const struct {
		const char *text, *wrong;
	} rows[] = {
		{ "", "" },
		{ "localhost", "localhost" },
		{ "10.0.0.0/8,", "" },
		{ "10.0.0.0/8, 10.0.0/8", "10.0.0/8" },
		{ "10.0.0.0/33", "10.0.0.0/33" },
		{ "10.0.0.0/-1", "10.0.0.0/-1" },
		{ "10.0.0.0/", "10.0.0.0/" },
		{ "10.0.0.1/8", "10.0.0.1/8" },
		{ "2001:db8::/129", "2001:db8::/129" },
		{ "2001:db8::1/64", "2001:db8::1/64" },
		{ "::1%lo", "::1%lo" },
		{ "Unix", "Unix" },
	};
	struct network_list l;
	struct str wrong;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (network_list_parse(&l, str_of(rows[i].text), &wrong) || !str_eq_z(wrong, rows[i].wrong))
			fail_msg("%s", rows[i].text);
	}
}

static void list_has_a_bound(void **state)
{
	char text[NETWORKS_MAX * 2 + 8 + NETWORKS_MAX * 2];
	size_t n = 0;
	struct network_list l;
	struct str wrong;

	(void)state;
	for (int i = 0; i < NETWORKS_MAX; i++)
		for (const char *p = ",::"; *p; p++)
			text[n++] = *p;
	assert_true(network_list_parse(&l, (struct str){ text + 1, n - 1 }, &wrong));
	assert_int_equal(l.n, NETWORKS_MAX);
	for (const char *p = ",::"; *p; p++)
		text[n++] = *p;
	assert_false(network_list_parse(&l, (struct str){ text + 1, n - 1 }, &wrong));
}

static void unix_is_a_word_of_its_own(void **state)
{
	struct network_list l;
	struct str wrong;

	(void)state;
	assert_true(network_list_parse(&l, STR("unix"), &wrong));
	assert_true(l.local);
	assert_int_equal(l.n, 0);
	assert_true(network_list_parse(&l, STR("::1"), &wrong));
	assert_false(l.local);
}

static void addresses_are_written_as_people_do(void **state)
{
	static const char *const rows[][2] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		{ "2001:DB8:0::1", "2001:db8::1" },
	};
	char text[NETWORK_ADDRESS_TEXT];
	struct network_address a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_true(network_address_parse(str_of(rows[i][0]), &a));
		network_address_format(&a, text);
		assert_string_equal(text, rows[i][1]);
	}
	assert_false(network_address_parse(STR("192.0.2.256"), &a));
	assert_false(network_address_parse(STR("192.0.2.1 "), &a));
	assert_false(network_address_parse(STR("[::1]"), &a));
	assert_false(network_address_parse(STR("::1\0"), &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_hold_their_addresses),
		cmocka_unit_test(what_is_no_network_is_named),
		cmocka_unit_test(list_has_a_bound),
		cmocka_unit_test(unix_is_a_word_of_its_own),
		cmocka_unit_test(addresses_are_written_as_people_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
