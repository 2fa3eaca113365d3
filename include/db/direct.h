/*
 * A blocking connection to PostgreSQL, for commands and for jobs that have a thread to themselves. Never on
 * the loop: there is db/pool.h for that.
 *
 * Each wait has a bound, and ends at once when the stop descriptor turns readable, so that another thread can
 * end it. Only heap memory is used (arenas belong to the loop's thread).
 */
#ifndef BUGD_DB_DIRECT_H
#define BUGD_DB_DIRECT_H

#include "base/str.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#define DIRECT_ERROR_MAX  1024
#define DIRECT_PARAMS_MAX 12

struct direct {
	PGconn *pg;                   /* NULL: not connected (any more) */
	uint64_t timeout_ms;          /* for one answer; 0: as long as it takes */
	int stop_fd;                  /* gives up when it turns readable; -1: none */
	bool passing;                 /* the last failure may pass by itself: try again later */
	char sqlstate[6];             /* of the last failure; "" when it was not the server's */
	char error[DIRECT_ERROR_MAX]; /* why the last call failed, one line for people, without secrets */
};

/*
 * Whether it is a connection URL (or key=value text) of libpq; if not, `fault` says why, without showing it.
 */
bool direct_url_check(const char *url, char fault[DIRECT_ERROR_MAX]);

/* Connects. On failure d->error says why, and there is nothing to close. */
bool direct_open(struct direct *d, const char *url, uint64_t connect_timeout_ms, int stop_fd);
void direct_close(struct direct *d);

/*
 * Runs one statement with its parameters as text ($1, $2; an absent slice is NULL) and returns its rows as
 * text, to be freed by PQclear; NULL on failure.
 */
PGresult *direct_query(struct direct *d, const char *sql, const struct str *params, int count);

/* Runs one or more statements without parameters, and drops their rows. */
bool direct_run(struct direct *d, const char *sql);

/* Records a failure of the caller's own, which does not pass, in d->error. Returns false. */
bool direct_fail(struct direct *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
