/*
 * Listening sockets: TCP over IPv4 and IPv6, or a unix socket.
 *
 * A host name may stand for several addresses; all of them are listened on, and at least one has to work.
 * A connection that cannot be accepted because the process has no file descriptor left is closed by libuv
 * with the descriptor it keeps in reserve, so a full table neither spins nor piles up.
 */
#ifndef BUGD_IO_LISTENER_H
#define BUGD_IO_LISTENER_H

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#define LISTENER_SOCKETS_MAX 8
#define LISTENER_ADDRESS_MAX 160
#define LISTENER_ERROR_MAX   320

struct listener;

struct listener_config {
	/*
	 * "127.0.0.1", "::1", a name, "unix:/path/to/socket", or "*" for every address of the machine. "::" takes
	 * IPv4 too (IPV6_V6ONLY off), and "*" is "::" or, on a system without IPv6, "0.0.0.0".
	 */
	const char *host;
	/*
	 * Sockets that listen already, handed on by whoever started us: host, port and unix_mode do not count then. They
	 * are closed in the end, but what others still hold of them goes on listening.
	 */
	int first_fd;
	unsigned fd_count;  /* 0: none */
	uint16_t port;      /* 0: the system chooses one, see listener_port */
	int backlog;        /* connections that wait to be accepted; 0: 1024 */
	unsigned unix_mode; /* permissions of the unix socket; 0: 0660 */

	/* A connection waits on the stream: to be accepted now. */
	void (*pending)(uv_stream_t *stream, void *context);
	void *context;
};

/*
 * Starts listening; names are resolved before it returns, so it belongs to the start of the process. A unix
 * socket that a dead process left behind is replaced, one that somebody listens on and a file of another kind
 * are not. NULL on failure, with a whole sentence in `error` (LISTENER_ERROR_MAX bytes).
 */
struct listener *listener_open(uv_loop_t *loop, const struct listener_config *config, char *error);

/* The TCP port that is listened on; 0 for a unix socket. */
uint16_t listener_port(const struct listener *l);

/* What to show to people: "http://127.0.0.1:8080", "http://[::]:8080", "unix:/run/bugd.sock". */
const char *listener_address(const struct listener *l);

/* Stops listening, removes the unix socket's file, and gives the memory back in a later turn of the loop. */
void listener_close(struct listener *l);

#endif
