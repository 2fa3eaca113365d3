/*
 * Roles and the permission matrix: one table that the route table, the documentation and the tests read.
 * What depends on the row (own issue, member of the project) is decided by the statement that acts; the
 * matrix says who may try.
 */
#ifndef BUGD_DOMAIN_ROLE_H
#define BUGD_DOMAIN_ROLE_H

#include "base/str.h"
#include "domain/scope.h"

#include <stdbool.h>

/* In rising order of power, as in the SQL type user_role. */
enum role { ROLE_REPORTER, ROLE_DEVELOPER, ROLE_MANAGER, ROLE_ADMIN };
#define ROLE_COUNT 4

extern const char *const role_names[ROLE_COUNT];
bool role_parse(struct str s, enum role *out);

/* Where it is decided whether the role is high enough. */
enum permission_place {
	PLACE_TRACKER, /* by the global role, at the gate */
	PLACE_PROJECT, /* by the role in the project (a member's may be higher or lower), in the statement */
};

/*	X(name, identifier in texts, lowest role, where that is decided, scope that a token needs, what it allows) */
#define PERMISSION_TABLE(X)                                                                                  \
	X(PERM_PUBLIC, "public", ROLE_REPORTER, PLACE_TRACKER, SCOPE_ANY, "anybody, without a token")        \
	X(PERM_PROFILE, "profile", ROLE_REPORTER, PLACE_TRACKER, SCOPE_ANY, "read one's own profile")        \
	X(PERM_SELF, "self", ROLE_REPORTER, PLACE_TRACKER, SCOPE_SESSION,                                    \
	  "change one's own profile and password, see and end one's own sessions and tokens")                \
	X(PERM_USER_READ, "user_read", ROLE_REPORTER, PLACE_TRACKER, SCOPE_USERS_READ,                       \
	  "see the people of the tracker")                                                                   \
	X(PERM_PROJECT_READ, "project_read", ROLE_REPORTER, PLACE_PROJECT, SCOPE_PROJECTS_READ,              \
	  "see projects and their members")                                                                  \
	X(PERM_ISSUE_READ, "issue_read", ROLE_REPORTER, PLACE_PROJECT, SCOPE_ISSUES_READ, "see issues")      \
	X(PERM_REPORT_READ, "report_read", ROLE_REPORTER, PLACE_PROJECT, SCOPE_ISSUES_READ,                  \
	  "read reports about issues")                                                                       \
	X(PERM_ISSUE_CREATE, "issue_create", ROLE_REPORTER, PLACE_PROJECT, SCOPE_ISSUES_WRITE,               \
	  "create issues")                                                                                   \
	X(PERM_ATTACH, "attach", ROLE_REPORTER, PLACE_PROJECT, SCOPE_ISSUES_WRITE,                           \
	  "attach files to issues, remove one's own; from manager on, any")                                  \
	X(PERM_ISSUE_EDIT_OWN, "issue_edit_own", ROLE_REPORTER, PLACE_PROJECT, SCOPE_ISSUES_WRITE,           \
	  "edit title, description and type of one's own issues, withdraw them while open")                  \
	X(PERM_ISSUE_EDIT, "issue_edit", ROLE_DEVELOPER, PLACE_PROJECT, SCOPE_ISSUES_WRITE,                  \
	  "edit any issue, move its status, assign and link it")                                             \
	X(PERM_ISSUE_DELETE, "issue_delete", ROLE_MANAGER, PLACE_PROJECT, SCOPE_ISSUES_WRITE,                \
	  "delete and restore any issue")                                                                    \
	X(PERM_COMMENT_READ, "comment_read", ROLE_REPORTER, PLACE_PROJECT, SCOPE_ISSUES_READ,                \
	  "see comments")                                                                                    \
	X(PERM_COMMENT_CREATE, "comment_create", ROLE_REPORTER, PLACE_PROJECT, SCOPE_ISSUES_WRITE,           \
	  "comment on issues; change one's own comments, and delete them, as managers do any")               \
	X(PERM_WATCH, "watch", ROLE_REPORTER, PLACE_PROJECT, SCOPE_ISSUES_WRITE,                             \
	  "watch issues, and stop watching them")                                                            \
	X(PERM_LABEL_WRITE, "label_write", ROLE_MANAGER, PLACE_PROJECT, SCOPE_PROJECTS_WRITE,                \
	  "create, change and delete labels")                                                                \
	X(PERM_MILESTONE_WRITE, "milestone_write", ROLE_MANAGER, PLACE_PROJECT, SCOPE_PROJECTS_WRITE,        \
	  "create, change and delete milestones")                                                            \
	X(PERM_ISSUE_IMPORT, "issue_import", ROLE_MANAGER, PLACE_PROJECT, SCOPE_ISSUES_WRITE,                \
	  "import issues from a file")                                                                       \
	X(PERM_JOB, "job", ROLE_REPORTER, PLACE_TRACKER, SCOPE_ISSUES_READ,                                  \
	  "follow and cancel one's own jobs; admins those of all")                                           \
	X(PERM_INBOX, "inbox", ROLE_REPORTER, PLACE_TRACKER, SCOPE_ISSUES_READ,                              \
	  "read what one was told, and what one is told at all")                                             \
	X(PERM_INBOX_WRITE, "inbox_write", ROLE_REPORTER, PLACE_TRACKER, SCOPE_ISSUES_WRITE,                 \
	  "mark what one was told as read, choose what one is told")                                         \
	X(PERM_FILTER_WRITE, "filter_write", ROLE_REPORTER, PLACE_PROJECT, SCOPE_ISSUES_WRITE,               \
	  "save filters for oneself; share them as a developer, change shared ones as a manager")            \
	X(PERM_PROJECT_CREATE, "project_create", ROLE_MANAGER, PLACE_TRACKER, SCOPE_PROJECTS_WRITE,          \
	  "create projects")                                                                                 \
	X(PERM_PROJECT_WRITE, "project_write", ROLE_MANAGER, PLACE_PROJECT, SCOPE_PROJECTS_WRITE,            \
	  "change and delete projects")                                                                      \
	X(PERM_MEMBER_WRITE, "member_write", ROLE_MANAGER, PLACE_PROJECT, SCOPE_PROJECTS_WRITE,              \
	  "add members to projects, change their roles, remove them")                                        \
	X(PERM_USER_WRITE, "user_write", ROLE_ADMIN, PLACE_TRACKER, SCOPE_ADMIN,                             \
	  "create people, change roles, deactivate")                                                         \
	X(PERM_AUDIT_READ, "audit_read", ROLE_ADMIN, PLACE_TRACKER, SCOPE_ADMIN,                             \
	  "read the log of security events")

enum permission {
#define PERMISSION_ENUM(name, id, role, place, scope, text) name,
	PERMISSION_TABLE(PERMISSION_ENUM) PERM_COUNT,
#undef PERMISSION_ENUM
};

bool role_may(enum role role, enum permission permission);
const char *permission_name(enum permission permission);
enum role permission_lowest(enum permission permission);
enum permission_place permission_place(enum permission permission);
enum scope permission_scope(enum permission permission);
const char *permission_doc(enum permission permission);

#endif
