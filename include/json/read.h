/*
 * JSON bodies (RFC 8259), read by yyjson into the struct of a shape.
 *
 * Stricter than the RFC where a server gains by it: duplicate names, \u0000, invalid UTF-8, more than
 * JSON_DEPTH_MAX levels and anything behind the value are refused as malformed; unknown fields, wrong types
 * and missing fields are field errors.
 */
#ifndef BUGD_JSON_READ_H
#define BUGD_JSON_READ_H

#include "base/err.h"
#include "json/schema.h"

#define JSON_DEPTH_MAX 32

/*
 * Reads an object into `out` (of the shape's size, zeroed here). ERR_NONE, ERR_BAD_JSON with *detail saying
 * where and what, or ERR_VALIDATION with `errors` filled. Memory is the arena's of `errors`.
 */
enum err json_read(struct str body, const struct shape *shape, void *out, struct field_errors *errors,
		   struct str *detail) MUST_CHECK;

#endif
