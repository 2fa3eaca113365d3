/*
 * HMAC-SHA256 (RFC 2104) by OpenSSL, keyed once and used often. One thread at a time.
 *
 * OpenSSL fails here only without memory or without its default provider; both end the process, as in
 * base/mem.h.
 */
#ifndef BUGD_DOMAIN_HMAC_H
#define BUGD_DOMAIN_HMAC_H

#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

#define HMAC_LEN 32

struct hmac;

struct hmac *hmac_create(struct str key);
void hmac_free(struct hmac *h);

/* Signs the parts as if they were one text: a caller whose parts could be shifted adds their lengths. */
void hmac_sign(struct hmac *h, const struct str *parts, size_t count, uint8_t out[HMAC_LEN]);

#endif
