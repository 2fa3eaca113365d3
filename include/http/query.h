/* Query strings: application/x-www-form-urlencoded, read into the struct of a shape (json/schema.h). */
#ifndef BUGD_HTTP_QUERY_H
#define BUGD_HTTP_QUERY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "json/schema.h"

/*
 * Percent-decodes `s` into the arena (nothing to decode: *out is `s`); '+' becomes a space when `form`. False:
 * a broken escape, NUL or bytes that are not UTF-8.
 */
bool percent_decode(struct arena *a, struct str s, bool form, struct str *out);

/* Encodes all but the unreserved characters of RFC 3986, section 2.3. */
void percent_encode(struct buf *out, struct str s);

/*
 * Reads the query into `out` (of the shape's size, zeroed here; shape NULL allows no parameter). A repeated
 * field takes one value a parameter, and several separated by commas as well. ERR_NONE, ERR_BAD_QUERY
 * (escapes, UTF-8, more than QUERY_PARAMS_MAX parameters) or ERR_VALIDATION with `errors` filled: codes of
 * field_check_text and field_check_count, "unknown_parameter", "repeated_parameter".
 */
enum err query_read(struct str query, const struct shape *shape, void *out,
		    struct field_errors *errors) MUST_CHECK;

/*
 * Gives `query`, of the shape, the parameters of `more` that were not given there. The name of one that both have, where
 * that of `query` stays; NULL: there is none.
 */
const char *query_merge(const struct shape *shape, void *query, const void *more);

#define QUERY_PARAMS_MAX 200

#endif
