/* What proxies say of the client for whom they ask. */
#include "http/proxy.h"

#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct heard {
	const char *fields[4][2];
	const char *client, *host;
	bool secure;
};

static void check(const struct heard *row)
{
	struct arena arena = ARENA_EMPTY;
	struct network_list trusted;
	struct header headers[4];
	struct str wrong;
	struct request r = { .headers = headers, .client = STR("10.0.0.1"), .host = STR("inside") };

	assert_true(network_list_parse(&trusted, STR("10.0.0.0/8, 2001:db8::/32"), &wrong));
	for (; r.header_count < 4 && row->fields[r.header_count][0]; r.header_count++)
		headers[r.header_count] = (struct header){ str_of(row->fields[r.header_count][0]),
							   str_of(row->fields[r.header_count][1]) };
	proxy_hear(&r, &trusted, &arena);
	if (!str_eq_z(r.client, row->client) || !str_eq_z(r.host, row->host) || r.secure != row->secure)
		fail_msg("%s: %.*s, %.*s, %d", row->fields[0][1], STR_FMT(r.client), STR_FMT(r.host),
			 r.secure);
	arena_reset(&arena);
}

static void proxies_are_heard(void **state)
{
#define FOR(value)                                                                                           \
	{                                                                                                    \
		"x-forwarded-for", value                                                                     \
	}
	static const struct heard rows[] = {
		{ { { NULL, NULL } }, "10.0.0.1", "inside", false },
		{ { FOR("192.0.2.1") }, "192.0.2.1", "inside", false },
		{ { FOR("192.0.2.1:8080") }, "192.0.2.1", "inside", false },
		{ { FOR("[2001:db9::1]:8080") }, "2001:db9::1", "inside", false },
		{ { FOR("[2001:db9::1]") }, "2001:db9::1", "inside", false },
		{ { FOR("2001:DB9:0::1") }, "2001:db9::1", "inside", false },
		{ { FOR("::ffff:192.0.2.1") }, "192.0.2.1", "inside", false },
		/* The right-most one that is not trusted; what it claims about others is nothing. */
		{ { FOR("198.51.100.1, 192.0.2.1") }, "192.0.2.1", "inside", false },
		{ { FOR("198.51.100.1, 192.0.2.1 ,10.2.3.4,2001:db8::9") }, "192.0.2.1", "inside", false },
		{ { FOR("10.9.9.9, 10.2.3.4") }, "10.9.9.9", "inside", false },
		{ { FOR("198.51.100.1"), FOR("192.0.2.1"), FOR("10.2.3.4") }, "192.0.2.1", "inside", false },
		{ { FOR("198.51.100.1, unknown, 10.2.3.4") }, "10.2.3.4", "inside", false },
		{ { FOR("") }, "10.0.0.1", "inside", false },
		{ { FOR("_hidden") }, "10.0.0.1", "inside", false },
		{ { FOR("192.0.2.1,") }, "10.0.0.1", "inside", false },
		{ { { "X-Forwarded-Proto", "HTTPS" } }, "10.0.0.1", "inside", true },
		{ { { "X-Forwarded-Proto", "https, http" } }, "10.0.0.1", "inside", false },
		{ { { "X-Forwarded-Proto", "http" }, { "X-Forwarded-Proto", "https" } },
		  "10.0.0.1",
		  "inside",
		  true },
		{ { { "X-Forwarded-Host", "bugs.example.org:443" } },
		  "10.0.0.1",
		  "bugs.example.org:443",
		  false },
		{ { { "X-Forwarded-Host", "evil, bugs.example.org" } },
		  "10.0.0.1",
		  "bugs.example.org",
		  false },
		{ { { "X-Forwarded-Host", "a b" } }, "10.0.0.1", "inside", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check(&rows[i]);
	arena_trim();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proxies_are_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
