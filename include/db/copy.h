/*
 * Connections outside the pipe, each for one who has it to himself for a while: for COPY, for cursors, and for
 * transactions that take long.
 *
 *	c = copy_take(copies)
 *	co_await(f, x, copy_ready(c));
 *	co_await(f, x, copy_script(c, "BEGIN"));
 *	co_await(f, x, copy_in(c, "COPY t FROM STDIN (FORMAT binary)"));
 *	co_await(f, x, copy_put(c, bytes)); ...
 *	co_await(f, x, copy_in_end(c));
 *	co_await(f, x, copy_run(c, &statement_x, &args));   c->result
 *	co_await(f, x, copy_script(c, "COMMIT"));
 *	copy_give_back(c);
 *
 * A call after which something is waited for returns what to wait for; the next call comes when that is done. After
 * an error (c->err) only copy_give_back is of use, or a ROLLBACK when the server has said the error (c->sqlstate).
 * Connections are opened when they are wanted, kept for a while, and bounded in number.
 *
 * Whoever gives a connection back in the midst of something, or is gone, undoes it: the connection is closed, and the
 * server rolls back, a second later when it is at work just then (COPY_NOTICE, which belongs into long transactions).
 */
#ifndef BUGD_DB_COPY_H
#define BUGD_DB_COPY_H

#include "base/co.h"
#include "base/err.h"
#include "base/list.h"
#include "db/compose.h"
#include "db/conn.h"
#include "db/statement.h"

#include <libpq-fe.h>

#define COPY_ERROR_MAX 256

/* Behind a BEGIN: the server looks whether we are still there while it works. */
#define COPY_NOTICE "SET LOCAL client_connection_check_interval = '1s';"

struct copy_pool;

struct copy_pool_config {
	struct conn_config conn;
	unsigned connections; /* at most */
	uint64_t keep_ms;     /* how long one that nobody has is kept */
};

/* `config` is copied, its texts must outlive the pool. Connects to nobody yet. */
struct copy_pool *copy_pool_create(const struct copy_pool_config *config);
/* Closes all connections, also those that somebody has, and frees the pool in a later turn, when `closed` is called. */
void copy_pool_close(struct copy_pool *p, void (*closed)(void *), void *arg);

struct copy_stats {
	unsigned size, taken, open;
};
void copy_pool_stats(const struct copy_pool *p, struct copy_stats *out);

/* What a connection is at. */
enum copy_doing { COPY_NOTHING, COPY_CONNECTING, COPY_RESULTS, COPY_ROWS_BEGIN, COPY_ROWS };

struct copy {
	struct awaitable wait;
	enum err err;                 /* of the last call, or of the connection */
	char sqlstate[6];             /* "" when the error is not the server's */
	char constraint[64];          /* the name of the constraint that was violated, or "" */
	char message[COPY_ERROR_MAX]; /* what the server said, for the log */
	PGresult *result;             /* of the last copy_run or copy_fetch, until the next call */
	uint64_t patience_ms;         /* without a byte in either direction for that long, it is given up */

	/* The pool's own. */
	struct conn conn;
	struct copy_pool *pool;
	struct list node;
	struct arena arena; /* of the last call */
	enum copy_doing doing;
	bool taken;
	bool broken; /* the connection was lost under its holder */
	uint64_t at; /* of uv_now: of the last progress, or since when nobody has it */
};

/* NULL: all connections are taken (ERR_BUSY), or the pool is closing. */
struct copy *copy_take(struct copy_pool *p);
void copy_give_back(struct copy *c);
/* For arena_defer. */
void copy_give_back_deferred(void *c);

/* Until there is a connection. ERR_UNAVAILABLE: the database is away. */
struct awaitable *copy_ready(struct copy *c);

/* Statements without arguments, as one; nothing of their results is kept. */
struct awaitable *copy_script(struct copy *c, const char *sql);

/* One statement; its rows are c->result, in binary. */
struct awaitable *copy_run(struct copy *c, const struct statement *st, const void *args);

/*
 * Declares a cursor for a list's statement, in a transaction; then its rows come in pieces. The same snapshot is seen
 * to the end. What is not asked for is not read. A piece with fewer rows than asked for is the last.
 */
struct awaitable *copy_declare(struct copy *c, const struct statement *st, const struct choice *choice,
			       const void *args);
struct awaitable *copy_fetch(struct copy *c, unsigned rows);

/* COPY … FROM STDIN. The bytes are copied; more may be put when the wait is done. The server's errors show at the end. */
struct awaitable *copy_in(struct copy *c, const char *sql);
struct awaitable *copy_put(struct copy *c, struct str bytes);
struct awaitable *copy_in_end(struct copy *c);

#endif
