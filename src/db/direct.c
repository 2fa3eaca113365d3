#include "db/direct.h"

#include "base/clock.h"
#include "base/mem.h"
#include "db/sqlstate.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool direct_fail(struct direct *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(d->error, sizeof(d->error), format, args);
	va_end(args);
	d->sqlstate[0] = '\0';
	d->passing = false;
	return false;
}

/* libpq's texts have several lines, some of them indented by a tab, and a newline at the end. */
static void set_error(struct direct *d, const char *text)
{
	size_t n = 0;

	while (*text && n + 3 < sizeof(d->error)) {
		size_t blank = strspn(text, "\n\t");

		if (blank && text[blank]) {
			d->error[n++] = ';';
			d->error[n++] = ' ';
		}
		text += blank;
		if (!blank)
			d->error[n++] = *text++;
	}
	d->error[n] = '\0';
}

static bool fail_for_now(struct direct *d, const char *why)
{
	set_error(d, why);
	d->sqlstate[0] = '\0';
	d->passing = true;
	return false;
}

static bool fail_as_libpq_says(struct direct *d)
{
	return fail_for_now(d, PQerrorMessage(d->pg));
}

static bool begins_line(const char *text, size_t n)
{
	return n == 0 || text[n - 1] == '\n';
}

/* An SQLSTATE as the server's severity is followed by, and what ends it. */
static bool is_state(const char *text, size_t n, const char *from)
{
	return n > 2 && memcmp(text + n - 3, ":  ", 3) == 0 &&
	       strspn(from, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 && strncmp(from + 5, ": ", 2) == 0;
}

/*
 * Said verbosely, the server's refusal has its SQLSTATE ("FATAL:  3D000: …"), which libpq does not tell otherwise of a
 * connection that fails, and a line on where in the server's source that is. Takes both out.
 */
static void take_apart(const char *from, char *text, size_t size, char state[6])
{
	static const char location[] = "LOCATION:  ";
	size_t n = 0;

	while (*from && n + 1 < size) {
		if (begins_line(text, n) && strncmp(from, location, sizeof(location) - 1) == 0) {
			from += strcspn(from, "\n");
			from += *from == '\n';
		} else if (is_state(text, n, from)) {
			memcpy(state, from, 5);
			from += 7;
		} else {
			text[n++] = *from++;
		}
	}
	text[n] = '\0';
}

static bool fail_to_connect(struct direct *d)
{
	char text[2 * DIRECT_ERROR_MAX], state[6] = "";

	take_apart(PQerrorMessage(d->pg), text, sizeof(text), state);
	fail_for_now(d, text);
	memcpy(d->sqlstate, state, sizeof(state));
	return false;
}

/* The line of the text in which the error is, when the server knows. */
static int error_line(const PGresult *r, const char *sql)
{
	const char *position = PQresultErrorField(r, PG_DIAG_STATEMENT_POSITION);
	int line = 1;

	if (!position)
		return 0;
	/* It counts characters, not bytes. */
	for (long left = strtol(position, NULL, 10) - 1; *sql && left > 0; sql++) {
		line += *sql == '\n';
		left -= (*sql & 0xc0) != 0x80;
	}
	return line;
}

static void fail_as_server_says(struct direct *d, const PGresult *r, const char *sql)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail = PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL);
	const char *hint = PQresultErrorField(r, PG_DIAG_MESSAGE_HINT);
	int line = error_line(r, sql);
	char where[32] = "", text[DIRECT_ERROR_MAX];

	if (line > 1)
		snprintf(where, sizeof(where), "line %d: ", line);
	snprintf(text, sizeof(text), "%s%s\n%s\n%s", where, message ? message : PQresultErrorMessage(r),
		 detail ? detail : "", hint ? hint : "");
	set_error(d, text);
	snprintf(d->sqlstate, sizeof(d->sqlstate), "%s", state ? state : "");
	d->passing = sqlstate_err(state) == ERR_UNAVAILABLE || sqlstate_err(state) == ERR_BUSY;
}

/* A connection that was given up in the middle of something is of no further use. */
static bool give_up(struct direct *d)
{
	PQfinish(d->pg);
	d->pg = NULL;
	return false;
}

static uint64_t now_ms(void)
{
	return clock_mono_us() / 1000;
}

/* Waits for the connection's socket. `until` is of now_ms, 0 for ever. */
static bool wait_for_socket(struct direct *d, short events, uint64_t until, const char *too_late)
{
	for (;;) {
		struct pollfd fds[] = {
			{ .fd = PQsocket(d->pg), .events = events },
			{ .fd = d->stop_fd, .events = POLLIN }, /* -1 is ignored */
		};
		uint64_t now = now_ms();
		int n = poll(fds, 2, until == 0 ? -1 : until > now ? (int)(until - now) : 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_for_now(d, strerror(errno));
		if (fds[1].revents)
			return fail_for_now(d, "it was stopped");
		if (n == 0)
			return fail_for_now(d, too_late);
		return true;
	}
}

static bool connect_within(struct direct *d, uint64_t timeout_ms)
{
	uint64_t until = now_ms() + timeout_ms;
	/* Before the first PQconnectPoll the socket counts as PGRES_POLLING_WRITING. */
	PostgresPollingStatusType next = PGRES_POLLING_WRITING;

	if (PQstatus(d->pg) == CONNECTION_BAD)
		return fail_to_connect(d);
	while (next != PGRES_POLLING_OK) {
		if (!wait_for_socket(d, next == PGRES_POLLING_READING ? POLLIN : POLLOUT, until,
				     "the database did not accept the connection in time"))
			return false;
		next = PQconnectPoll(d->pg);
		if (next == PGRES_POLLING_FAILED)
			return fail_to_connect(d);
	}
	return true;
}

static void ignore_notices(void *arg, const PGresult *r)
{
	(void)arg;
	(void)r;
}

bool direct_open(struct direct *d, const char *url, uint64_t connect_timeout_ms, int stop_fd)
{
	const char *const keywords[] = { "dbname", "client_encoding", "fallback_application_name", NULL };
	const char *const values[] = { url, "UTF8", "bugd", NULL };

	*d = (struct direct){ .stop_fd = stop_fd };
	d->pg = PQconnectStartParams(keywords, values, 1);
	if (!d->pg)
		return direct_fail(d, "out of memory");
	PQsetErrorVerbosity(d->pg, PQERRORS_VERBOSE);
	if (!connect_within(d, connect_timeout_ms))
		return give_up(d);
	PQsetErrorVerbosity(d->pg, PQERRORS_DEFAULT);
	PQsetNoticeReceiver(d->pg, ignore_notices, NULL);
	return true;
}

void direct_close(struct direct *d)
{
	PQfinish(d->pg);
	d->pg = NULL;
}

/* The next result, NULL after the last; *ok tells a failure of the connection from the end. */
static PGresult *next_result(struct direct *d, uint64_t until, bool *ok)
{
	while (PQisBusy(d->pg)) {
		*ok = wait_for_socket(d, POLLIN, until, "the database did not answer in time");
		if (!*ok)
			return NULL;
		if (!PQconsumeInput(d->pg)) {
			*ok = fail_as_libpq_says(d);
			return NULL;
		}
	}
	return PQgetResult(d->pg);
}

static bool is_success(const PGresult *r)
{
	return PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK ||
	       PQresultStatus(r) == PGRES_EMPTY_QUERY;
}

/* Waits for all results and returns the last one; NULL when one of them is a failure. */
static PGresult *collect(struct direct *d, const char *sql)
{
	uint64_t until = d->timeout_ms ? now_ms() + d->timeout_ms : 0;
	bool ok = true, success = true;
	PGresult *last = NULL, *r;

	while ((r = next_result(d, until, &ok)) != NULL) {
		if (success && !is_success(r)) {
			fail_as_server_says(d, r, sql);
			success = false;
		}
		PQclear(last);
		last = r;
		/* COPY would wait for a partner that is not here, for ever. */
		if (PQresultStatus(r) == PGRES_COPY_IN || PQresultStatus(r) == PGRES_COPY_OUT)
			ok = direct_fail(d, "COPY is not possible here");
		if (!ok)
			break;
	}
	if (!ok)
		give_up(d);
	if (ok && success)
		return last;
	PQclear(last);
	return NULL;
}

static bool lost_before(struct direct *d)
{
	return d->pg == NULL && !fail_for_now(d, "the connection to the database was lost");
}

PGresult *direct_query(struct direct *d, const char *sql, const struct str *params, int count)
{
	char *values[DIRECT_PARAMS_MAX] = { NULL };
	int sent = -1;

	if (lost_before(d))
		return NULL;
	for (int i = 0; i < count; i++)
		values[i] = params[i].p ? mem_dup(params[i].p, params[i].n) : NULL;
	sent = PQsendQueryParams(d->pg, sql, count, NULL, (const char *const *)values, NULL, NULL, 0);
	for (int i = 0; i < count; i++)
		free(values[i]);
	if (sent == 1)
		return collect(d, sql);
	fail_as_libpq_says(d);
	return NULL;
}

bool direct_run(struct direct *d, const char *sql)
{
	PGresult *r;

	if (lost_before(d))
		return false;
	if (!PQsendQuery(d->pg, sql))
		return fail_as_libpq_says(d);
	r = collect(d, sql);
	PQclear(r);
	return r != NULL;
}
