/* An answer in the making. Handlers fill it; the session frames and writes it in one go. */
#ifndef BUGD_HTTP_RESPONSE_H
#define BUGD_HTTP_RESPONSE_H

#include "base/buf.h"
#include "base/str.h"
#include "http/status.h"
#include "json/write.h"

struct response {
	int status;         /* 0 until a handler decides */
	struct buf headers; /* whole lines: "Name: value\r\n" */
	struct buf body;
	struct str content_type; /* absent: none is sent */
	unsigned own;            /* RESPONSE_OWN_… of what is among the headers */
};

/* What every answer says, and with these it says something else than usual. */
#define RESPONSE_OWN_CACHE  1u /* Cache-Control; else no-store */
#define RESPONSE_OWN_POLICY 2u /* Content-Security-Policy; else nothing may be loaded */

/*
 * Adds a header field. CR, LF and NUL in the value are replaced by spaces, so that no input can add a field.
 * Date, Content-Length, Connection, X-Request-Id, X-Content-Type-Options, Referrer-Policy and
 * Strict-Transport-Security are the session's.
 */
void response_header(struct response *r, const char *name, struct str value);
void response_header_printf(struct response *r, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Sets status and application/json, and returns a writer over the empty body. */
struct json response_json(struct response *r, int status);

/* Drops headers and body that were made so far (an error came up while writing). */
void response_reset(struct response *r);
void response_free(struct response *r);

#endif
