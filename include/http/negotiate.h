/* Which of several representations a client wants: the header Accept (RFC 9110, section 12.5.1). */
#ifndef BUGD_HTTP_NEGOTIATE_H
#define BUGD_HTTP_NEGOTIATE_H

#include "http/request.h"

#include <stddef.h>

/*
 * The place of the offered media type that the client likes best; -1: it takes none of them. Offers are media types
 * without parameters, in the server's own order, which decides between those of the same weight. Of the ranges that fit
 * an offer the most specific one gives its weight (q). Parameters of ranges are not looked at; an element that is
 * malformed is passed over. Without the header, or with an empty one, everything is
 * taken.
 */
int negotiate_accept(const struct request *r, const char *const *offers, size_t count);

#endif
