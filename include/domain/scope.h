/*
 * Scopes: what a personal access token is for. A token does what its scopes cover, and never more than its
 * owner's role allows. A session has no scopes, it may do all that its user may.
 */
#ifndef BUGD_DOMAIN_SCOPE_H
#define BUGD_DOMAIN_SCOPE_H

#include "base/str.h"

#include <stdbool.h>

/*	X(name, identifier, the scopes that it includes, what it covers) */
#define SCOPE_TABLE(X)                                                                                       \
	X(SCOPE_ISSUES_READ, "issues:read", 0, "see issues and all that belongs to them")                    \
	X(SCOPE_ISSUES_WRITE, "issues:write", SCOPE_BIT(SCOPE_ISSUES_READ),                                  \
	  "create, change, delete and restore issues; includes issues:read")                                 \
	X(SCOPE_PROJECTS_READ, "projects:read", 0, "see projects and their members")                         \
	X(SCOPE_PROJECTS_WRITE, "projects:write", SCOPE_BIT(SCOPE_PROJECTS_READ),                            \
	  "create, change and delete projects, set their members; includes projects:read")                   \
	X(SCOPE_USERS_READ, "users:read", 0, "see the people of the tracker")                                \
	X(SCOPE_ADMIN, "admin", SCOPE_BIT(SCOPE_USERS_READ),                                                 \
	  "administer people and read the log of security events; includes users:read")

enum scope {
#define SCOPE_ENUM(name, id, includes, text) name,
	SCOPE_TABLE(SCOPE_ENUM)
#undef SCOPE_ENUM
		SCOPE_COUNT,
	/* Not scopes, but what a permission may ask for instead of one. */
	SCOPE_ANY = SCOPE_COUNT, /* any token will do */
	SCOPE_SESSION,           /* no token will do */
};

#define SCOPE_BIT(scope) (1u << (scope))
#define SCOPES_ALL       (SCOPE_BIT(SCOPE_COUNT) - 1)

extern const char *const scope_names[SCOPE_COUNT];
const char *scope_doc(enum scope scope);
bool scope_parse(struct str s, enum scope *out);

/* The set of bits for some identifiers separated by spaces, with all that they include. Unknown ones give none. */
unsigned scope_set_parse(struct str list);

/* Whether a token with this set may do what asks for `wanted`. */
bool scope_set_has(unsigned set, enum scope wanted);

#endif
