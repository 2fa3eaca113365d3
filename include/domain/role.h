/*
 * Roles and the permission matrix: one table that the route table, the documentation and the tests read.
 * What depends on the row (own issue, member of the project) is decided by the statement that acts; the
 * matrix says who may try.
 */
#ifndef BUGD_DOMAIN_ROLE_H
#define BUGD_DOMAIN_ROLE_H

#include "base/str.h"

#include <stdbool.h>

/* In rising order of power, as in the SQL type user_role. */
enum role { ROLE_REPORTER, ROLE_DEVELOPER, ROLE_MANAGER, ROLE_ADMIN };
#define ROLE_COUNT 4

extern const char *const role_names[ROLE_COUNT];
bool role_parse(struct str s, enum role *out);

/*	X(name, identifier in texts, lowest role, what it allows) */
#define PERMISSION_TABLE(X)                                                                                  \
	X(PERM_PUBLIC, "public", ROLE_REPORTER, "anybody, without a token")                                  \
	X(PERM_SELF, "self", ROLE_REPORTER, "one's own profile, password, sessions and tokens")              \
	X(PERM_USER_READ, "user_read", ROLE_REPORTER, "see the people of the tracker")                       \
	X(PERM_PROJECT_READ, "project_read", ROLE_REPORTER, "see projects")                                  \
	X(PERM_ISSUE_READ, "issue_read", ROLE_REPORTER, "see issues")                                        \
	X(PERM_ISSUE_CREATE, "issue_create", ROLE_REPORTER, "create issues")                                 \
	X(PERM_ISSUE_EDIT_OWN, "issue_edit_own", ROLE_REPORTER,                                              \
	  "edit title, description and type of one's own issues, withdraw them while open")                  \
	X(PERM_ISSUE_EDIT, "issue_edit", ROLE_DEVELOPER, "edit any issue, move its status, assign it")       \
	X(PERM_ISSUE_DELETE, "issue_delete", ROLE_MANAGER, "delete and restore any issue")                   \
	X(PERM_PROJECT_CREATE, "project_create", ROLE_MANAGER, "create projects")                            \
	X(PERM_PROJECT_WRITE, "project_write", ROLE_MANAGER, "change and delete projects")                   \
	X(PERM_USER_WRITE, "user_write", ROLE_ADMIN, "create people, change roles, deactivate")

enum permission {
#define PERMISSION_ENUM(name, id, role, text) name,
	PERMISSION_TABLE(PERMISSION_ENUM) PERM_COUNT,
#undef PERMISSION_ENUM
};

bool role_may(enum role role, enum permission permission);
const char *permission_name(enum permission permission);
enum role permission_lowest(enum permission permission);
const char *permission_doc(enum permission permission);

#endif
