/*
 * Who calls: from the bearer token to an active user with a role.
 *
 * An access token says which session, a personal access token is looked up by its hash. What they stand for comes
 * from the database and is remembered (api/caller_cache.h), so that most requests ask it nothing.
 */
#ifndef BUGD_API_CALLER_H
#define BUGD_API_CALLER_H

#include "db/statement.h"
#include "domain/role.h"
#include "http/exchange.h"

struct caller {
	struct uuid id;
	struct uuid session;         /* the session, or the personal access token */
	bool personal;               /* it is a personal access token */
	enum role role;              /* the global one; a project may give another */
	const struct db_array *only; /* ids: a token's limit to these projects; NULL: none */
};

/* The caller of an exchange behind the gate; NULL on public routes. */
static inline const struct caller *caller_of(const struct exchange *x)
{
	return x->context;
}

/* The role as SQL spells it. */
struct str caller_role(const struct caller *c);

/*
 * The gate of every route (struct service). No token or a bad one, a session that is over, a user who is not
 * active: 401, always the same. A personal access token without the route's scope, a role that is too low for
 * the route's permission where that does not depend on the project: 403.
 */
enum co_state caller_gate(struct exchange *x, void *frame);
extern const size_t caller_gate_frame_size;

/* For a token without the scope: WWW-Authenticate as RFC 6750, section 3.1, has it. */
void caller_add_challenge(struct exchange *x);

/* What a refusal (403) lacks, by the route: the detail of one that has none of its own. */
struct str caller_lacks(struct exchange *x);

#endif
