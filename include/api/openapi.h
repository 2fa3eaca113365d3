/*
 * The contract as an OpenAPI 3.1 document, made from the route table, the shapes of inputs and the tables of
 * representations: there is no second list. Texts that belong to no route are in openapi_text.c.
 */
#ifndef BUGD_API_OPENAPI_H
#define BUGD_API_OPENAPI_H

#include "base/buf.h"
#include "http/route.h"

/* Appends the whole document; `base_path` is what stands in front of every path, or "". */
void openapi_write(struct buf *out, const struct route *routes, size_t count, struct str base_path);

/*
 * What a table of routes leaves undocumented, a line each: no summary, no answer, a tag, a parameter of the path
 * or a representation that nobody describes, an operation id used twice. Nothing appended: all is documented.
 */
void openapi_gaps(struct buf *out, const struct route *routes, size_t count);

#endif
