/*
 * A key that signs access tokens, or only verifies them any more. Part of domain/jwt.h.
 *
 * A key knows the header of its tokens, byte for byte, with its name (kid) in it. A token belongs to the key
 * with whose header it begins, so nothing in a header is ever interpreted.
 */
#ifndef BUGD_DOMAIN_JWT_KEY_H
#define BUGD_DOMAIN_JWT_KEY_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

#define JWT_SIGNATURE_MAX 64 /* bytes: Ed25519; HMAC-SHA256 has 32 */
#define JWT_KEY_MIN       32

enum jwt_algorithm { JWT_HS256, JWT_EDDSA };

struct jwt_key;

/* NULL: fewer bytes than RFC 7518, section 3.2, allows. */
struct jwt_key *jwt_key_secret(struct str secret);
/* An Ed25519 key in PEM (PKCS #8); NULL: it is something else. */
struct jwt_key *jwt_key_private(struct str pem);
/* The first Ed25519 public key in *pems, which is moved behind it; NULL: there is none, or another kind. */
struct jwt_key *jwt_key_public(struct str *pems);
void jwt_key_free(struct jwt_key *key);

/* base64url({"alg":…,"typ":"at+jwt","kid":…}) and a dot. */
struct str jwt_key_header(const struct jwt_key *key);
/* HS256: made of an HMAC with the key; EdDSA: its thumbprint (RFC 7638). */
struct str jwt_key_id(const struct jwt_key *key);
/* The public key as base64url, the member x of a JWK (RFC 8037); absent for a secret. */
struct str jwt_key_x(const struct jwt_key *key);

size_t jwt_key_signature_len(const struct jwt_key *key);
void jwt_key_sign(struct jwt_key *key, struct str text, uint8_t signature[JWT_SIGNATURE_MAX]);
bool jwt_key_verify(struct jwt_key *key, struct str text, const uint8_t *signature);

#endif
