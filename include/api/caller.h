/*
 * Who calls: from the bearer token to an active user with a role.
 *
 * The token says who; what they may do comes from the database and is remembered by each process in a bounded
 * table. A change is announced to all processes (NOTIFY bugd_user) and forgotten at once; while a process does
 * not hear the announcements, it remembers nothing.
 */
#ifndef BUGD_API_CALLER_H
#define BUGD_API_CALLER_H

#include "db/conn.h"
#include "db/statement.h"
#include "domain/role.h"
#include "http/exchange.h"

struct caller {
	struct uuid id;
	enum role role; /* the global one; a project may give another */
	const struct db_array *only; /* ids: a token's limit to these projects; NULL: none */
};

/* The caller of an exchange behind the gate; NULL on public routes. */
static inline const struct caller *caller_of(const struct exchange *x)
{
	return x->context;
}

/* The role as SQL spells it. */
struct str caller_role(const struct caller *c);

struct caller_cache;
struct caller_cache *caller_cache_create(const struct conn_config *conn);
void caller_cache_open(struct caller_cache *c);
void caller_cache_close(struct caller_cache *c, void (*closed)(void *), void *arg);
void caller_cache_free(struct caller_cache *c);

/*
 * The gate of every route (struct service): no token or a bad one: 401; a user who is not active: 401; a role
 * that is too low for the route's permission, where that does not depend on the project: 403.
 */
enum co_state caller_gate(struct exchange *x, void *frame);
extern const size_t caller_gate_frame_size;

#endif
