/*
 * The inside of a session, shared by session.c (a connection's life: waiting, closing), session_input.c (what it
 * reads), session_output.c (what it writes), session_stream.c (bodies that are not read or written whole) and sessions.c
 * (all of them).
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
	SESSION_STREAM,  /* the exchange runs and reads the body; input is put aside while it does not ask */
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
	struct buf
		input; /* came while an exchange ran or an answer was not out yet; SESSIONS_READ_BYTES at most */
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

/* Input has come. */
void session_take(struct session *s, struct str input);

/* After everything that happens: closes what is over, else reads and waits for what comes next. */
void session_settle(struct session *s);

/* HTTP itself refuses the request: nothing that follows on this connection can be trusted. */
void session_refuse(struct session *s, enum err err, const char *detail);

/* Starts the exchange of a route that streams; its request's head is there. */
void session_begin_upload(struct session *s);

/* The handler waits for its body and nothing of it is there: a client that holds it back is told to send it. */
void session_invite_upload(struct session *s);

/* Gives the handler that waits for its body what there is of it. Returns how many bytes of the input it used. */
size_t session_feed_upload(struct session *s, struct str input);

/*
 * Puts what the handler has made of a streamed answer behind the gathered ones: into *piece what follows them. `end`: it
 * is all. False: it is not what was announced.
 */
bool session_frame(struct session *s, struct exchange *x, struct buf *piece, bool end) MUST_CHECK;

/*
 * Writes the gathered answers and, behind them, a body that was not copied, which it takes. _slowly: `writes` counts it
 * until a later turn of the loop in any case, so that nobody who writes again and again keeps the loop for himself.
 */
void session_flush_slowly(struct session *s, struct buf body);
void session_flush(struct session *s, struct buf body);

/* Ends the connection now, whatever is going on; an exchange is abandoned. */
void session_close(struct session *s);

/* Tells who waits for the end of all sessions, when that is it. */
void sessions_left(struct sessions *s);

#endif
