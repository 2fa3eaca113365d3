/*
 * The route table's row: one place that says what a route is. Router, validation, permission check, method
 * answers (405, OPTIONS), documentation and metrics labels all come from it.
 */
#ifndef BUGD_HTTP_ROUTE_H
#define BUGD_HTTP_ROUTE_H

#include "base/co.h"
#include "http/request.h"
#include "json/schema.h"

struct exchange;

#define ROUTE_PARAM_MAX 4

/* A possible answer, for the documentation. */
struct route_answer {
	int status;
	const char *shape; /* the name of the body's schema; NULL: no body */
	const char *doc;
};

/* Who asks for it. What is for operators moves to an address of its own where one is set. */
enum route_place { ROUTE_FOR_CLIENTS, ROUTE_FOR_OPERATORS, ROUTE_FOR_BOTH };

struct route {
	enum http_method method;
	const char *path; /* "/api/v1/issues/{id}"; a parameter takes one whole segment */
	/*
	 * The handler, with its frame (zeroed, `frame_size` bytes, in the exchange's arena). A frame's first
	 * member is `struct co co`. The validated body and query are x->body and x->query.
	 */
	enum co_state (*handler)(struct exchange *x, void *frame);
	const size_t *frame_size; /* by address, as each handler keeps its frame to itself */
	enum route_place place;
	int rate;                  /* of the api layer: what it counts as, where rates are limited */
	int permission;            /* of the api layer; http hands it to the gate */
	const struct shape *query; /* NULL: no parameter is allowed */
	const struct shape *body;  /* NULL: no body is expected */
	bool merge_patch;          /* application/merge-patch+json is accepted too */
	/* The handler reads the body itself (http/upload.h; `body` is NULL then), or sends while it makes (http/stream.h). */
	bool streams;
	const char *
		media; /* what a body that is read so has to be, for 415 and the documentation; NULL: anything */
	/* The fields of a form that is read so, for the documentation; NULL: none is told. */
	const struct shape *form;
	const char *tag, *operation, *summary, *doc;
	const struct route_answer *answers; /* ended by status 0 */
};

#endif
