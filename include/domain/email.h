/*
 * E-mail addresses, as far as a tracker needs them: what people really have, in one spelling.
 *
 * A dot-atom of RFC 5322 (no quoted part, no comment, no white space) of at most 64 characters, '@', and a
 * host name of at least two labels; at most 254 characters, all of them ASCII (an international domain comes
 * in its xn-- form). Whether mail arrives only a mail can tell.
 */
#ifndef BUGD_DOMAIN_EMAIL_H
#define BUGD_DOMAIN_EMAIL_H

#include "base/str.h"

#include <stdbool.h>

#define EMAIL_MAX 254

bool email_valid(struct str s);

/* Writes the address in lower case, s.n bytes, no NUL. Two addresses are the same when this is. */
void email_normalise(struct str s, char *out);

#endif
