/*
 * Access tokens: JWT (RFC 7519) after RFC 8725, HS256 or EdDSA (Ed25519). The algorithm is fixed by
 * configuration; whatever the token's header says otherwise makes it invalid. One thread: the loop's.
 *
 * A token's header is {"alg":…,"typ":"at+jwt","kid":…}, and a token is ours only with exactly the bytes that one
 * of our keys writes. So nothing in a header is ever interpreted (no alg, kid, jku or crit to fool us with), and
 * a JWT that was made for something else with the same key is not an access token (RFC 8725, section 3.11).
 */
#ifndef BUGD_DOMAIN_JWT_H
#define BUGD_DOMAIN_JWT_H

#include "base/buf.h"
#include "base/str.h"
#include "base/uuid.h"
#include "domain/jwt_key.h"

#include <stdbool.h>
#include <stdint.h>

#define JWT_TOKEN_MAX  2048
#define JWT_KEYS_MAX   16
#define JWT_ISSUER_MAX 255
#define JWT_LEEWAY     60 /* seconds that another machine's clock may be ahead of ours */

struct jwt_claims {
	struct uuid sub; /* the user */
	struct uuid sid; /* the session */
	struct uuid jti;
	int64_t iat, exp; /* seconds since 1970, not negative; nbf is iat */
};

struct jwt_keys;

/*
 * HS256: the key must have JWT_KEY_MIN bytes at least. `issuer` is both iss and aud: 1 to JWT_ISSUER_MAX printable
 * ASCII characters. NULL: one of them is not so.
 */
struct jwt_keys *jwt_keys_create(struct str key, struct str issuer);
/* EdDSA: an Ed25519 private key in PEM. */
struct jwt_keys *jwt_keys_create_eddsa(struct str pem, struct str issuer);
void jwt_keys_free(struct jwt_keys *keys);

/*
 * Adds keys whose tokens are still good, but that sign no more, for a change of keys: secrets, one a line, or
 * public keys in PEM. False: one of them is not usable with this algorithm, or there are more than JWT_KEYS_MAX.
 */
bool jwt_keys_add(struct jwt_keys *keys, struct str old);

/* The keys, the one that signs first; NULL behind the last one. */
const struct jwt_key *jwt_keys_at(const struct jwt_keys *keys, size_t i);

/* Appends the token to `out`. */
void jwt_sign(struct jwt_keys *keys, const struct jwt_claims *claims, struct buf *out);

/*
 * Whether the token is ours, whole and valid at `now` (seconds): signed by us, iss and aud are the issuer,
 * now < exp, iat and nbf not later than now + JWT_LEEWAY. All failures look the same. Signatures are compared
 * in constant time. A verified token of up to JWT_CACHE_TOKEN_MAX characters is remembered until it expires
 * in a table of JWT_CACHE_SIZE places, so that a client's second request costs a hash instead of a signature.
 */
bool jwt_verify(struct jwt_keys *keys, struct str token, int64_t now, struct jwt_claims *out);

#define JWT_CACHE_SIZE      4096
#define JWT_CACHE_TOKEN_MAX 640

#endif
