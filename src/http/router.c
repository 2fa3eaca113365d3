#include "http/router.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define METHODS (HTTP_OPTIONS + 1)

/* One segment of the paths. Parameters share a node, whatever their names. */
struct node {
	struct str literal;
	struct node *children; /* with literals */
	size_t child_count;
	struct node *param; /* any segment that is not empty */
	unsigned methods;   /* those that end here */
	const struct route *routes[METHODS];
};

struct router {
	struct node root;
};

/* ---- building ---- */

static _Noreturn void wrong_table(const struct route *route, const char *why)
{
	fprintf(stderr, "route table: %s %s: %s\n", http_method_name(route->method), route->path, why);
	abort();
}

static struct node *child_literal(struct node *n, struct str segment)
{
	for (size_t i = 0; i < n->child_count; i++) {
		if (str_eq(n->children[i].literal, segment))
			return &n->children[i];
	}
	n->children = mem_realloc(n->children, (n->child_count + 1) * sizeof(*n->children));
	n->children[n->child_count] = (struct node){ .literal = segment };
	return &n->children[n->child_count++];
}

static struct node *child_param(struct node *n)
{
	if (!n->param)
		n->param = mem_zalloc(1, sizeof(*n->param));
	return n->param;
}

/* The path's segments, without the leading '/'; absent for the root. */
static struct str segments_of(struct str path)
{
	return path.n > 1 ? (struct str){ path.p + 1, path.n - 1 } : STR_NONE;
}

static void add(struct router *r, const struct route *route)
{
	struct str rest = segments_of(str_of(route->path));
	struct node *n = &r->root;
	size_t params = 0;

	if (route->path[0] != '/' || route->method == HTTP_OTHER || route->method == HTTP_HEAD)
		wrong_table(route, "a path begins with '/', and a method is one that a handler can have");
	while (rest.p) {
		struct str segment = str_cut(&rest, '/');

		if (segment.n && segment.p[0] == '{') {
			if (++params > ROUTE_PARAM_MAX)
				wrong_table(route, "too many parameters");
			n = child_param(n);
		} else {
			n = child_literal(n, segment);
		}
	}
	if (n->routes[route->method])
		wrong_table(route, "is there twice");
	n->routes[route->method] = route;
	n->methods |= HTTP_METHOD_BIT(route->method);
	if (route->method == HTTP_GET)
		n->methods |= HTTP_METHOD_BIT(HTTP_HEAD);
}

struct router *router_create(const struct route *routes, size_t count)
{
	struct router *r = mem_zalloc(1, sizeof(*r));

	for (size_t i = 0; i < count; i++)
		add(r, &routes[i]);
	return r;
}

struct router *router_create_without(const struct route *routes, size_t count, enum route_place other)
{
	struct router *r = mem_zalloc(1, sizeof(*r));

	for (size_t i = 0; i < count; i++) {
		if (routes[i].place != other)
			add(r, &routes[i]);
	}
	return r;
}

static void node_release(struct node *n)
{
	for (size_t i = 0; i < n->child_count; i++)
		node_release(&n->children[i]);
	free(n->children);
	if (n->param)
		node_release(n->param);
	free(n->param);
}

void router_free(struct router *r)
{
	if (!r)
		return;
	node_release(&r->root);
	free(r);
}

/* ---- finding ---- */

static const struct node *literal(const struct node *n, struct str segment)
{
	for (size_t i = 0; i < n->child_count; i++) {
		const struct node *child = &n->children[i];

		if (child->literal.n == segment.n && memcmp(child->literal.p, segment.p, segment.n) == 0)
			return child;
	}
	return NULL;
}

/*
 * Follows the rest of a path down from n; where a literal leads nowhere, its parameter is tried. The depth is
 * the route table's, not the path's.
 */
static const struct node *descend(const struct node *n, struct str rest, struct str *params)
{
	const struct node *next, *found;
	struct str segment;

	if (!rest.p)
		return n->methods ? n : NULL;
	segment = str_cut(&rest, '/');
	next = literal(n, segment);
	found = next ? descend(next, rest, params) : NULL;
	if (found || !n->param || segment.n == 0)
		return found;
	*params = segment;
	return descend(n->param, rest, params + 1);
}

struct route_match router_find(const struct router *r, enum http_method method, struct str path)
{
	struct route_match match = { 0 };
	const struct node *n = descend(&r->root, segments_of(path), match.params);

	if (!n)
		return match;
	match.methods = n->methods;
	match.route = n->routes[method == HTTP_HEAD ? HTTP_GET : method];
	return match;
}
