/*
 * What a request brings to its route, checked before the handler runs: the path, the query, the body.
 */
#ifndef BUGD_HTTP_INTAKE_H
#define BUGD_HTTP_INTAKE_H

#include "base/err.h"
#include "http/exchange.h"

/*
 * Decodes the path and cuts one trailing slash off. Refused, with a detail in *detail: broken escapes, bytes that
 * are not UTF-8, NUL, an encoded slash (%2F: which segments it makes depends on who decodes) and dot segments
 * (clients resolve them, RFC 3986, section 6.2.2.3; a path that still has some wants to climb).
 */
enum err intake_path(struct request *r, struct arena *a, const char **detail) MUST_CHECK;

/*
 * Reads and checks query and body of a routed exchange into x->query and x->body. On failure x->problem says why,
 * with the field errors of both. The body of a route without a body shape is read and ignored.
 */
enum err intake_input(struct exchange *x) MUST_CHECK;

/* Adds the field that tells which media types the route takes: Accept-Post, Accept-Patch or Accept. */
void intake_accepts(struct exchange *x);

#endif
