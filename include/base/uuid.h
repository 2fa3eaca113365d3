/* UUIDs: version 7 (RFC 9562, section 5.7), so that ids made later sort later. */
#ifndef BUGD_BASE_UUID_H
#define BUGD_BASE_UUID_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

#define UUID_TEXT_LEN 36

struct uuid {
	uint8_t b[16];
};

/*
 * A new version 7 id. Within a process ids never go back, not even within a millisecond or when the clock
 * is set back (RFC 9562, section 6.2, method 3: the sub-millisecond part of the clock in rand_a).
 */
struct uuid uuid_v7(void);

/* Writes exactly UUID_TEXT_LEN lower-case bytes, no NUL. */
void uuid_format(const struct uuid *u, char *out);

/* The 36-character form, in either case, of any version. */
bool uuid_parse(struct str s, struct uuid *out);
bool uuid_eq(const struct uuid *a, const struct uuid *b);

#endif
