/* What clients send of a project. */
#ifndef BUGD_API_PROJECT_SHAPE_H
#define BUGD_API_PROJECT_SHAPE_H

#include "api/issue_shape.h"

struct project_input {
	struct field_set given;
	struct str key, name, description, status, visibility;
	struct uuid owner_id;
	int64_t version;
};

/* The places of the fields in the tables of PATCH and PUT. */
enum project_field {
	PROJECT_NAME,
	PROJECT_DESCRIPTION,
	PROJECT_STATUS,
	PROJECT_VISIBILITY,
	PROJECT_OWNER,
	PROJECT_VERSION,
};

enum { PROJECT_CREATE_OWNER = PROJECT_OWNER }; /* POST has the key in the place of the version */

extern const struct enum_names project_status_enum, project_visibility_enum;

/* Records why a statement changed nothing: its outcome, a constraint, or the database's error. */
void project_refused(struct exchange *x, const struct db_reply *reply);

#endif
