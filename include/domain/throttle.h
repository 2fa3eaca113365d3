/*
 * What wrong passwords are counted by. The counts are in the database (sql/schema/003, login_throttle), shared
 * by all processes; their keys are keyed hashes, which tell nobody what was typed.
 */
#ifndef BUGD_DOMAIN_THROTTLE_H
#define BUGD_DOMAIN_THROTTLE_H

#include "base/str.h"
#include "domain/hmac.h"

#include <stdbool.h>
#include <stdint.h>

#define THROTTLE_KEY_LEN    HMAC_LEN
#define THROTTLE_ORIGIN_MAX 64

enum throttle_kind {
	THROTTLE_ACCOUNT, /* all guesses at one account */
	THROTTLE_ORIGIN,  /* all guesses from one origin */
	THROTTLE_USUAL,   /* those at one account from an origin where it signed in before */
	THROTTLE_OWN,     /* those of somebody who is signed in at the own password */
};

/*
 * The network that an address belongs to, as far as one owner can be assumed: an IPv4 address itself (mapped into
 * IPv6 or not), the first 64 bits of an IPv6 address. What is no address ("unix") stays as it is, and then false
 * is returned: it stands for everybody. NUL-terminated.
 */
bool throttle_origin(struct str address, char out[THROTTLE_ORIGIN_MAX]);

/* The key of a count. `origin` matters for THROTTLE_ORIGIN and THROTTLE_USUAL, `account` for all but the former. */
void throttle_key(struct hmac *mac, enum throttle_kind kind, struct str account, struct str origin,
		  uint8_t out[THROTTLE_KEY_LEN]);

#endif
