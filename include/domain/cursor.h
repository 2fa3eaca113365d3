/*
 * Cursors of lists: opaque to clients, a keyset inside. A cursor is bound by an HMAC to the list (filters and
 * sort) that it came from, so that one which was tampered with or carried elsewhere is refused.
 */
#ifndef BUGD_DOMAIN_CURSOR_H
#define BUGD_DOMAIN_CURSOR_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>

#define CURSOR_VALUES_MAX 8
#define CURSOR_TEXT_MAX   2048
#define CURSOR_BYTES_MAX  1500

struct cursor {
	bool backward; /* asks for what is before the values, not behind them */
	size_t count;
	struct str values
		[CURSOR_VALUES_MAX]; /* the sort key of a row, as PostgreSQL's binary values; absent: NULL */
};

/*
 * Appends the cursor's text (base64url, no padding). `list` names the list: a canonical text of route, filters
 * and sort. `key` is secret, 32 bytes or more. Values of more than CURSOR_BYTES_MAX bytes together make a text
 * that is longer than CURSOR_TEXT_MAX, and so refused when it comes back. One thread: the loop's.
 */
void cursor_encode(const struct cursor *c, struct str list, struct str key, struct buf *out);

/* False: not made by cursor_encode with this list and key. Values are copied into the arena. */
bool cursor_decode(struct str text, struct str list, struct str key, struct arena *a, struct cursor *out);

#endif
