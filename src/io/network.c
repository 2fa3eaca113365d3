#include "io/network.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool is_mapped(const struct network_address *a)
{
	return memcmp(a->b, mapped, sizeof(mapped)) == 0;
}

bool network_address_parse(struct str text, struct network_address *out)
{
	char z[NETWORK_ADDRESS_TEXT];

	if (text.n == 0 || text.n >= sizeof(z) || memchr(text.p, '\0', text.n))
		return false;
	memcpy(z, text.p, text.n);
	z[text.n] = '\0';
	memcpy(out->b, mapped, sizeof(mapped));
	return inet_pton(AF_INET, z, out->b + sizeof(mapped)) == 1 || inet_pton(AF_INET6, z, out->b) == 1;
}

bool network_address_of(const struct sockaddr *from, struct network_address *out)
{
	if (from->sa_family == AF_INET6) {
		memcpy(out->b, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr, sizeof(out->b));
		return true;
	}
	if (from->sa_family != AF_INET)
		return false;
	memcpy(out->b, mapped, sizeof(mapped));
	memcpy(out->b + sizeof(mapped), &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
	return true;
}

void network_address_format(const struct network_address *a, char out[NETWORK_ADDRESS_TEXT])
{
	if (is_mapped(a))
		inet_ntop(AF_INET, a->b + sizeof(mapped), out, NETWORK_ADDRESS_TEXT);
	else
		inet_ntop(AF_INET6, a->b, out, NETWORK_ADDRESS_TEXT);
}

/* Whether the bits of a from place `from` on are those of b, up to place `to`. */
static bool same_bits(const unsigned char *a, const unsigned char *b, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++) {
		if ((a[i / 8] ^ b[i / 8]) >> (7 - i % 8) & 1)
			return false;
	}
	return true;
}

static bool parse_network(struct str text, struct network *out)
{
	static const unsigned char zero[16];
	struct str address = str_cut(&text, '/');
	int64_t bits;

	if (!network_address_parse(address, &out->address))
		return false;
	out->bits = 128;
	if (!text.p)
		return true;
	if (!str_to_i64(text, &bits) || bits < 0)
		return false;
	if (is_mapped(&out->address) && memchr(address.p, ':', address.n) == NULL)
		bits += 96;
	if (bits > 128)
		return false;
	out->bits = (unsigned)bits;
	return same_bits(out->address.b, zero, out->bits, 128);
}

bool network_list_parse(struct network_list *l, struct str text, struct str *wrong)
{
	*l = (struct network_list){ 0 };
	while (text.p) {
		*wrong = str_trim(str_cut(&text, ','));
		if (str_eq_z(*wrong, "unix"))
			l->local = true;
		else if (l->n == NETWORKS_MAX || !parse_network(*wrong, &l->v[l->n++]))
			return false;
	}
	return true;
}

bool network_list_has(const struct network_list *l, const struct network_address *a)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct network *n = &l->v[i];
		unsigned bytes = n->bits / 8;

		if (memcmp(a->b, n->address.b, bytes) == 0 &&
		    same_bits(a->b, n->address.b, bytes * 8, n->bits))
			return true;
	}
	return false;
}
