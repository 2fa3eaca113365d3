/*
 * An exchange: one request and its answer. It owns the arena, the handler's frame, the deadline and what is
 * awaited, runs the gate (who is it, may they) and then the route's handler, and hands the answer to its
 * session exactly once.
 */
#ifndef BUGD_HTTP_EXCHANGE_H
#define BUGD_HTTP_EXCHANGE_H

#include "base/arena.h"
#include "base/co.h"
#include "base/err.h"
#include "http/front.h"
#include "http/message.h"
#include "http/request.h"
#include "http/response.h"
#include "http/route.h"
#include "http/router.h"
#include "http/stream.h"
#include "http/upload.h"
#include "io/deadline.h"
#include "io/turn.h"
#include "json/schema.h"

struct service;
struct session;

#define REQUEST_ID_MAX 128

/* Why a request failed: api/problem.c makes an answer of it. */
struct problem {
	enum err err;
	struct str detail; /* for people; absent: the title alone */
	struct field_errors fields;
	struct str content_range; /* of 416 */
	unsigned retry_after;     /* seconds, of 429 and 503; 0: one */
	/* Further members of the problem, complete JSON values, e.g. "current"; ended by a NULL name. */
	struct problem_member {
		const char *name;
		struct str json;
	} members[4];
};

struct exchange {
	struct arena arena;
	struct request request;
	struct response response;
	struct service *service;
	const struct route *route; /* NULL until found, and when there is none */
	struct str params[ROUTE_PARAM_MAX];
	void *body;               /* the route's body shape, read and checked */
	void *query;              /* the route's query shape, read and checked */
	struct upload upload;     /* of routes that stream */
	struct download download; /* of routes that stream */
	struct problem problem;
	void *context;          /* the api layer's own, e.g. who is calling */
	void *watch;            /* likewise; set by the gate: service->before and after are run */
	bool followed;          /* likewise: service->after is run */
	struct str user;        /* for the log; absent until known */
	struct str lasting;     /* whole header lines that its answer has, also when it is a problem */
	struct str request_id;  /* from X-Request-Id, or made */
	struct str traceparent; /* of the request; absent when none or malformed */
	uint64_t started_us;

	/*
	 * A change is made, or nobody knows whether it is: whatever goes wrong behind it, a 503 says that the outcome is
	 * unknown, as it would invite to repeat it otherwise. The exchange sees it in what was awaited
	 * (awaitable.in_doubt); a handler takes it back when the change is no concern of the client's.
	 */
	bool changed;
	/* The answer stands: what is waited for besides is left out when the time is over. */
	bool settled;

	/* For co_await. */
	struct waker waker;
	struct awaitable *awaited;

	/* The exchange's own. */
	struct message message;  /* the memory behind the request */
	unsigned methods;        /* HTTP_METHOD_BITs that the path has, for Allow */
	struct session *session; /* to be answered */
	struct turn_task task;
	struct deadline deadline;
	void *frame;
	unsigned stage;
	bool whole;     /* the request is complete */
	bool looked_at; /* service->after has seen the answer, or has nothing to see */
};

/*
 * What the layers above give to http: the routes, and functions that the exchange calls. `gate` runs before
 * every handler (its frame is `gate_frame_size` bytes); it fails the exchange when the caller may not use the
 * route. `problem` writes x->problem into x->response. `finished` sees every exchange once, its status
 * decided (for the access log and metrics).
 */
struct service {
	const struct router *router;
	const struct front *front; /* must outlive it */
	void *context;             /* the api layer's */
	enum co_state (*gate)(struct exchange *x, void *frame);
	size_t gate_frame_size;
	/*
	 * Around the handler of an exchange that is watched: `before` may answer in its place, by a status; `after` sees
	 * every answer before it is sent, problems too, and may fail. It sees those of one that is followed, too.
	 */
	enum co_state (*before)(struct exchange *x, void *frame);
	size_t before_frame_size;
	enum co_state (*after)(struct exchange *x, void *frame);
	size_t after_frame_size;
	void (*problem)(struct exchange *x);
	void (*finished)(struct exchange *x, size_t bytes_out);
	struct deadline_list request_deadline;
	size_t running; /* exchanges now */
};

/* A fresh exchange (memory is recycled between exchanges). */
struct exchange *exchange_create(struct service *service, struct session *session);

/*
 * Starts an exchange whose request is complete, or goes on with one that began before: routing, gate, query and
 * body validation, handler. The answer may be there before this returns.
 */
void exchange_start(struct exchange *x);

/*
 * Finds the route of a request whose head is complete and whose body is still to come. True: the route streams.
 * exchange_begin or exchange_start has to follow.
 */
bool exchange_route(struct exchange *x);

/*
 * Begins with an exchange whose body is still to come, after exchange_route: the gate, and the handler of a route that
 * streams. Either session_want_body or session_stream follows, or an answer that makes the body needless; all of them
 * may come before this returns.
 */
void exchange_begin(struct exchange *x);

/*
 * Answers with this problem, for requests that HTTP itself refuses. No handler is run; one that waits for its body is
 * abandoned, and when its answer has begun, that is cut.
 */
void exchange_refuse(struct exchange *x, enum err err, struct str detail);

/*
 * The client has gone: abandons what is awaited, reports status 499 to service->finished and frees the
 * exchange; nothing more is written.
 */
void exchange_abandon(struct exchange *x);

/* Gives all memory back. Called by the session, after it has copied the answer. */
void exchange_free(struct exchange *x);

/* Adds the header fields that every answer gets, whatever made it. Once, before its head is sent. */
void exchange_complete_head(struct exchange *x);

/*
 * Records why the request fails; the first reason stays. For co_fail:
 *	co_fail(exchange_fail(x, ERR_NOT_FOUND));
 */
void exchange_fail(struct exchange *x, enum err err);
void exchange_fail_detail(struct exchange *x, enum err err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Adds a field error and makes the problem ERR_VALIDATION. */
void exchange_fail_field(struct exchange *x, const char *field, const char *code, const char *detail);

#endif
