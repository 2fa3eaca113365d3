/*
 * Opaque tokens: refresh tokens and personal access tokens. A prefix that says what they are, 256 random bits,
 * and a checksum, all of them letters and digits, so that scanners for leaked secrets recognise them:
 *
 *	bugd_pat_[0-9A-Za-z]{43}[0-9A-Za-z]{6}
 *
 * The last six are the CRC-32 (ISO 3309, as in gzip) of all before them, in base 62, as GitHub's are. It tells a
 * typo from a token without asking the database; that a token is right only its hash in there can tell. As a
 * token is random, a plain SHA-256 is hash enough.
 */
#ifndef BUGD_DOMAIN_OPAQUE_H
#define BUGD_DOMAIN_OPAQUE_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

#define OPAQUE_REFRESH  "bugd_rt_"
#define OPAQUE_PERSONAL "bugd_pat_"
#define OPAQUE_MAX      64
#define OPAQUE_HASH_LEN 32

/* Writes a new token with the prefix, NUL-terminated. The loop's thread only. */
void opaque_make(const char *prefix, char out[OPAQUE_MAX]);

/* Whether it has this form. */
bool opaque_valid(struct str token, const char *prefix);

/* Its SHA-256, which is what is stored and looked up. */
void opaque_hash(struct str token, uint8_t out[OPAQUE_HASH_LEN]);

#endif
