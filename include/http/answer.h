/* The head of an answer, as it goes over the wire (RFC 9112, section 4). */
#ifndef BUGD_HTTP_ANSWER_H
#define BUGD_HTTP_ANSWER_H

#include "base/buf.h"
#include "http/request.h"
#include "http/response.h"

#include <stdbool.h>
#include <stdint.h>

/* Lengths that are none. */
#define ANSWER_CHUNKED     (-1)
#define ANSWER_UNTIL_CLOSE (-2) /* the body ends with the connection */

/*
 * Appends status line and header section: Date, Content-Type, Content-Length of `length` (or what stands for it),
 * Connection where it is needed, X-Request-Id, what browsers are told, and the response's own fields. `close`: the
 * connection ends after this answer.
 */
void answer_head(struct buf *out, const struct request *request, const struct response *response,
		 struct str request_id, bool close, int64_t length);

/* Whether the answer's body is sent: not for HEAD, nor with 1xx, 204 and 304 (RFC 9110, section 6.4.1). */
bool answer_has_body(const struct request *request, const struct response *response);

#endif
