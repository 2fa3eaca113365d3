/* Finds the route of a path: a tree of segments, built once from the route table. */
#ifndef BUGD_HTTP_ROUTER_H
#define BUGD_HTTP_ROUTER_H

#include "http/route.h"

#include <stddef.h>

struct router;

/* Builds the tree. The table must outlive it. Two routes of one method and path: aborts with a message. */
struct router *router_create(const struct route *routes, size_t count);

/* The same of those rows that are not `other` people's alone. */
struct router *router_create_without(const struct route *routes, size_t count, enum route_place other);
void router_free(struct router *r);

struct route_match {
	const struct route *route; /* NULL: no such path, or not with this method */
	unsigned
		methods; /* HTTP_METHOD_BIT of all methods that the path has; 0: no such path. HEAD with GET */
	struct str params[ROUTE_PARAM_MAX]; /* in order of the path, slices of it */
};

/*
 * `path` is decoded and has no trailing slash. HEAD finds the GET route. A literal segment wins over a
 * parameter ("/issues/bulk" over "/issues/{id}").
 */
struct route_match router_find(const struct router *r, enum http_method method, struct str path);

#endif
