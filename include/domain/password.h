/*
 * Passwords: Argon2id (RFC 9106) in the PHC string format. Slow by intent: never on the loop, see io/work.h.
 */
#ifndef BUGD_DOMAIN_PASSWORD_H
#define BUGD_DOMAIN_PASSWORD_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

#define PASSWORD_MIN      12
#define PASSWORD_MAX      1024
#define PASSWORD_HASH_MAX 256

struct password_cost {
	uint32_t memory_kib;  /* 8 a lane..PASSWORD_MEMORY_MAX_KIB */
	uint32_t iterations;  /* 1..PASSWORD_ITERATIONS_MAX */
	uint32_t parallelism; /* lanes; computed by one thread all the same */
};

#define PASSWORD_MEMORY_MAX_KIB  (1024u * 1024u)
#define PASSWORD_ITERATIONS_MAX  64u
#define PASSWORD_PARALLELISM_MAX 16u

/*
 * Hashes with a fresh salt into `out` (PHC string, NUL-terminated). False: no memory, a cost beyond the bounds
 * above or a password longer than PASSWORD_MAX.
 */
bool password_hash(struct str password, const struct password_cost *cost, char out[PASSWORD_HASH_MAX]);

/*
 * A hash that no password is known to have: verifying against it costs as much as against a real one, and
 * making it costs nothing. False: the cost is out of bounds.
 */
bool password_hash_nobody(const struct password_cost *cost, char out[PASSWORD_HASH_MAX]);

/* Whether the stored parameters are within the bounds above; a hash that is not is never computed. */
bool password_hash_cost(struct str hash, struct password_cost *out);

/* Whether the password is the one that was hashed; false as well for a hash that is malformed or too costly. */
bool password_verify(struct str hash, struct str password);

#endif
