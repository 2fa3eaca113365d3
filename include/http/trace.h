/* What names a request in logs: X-Request-Id, and the trace context of the W3C. */
#ifndef BUGD_HTTP_TRACE_H
#define BUGD_HTTP_TRACE_H

#include "base/arena.h"
#include "http/request.h"

/*
 * The request's id: that of r, when X-Request-Id is 1 to 128 letters, digits, '.', '_' or '-' (so that it can
 * go into any log and any header as it is), else, and for r NULL, a new one of 32 hexadecimal digits in the arena.
 */
struct str trace_request_id(const struct request *r, struct arena *a);

/*
 * The value of traceparent, when there is one and it is valid (W3C Trace Context, section 3.2); else absent. Of
 * versions to come the part that this one knows is checked.
 */
struct str trace_parent(const struct request *r);

#endif
