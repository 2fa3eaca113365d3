/*
 * A small world for tests of http: a loop, sessions behind a unix or TCP socket, a service of a few routes, and
 * clients on plain sockets that run the loop while they wait.
 */
#ifndef BUGD_TEST_HTTP_WORLD_H
#define BUGD_TEST_HTTP_WORLD_H

#include "base/buf.h"
#include "http/session.h"
#include "io/listener.h"

struct world {
	uv_loop_t loop;
	struct service service;
	struct front front; /* may be set before world_open */
	struct sessions sessions;
	struct listener *listener;
	char folder[32], path[64]; /* of the unix socket */
	bool drained;

	/* What the service saw. */
	unsigned finished, started; /* exchanges that ended; handlers that ran */
	unsigned asked;             /* times that the gate ran */
	int last_status;
	size_t last_bytes;
	char last_client[64], last_id[160], last_trace[64];
	unsigned abandoned;  /* of what /slow waits for */
	unsigned released;   /* by arenas of exchanges that stream */
	uint64_t last_taken; /* bytes that /sink or /patient has got of its body */
	uint64_t last_made;  /* bytes that /source has made */
	struct list slow;    /* exchanges in /slow and at the gate of /guarded, see world_wake */
};

extern struct world world;

/* The limits that tests start from: those of production, with shorter times. */
struct session_limits world_limits(void);

/* `host` NULL: a unix socket in a folder of its own. */
void world_open(const struct session_limits *limits, uint64_t request_ms, const char *host);
/* Ends everything, runs the loop dry, and checks that nothing is left. */
void world_close(void);

/* Runs the loop for some milliseconds, or until nothing happens. */
void world_run(unsigned ms);
/* Completes what the first of the slow exchanges waits for. False: there is none. */
bool world_wake(void);

/* A request, for client_say and client_ask. */
#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

/* A client's socket, connected. */
int client_open(void);
/* False: the connection is broken. */
bool client_send(int fd, const char *bytes, size_t n);
void client_say(int fd, const char *text);

/* One answer. All of it is in `text`. */
struct reply {
	int status; /* 0: the connection ended, or time ran out */
	bool eof;
	size_t head_n;
	struct buf text;
};

/* Reads one answer; `head_only` for HEAD. Waits a second at most. */
struct reply client_read(int fd, bool head_only);
/* Whether the server closes the connection within this time, with nothing more sent. */
bool client_sees_end(int fd, unsigned ms);
/* Sends and reads one answer. */
struct reply client_ask(int fd, const char *text);
struct str reply_header(const struct reply *r, const char *name);
struct str reply_body(const struct reply *r);
void reply_free(struct reply *r);

#endif
