/*
 * A request's body, read by the handler piece by piece. For routes that say `streams` (http/route.h): their handlers
 * start when the gate has let the request pass and its query is read, before its body is.
 *
 *	do {
 *		co_await(f, x, body_next(x));
 *		use(x->upload.chunk);
 *	} while (!x->upload.end);
 *
 * While nobody asks, the client's socket is not read beyond one buffer, so a body of any size takes the memory of a
 * few. MAX_BODY_BYTES is no more than where `limit` starts: the handler sets another before it asks for the first
 * time. A body that is larger is refused with 413 while the handler waits: it is not resumed then, what it has
 * deferred (base/arena.h) is released. The same goes for a body that is malformed (400), does not come (408: no byte for
 * BODY_TIMEOUT), or whose client has gone. A length that is announced and too large is refused before anything is read.
 *
 * A client that waits for 100 Continue gets it when the handler asks first. A handler that answers without having read
 * the body to its end makes the connection close behind the answer.
 */
#ifndef BUGD_HTTP_UPLOAD_H
#define BUGD_HTTP_UPLOAD_H

#include "base/co.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

#define UPLOAD_LENGTH_UNKNOWN UINT64_MAX

struct exchange;

struct upload {
	struct str chunk; /* what came last, SESSIONS_READ_BYTES at most; valid until body_next */
	bool end;         /* nothing follows the chunk, which may be empty then */
	uint64_t length;  /* as announced, or UPLOAD_LENGTH_UNKNOWN (it comes in chunks) */
	uint64_t limit;   /* of the whole body, in bytes without framing; the handler's to set */
	uint64_t taken;   /* bytes up to here */

	/* For exchange and session. */
	struct awaitable wait;
	bool wanted;    /* the handler waits for a chunk */
	bool continued; /* 100 Continue was sent, or was not needed */
};

/* Waits for the next chunk: at least one byte, or the end. At the end it is done at once. */
struct awaitable *body_next(struct exchange *x);

/* A chunk for the handler, which waits for it. */
void upload_give(struct upload *u, struct str chunk, bool end);

#endif
