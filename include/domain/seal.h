/*
 * Sealing: what is stored so that only who has the secret key can read it again (AES-256-GCM, NIST SP 800-38D, with
 * a random nonce of 96 bits in front and the tag behind).
 */
#ifndef BUGD_DOMAIN_SEAL_H
#define BUGD_DOMAIN_SEAL_H

#include "base/buf.h"

#include <stdbool.h>

#define SEAL_KEY_LEN  32
#define SEAL_OVERHEAD (12 + 16)

/* Appends `plain`, sealed, to `out`. It opens only with the same key (SEAL_KEY_LEN bytes) and the same `context`. */
void seal(struct str key, struct str context, struct str plain, struct buf *out);

/* Appends what was sealed to `out`. False, and nothing is appended: another key or context, or it was changed. */
bool seal_open(struct str key, struct str context, struct str sealed, struct buf *out);

#endif
