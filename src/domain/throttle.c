#include "domain/throttle.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static bool write_v6_network(const struct in6_addr *address, char *out)
{
	struct in6_addr network = *address;
	char text[INET6_ADDRSTRLEN];

	if (IN6_IS_ADDR_V4MAPPED(address)) {
		inet_ntop(AF_INET, address->s6_addr + 12, out, THROTTLE_ORIGIN_MAX);
		return true;
	}
	memset(network.s6_addr + 8, 0, 8);
	inet_ntop(AF_INET6, &network, text, sizeof(text));
	snprintf(out, THROTTLE_ORIGIN_MAX, "%s/64", text);
	return true;
}

bool throttle_origin(struct str address, char out[THROTTLE_ORIGIN_MAX])
{
	struct str zone = address;
	struct str host = str_cut(&zone, '%'); /* fe80::1%eth0 */
	struct in6_addr v6;
	struct in_addr v4;

	snprintf(out, THROTTLE_ORIGIN_MAX, "%.*s", STR_FMT(host));
	if (inet_pton(AF_INET6, out, &v6) == 1)
		return write_v6_network(&v6, out);
	return inet_pton(AF_INET, out, &v4) == 1;
}

void throttle_key(struct hmac *mac, enum throttle_kind kind, struct str account, struct str origin,
		  uint8_t out[THROTTLE_KEY_LEN])
{
	char head = (char)kind;
	bool by_origin = kind == THROTTLE_ORIGIN || kind == THROTTLE_USUAL;
	/* An origin holds no NUL, so nothing can move from one part to the other. */
	struct str parts[] = { { &head, 1 },
			       by_origin ? origin : STR(""),
			       STR("\0"),
			       kind == THROTTLE_ORIGIN ? STR("") : account };

	hmac_sign(mac, parts, sizeof(parts) / sizeof(*parts), out);
}
