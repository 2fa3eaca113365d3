/* Addresses and networks of IPv4 and IPv6. An IPv4 address is kept as IPv6 maps it (::ffff:192.0.2.1). */
#ifndef BUGD_IO_NETWORK_H
#define BUGD_IO_NETWORK_H

#include "base/str.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define NETWORK_ADDRESS_TEXT INET6_ADDRSTRLEN
#define NETWORKS_MAX         64

struct network_address {
	unsigned char b[16];
};

/* "192.0.2.1", "2001:db8::1"; no brackets, port or zone. */
bool network_address_parse(struct str text, struct network_address *out);
/* False: of another family. */
bool network_address_of(const struct sockaddr *from, struct network_address *out);
/* NUL-terminated; that of IPv4 as such. */
void network_address_format(const struct network_address *a, char out[NETWORK_ADDRESS_TEXT]);

struct network_list {
	struct network {
		struct network_address address;
		unsigned bits; /* those that count */
	} v[NETWORKS_MAX];
	size_t n;
	bool local; /* "unix" is in the list: peers on a unix socket */
};

/*
 * Reads "10.0.0.0/8, ::1, unix". False: *wrong is the item that is no network, has bits set behind its prefix, or
 * is one too many.
 */
bool network_list_parse(struct network_list *l, struct str text, struct str *wrong);
bool network_list_has(const struct network_list *l, const struct network_address *a);

#endif
