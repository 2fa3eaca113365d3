/*
 * One connection to PostgreSQL on the loop: connecting, set-up, loss, and connecting again with backoff.
 *
 * The owner (a pipe, the listener) sees three events. Nothing blocks: names are resolved by libuv and handed
 * to libpq as `hostaddr` (libpq manual, PQconnectStartParams). The poll handle is made anew after every
 * PQconnectPoll, as libpq may have replaced the socket under the same number.
 */
#ifndef BUGD_DB_CONN_H
#define BUGD_DB_CONN_H

#include "base/str.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/* Shared by all connections of a process; lives as long as they. */
struct conn_config {
	uv_loop_t *loop;
	const char *url;
	uint64_t connect_timeout_ms;
	uint64_t statement_timeout_ms; /* 0: none */
};

enum conn_state {
	CONN_CLOSED,     /* not wanted */
	CONN_WAITING,    /* lost or refused: tries again at retry_at */
	CONN_RESOLVING,  /* names to addresses */
	CONN_CONNECTING, /* PQconnectPoll */
	CONN_SETUP,      /* settings of the session */
	CONN_READY,
};

struct conn;

struct conn_owner {
	void (*ready)(struct conn *c);
	/* Bytes may have come, or the socket takes more; PQconsumeInput was called. Ready connections only. */
	void (*io)(struct conn *c);
	/* It was ready and is no more. Called before the PGconn is freed. */
	void (*lost)(struct conn *c);
	/* The socket has taken all that was sent, after it had not at first. NULL: of no interest. */
	void (*written)(struct conn *c);
};

struct conn_poll;

struct conn {
	const struct conn_config *config;
	const struct conn_owner *owner;
	enum conn_state state;
	PGconn *pg;
	struct conn_poll *poll;
	int events;          /* what poll waits for */
	bool pipelined;      /* enters pipeline mode once set up */
	uint64_t retry_at;   /* of uv_now, when waiting */
	uint64_t give_up_at; /* of uv_now, while connecting */
	unsigned attempts;   /* since it was last ready */
	unsigned timeouts;   /* attempts without an answer in time: the next starts at another address */
	uint64_t reconnects; /* since the start */
	int32_t backend_pid; /* of the server's process; 0: not known, as there is a pooler in between */
	struct resolve *resolve;
};

void conn_init(struct conn *c, const struct conn_config *config, const struct conn_owner *owner,
	       bool pipelined);

/* Starts to connect, and keeps connected from now on. */
void conn_open(struct conn *c);

/* The same, after a pause. */
void conn_open_later(struct conn *c, uint64_t pause_ms);

/* Ends the connection for good; `lost` is not called. Handles close later on the loop. */
void conn_close(struct conn *c);

/* Gives the connection up because of what its owner saw, and connects again after a pause. */
void conn_fail(struct conn *c, const char *why);

/*
 * Sends what libpq has buffered, as far as the socket takes it, and waits for the rest. When the connection turns
 * out to be lost, the owner is told as always, before this returns.
 */
void conn_flush(struct conn *c);

/* Looks at the clock: retries and timeouts. The owner calls it every 50 ms or so. */
void conn_tick(struct conn *c);

#endif
