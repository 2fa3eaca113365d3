/*
 * The inside of a session, shared by session.c (a connection's life: reading, waiting, closing),
 * session_output.c (what it writes) and sessions.c (all of them).
 */
#ifndef BUGD_HTTP_SESSION_INTERNAL_H
#define BUGD_HTTP_SESSION_INTERNAL_H

#include "http/parser.h"
#include "http/session.h"
#include "io/network.h"

/*
 * Where a session stands. Up to SESSION_BODY it reads requests; from SESSION_LAST on it never reads one again.
 * Whether something is still being written is independent of it (`writes`).
 */
enum session_state {
	SESSION_IDLE,    /* between requests: nothing of the next one has come */
	SESSION_HEAD,    /* the head is arriving */
	SESSION_BODY,    /* the head is complete, the body is arriving */
	SESSION_GATE,    /* the exchange decides whether the body is read; input is put aside */
	SESSION_RUNNING, /* the exchange runs; input is put aside */
	SESSION_LAST,    /* the last answer is on its way out */
	SESSION_LINGER,  /* our side is shut down; what comes is dropped, until the client closes too */
	SESSION_CLOSED,  /* waits for libuv to let go of the handle */
};

struct session {
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_tcp_t tcp;
		uv_pipe_t pipe;
	} io;
	struct sessions *all;
	struct list node;
	struct exchange *exchange; /* from the first byte of a request to its answer */
	struct parser parser;
	struct buf input;                /* came while an exchange ran or an answer was not out yet */
	struct deadline deadline;        /* on the list of `waits_for` */
	struct deadline_list *waits_for; /* NULL: of nothing here */
	size_t unsent;                   /* bytes in libuv's write queue when the write deadline was set */
	size_t drained;                  /* bytes dropped in SESSION_LINGER */
	unsigned writes;                 /* not complete */
	enum session_state state;
	bool reading;
	bool eof;     /* the client has closed its side */
	bool asked;   /* the exchange knows of the request before its body is there */
	bool pumping; /* session_pump is at work: what is answered meanwhile, it goes on with */
	bool changed; /* since the deadline was set */
	bool from_proxy;
	char client[NETWORK_ADDRESS_TEXT];
};

/* Answers are gathered up to this size before they are written. */
#define SESSION_GATHER_MAX ((size_t)256 * 1024)

static inline void session_enter(struct session *s, enum session_state state)
{
	s->state = state;
	s->changed = true;
}

/* Starts reading from a connection that was just accepted. */
void session_begin(struct session *s);

/* Ends the connection when nothing is asked of it. What is running is finished first: see session_answer. */
void session_stop(struct session *s);

/* Something that held up the input is over: an exchange, or a write. */
void session_go_on(struct session *s);

/* Writes the gathered answers and, behind them, a body that was not copied, which it takes. */
void session_flush(struct session *s, struct buf body);

/* Ends the connection now, whatever is going on; an exchange is abandoned. */
void session_close(struct session *s);

/* Tells who waits for the end of all sessions, when that is it. */
void sessions_left(struct sessions *s);

#endif
