/*
 * A session: one client connection. Bytes → llhttp → request → exchange → bytes.
 *
 * One exchange at a time; requests that the client sent ahead (pipelining) wait in the session's input buffer
 * and are answered in order, answers that are ready in one turn leave in one write. What llhttp leaves to its
 * user is checked in http/conformance.h. An idle session holds no buffers.
 *
 * A client that closes its side while its request runs may have gone, or may only have said that it will send
 * no more: TCP does not tell the difference. It gets a second; an answer that is ready by then is written (and
 * a reset says whether anybody was there), a later one is abandoned. A reset abandons at once.
 *
 * A body that is large, or that the client holds back until it is asked for it (Expect: 100-continue), is read
 * after the gate: strangers are refused before they have sent it. A small one has mostly come with its head.
 *
 * Where a route streams, its handler reads the body and may answer while it does (http/upload.h, http/stream.h).
 *
 * After the last answer our side is shut down and what still comes is dropped for a while, so that a client that
 * is sending a body that was refused gets to read why. Clients that read nothing are closed after write_ms; until
 * an answer is out, no further request of its connection is started, so little can queue up.
 */
#ifndef BUGD_HTTP_SESSION_H
#define BUGD_HTTP_SESSION_H

#include "base/buf.h"
#include "base/list.h"
#include "http/exchange.h"
#include "http/limits.h"
#include "io/deadline.h"

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

/* Bounds; times in milliseconds, sizes in bytes. */
struct session_limits {
	size_t head_bytes; /* request line and header section */
	size_t body_bytes;
	size_t header_count;
	uint64_t head_ms;   /* from the first byte of a request to the end of its head */
	uint64_t body_ms;   /* from there to the end of its body; where it streams, without a byte */
	uint64_t idle_ms;   /* between requests */
	uint64_t write_ms;  /* without progress while an answer waits to be read by the client */
	size_t connections; /* beyond: accepted and closed at once */
};

/* All sessions of the process. */
struct sessions {
	uv_loop_t *loop;
	struct service *service;
	struct session_limits limits;
	struct deadline_list head, body, idle, write;
	struct list all;
	size_t count;
	bool stopping;
	void (*drained)(struct sessions *s); /* set by sessions_stop; called once none is left */
	void *arg;                           /* its caller's own */

	/* The sessions' own. */
	struct deadline_list linger, leave;
	struct parser_limits parser_limits;
	char *read_buffer; /* SESSIONS_READ_BYTES: all read into it, one after the other */
	struct buf out;    /* answers on their way to a socket; empty between two events */
};

#define SESSIONS_READ_BYTES ((size_t)64 * 1024)

void sessions_init(struct sessions *s, uv_loop_t *loop, struct service *service,
		   const struct session_limits *limits);

/*
 * Accepts one connection of a listening TCP or pipe handle and starts reading. Refuses silently when there are
 * too many.
 */
void session_accept(struct sessions *s, uv_stream_t *listener);

/*
 * Graceful stop: idle sessions are closed now, busy ones after their running exchange (with Connection: close).
 * One that was busy a moment ago may be asked again just now: for a second it still takes a request.
 * `drained` is called when none is left, before this returns if there is none. sessions_abort closes whatever is
 * still there. sessions_free gives the shared buffers back, after that.
 */
void sessions_stop(struct sessions *s, void (*drained)(struct sessions *s));
void sessions_abort(struct sessions *s);
void sessions_free(struct sessions *s);

/*
 * The caller may use the route of a request that exchange_begin was called for: its body is to be read now. Called
 * by the exchange, once at most; exchange_start follows, perhaps before this returns.
 */
void session_want_body(struct session *session);

/*
 * The handler of a route that streams waits: what it wants sent is sent, and if it waits for its body, that is read.
 * May free the exchange (the client has gone, or the body is refused).
 */
void session_stream(struct session *session);

/* The exchange has its answer: called by the exchange, once. The session copies it and frees the exchange. */
void session_answer(struct session *session, struct exchange *x);

/*
 * An answer that has begun cannot be brought to its end: frees the exchange and closes the connection in a way that
 * shows it.
 */
void session_cut(struct session *session, struct exchange *x);

#endif
