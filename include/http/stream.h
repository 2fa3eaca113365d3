/*
 * An answer that is sent while it is made. For handlers of routes that say `streams` (http/route.h).
 *
 *	x->response.status = 200;
 *	x->response.content_type = STR("text/csv");
 *	if (stream_begin(x, STREAM_LENGTH_UNKNOWN)) {
 *		while (...) {
 *			buf_add(&x->response.body, ...);
 *			co_await(f, x, stream_flush(x));
 *		}
 *	}
 *	co_end();
 *
 * A client that does not read keeps the handler waiting, and is given up when it took nothing for WRITE_TIMEOUT; no
 * other deadline is about the whole: whatever else the handler waits for has the time of REQUEST_TIMEOUT, each time anew.
 *
 * CO_DONE ends the answer. CO_FAILED (and a length that was not kept) cuts the connection, so that the client sees that
 * something is missing: without the last chunk, before the announced length, or by a reset. What failed before anything
 * was sent is answered as a problem, as ever.
 */
#ifndef BUGD_HTTP_STREAM_H
#define BUGD_HTTP_STREAM_H

#include "base/co.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STREAM_LENGTH_UNKNOWN (-1)

struct exchange;

struct download {
	bool begun;
	bool has_body; /* it is sent: not for HEAD, 204, 304 */
	int64_t length;
	uint64_t sent; /* bytes of the body, without framing */

	/* For exchange and session. */
	struct awaitable wait;
	bool flushing;  /* the handler waits until the client took what there is */
	bool head_sent; /* status and headers are on their way: there is no way back */
	bool chunked;
	bool close;   /* the connection ends after this answer, as its head says */
	size_t bytes; /* over the wire up to here */
};

/*
 * Sends status and headers of x->response, at the handler's next wait or end at the latest; nothing may be added to
 * them any more. `length` of the body, or STREAM_LENGTH_UNKNOWN: then it goes in chunks, and with HTTP/1.0 until the
 * connection closes. False: this answer has no body (HEAD, 204, 304); what is put into it is dropped.
 */
bool stream_begin(struct exchange *x, int64_t length);

/*
 * Hands x->response.body over (it is empty afterwards) and waits until the client took enough that more may follow. Best
 * in pieces of 64 KiB or more.
 */
struct awaitable *stream_flush(struct exchange *x);

/* The client took it: for the session. */
void stream_taken(struct download *d);

#endif
