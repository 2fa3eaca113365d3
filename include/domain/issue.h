/* The enumerations of issues and projects, once, for checks, SQL and documentation; and issue keys. */
#ifndef BUGD_DOMAIN_ISSUE_H
#define BUGD_DOMAIN_ISSUE_H

#include "base/str.h"
#include "base/uuid.h"

#include <stdbool.h>
#include <stdint.h>

extern const char *const issue_status_names[];
extern const char *const issue_type_names[];
extern const char *const issue_priority_names[]; /* in rising order, as in SQL */
extern const char *const project_status_names[];
extern const char *const project_visibility_names[];
#define ISSUE_STATUS_COUNT       4
#define ISSUE_TYPE_COUNT         5
#define ISSUE_PRIORITY_COUNT     4
#define PROJECT_STATUS_COUNT     5
#define PROJECT_VISIBILITY_COUNT 2

#define PROJECT_KEY_MIN 2
#define PROJECT_KEY_MAX 10
#define ISSUE_KEY_MAX   (PROJECT_KEY_MAX + 11)

/* 2..10 of A-Z0-9, starting with a letter; exactly so, in upper case. */
bool project_key_valid(struct str s);

/* What a path or a field that names an issue or a project may hold. */
struct ref {
	bool is_id;
	struct uuid id;
	char key[ISSUE_KEY_MAX + 1]; /* upper case, as "WEB-12" or "WEB", NUL-terminated; when not is_id */
};

/* A UUID, or a key such as web-12 in any case. False: neither, so nothing has this name. */
bool ref_parse_issue(struct str s, struct ref *out);
/* A UUID, or a key such as web in any case. False: neither, and the ref's key is empty, which no project has. */
bool ref_parse_project(struct str s, struct ref *out);

#endif
