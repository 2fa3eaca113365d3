/* What clients send of an issue. */
#ifndef BUGD_API_ISSUE_SHAPE_H
#define BUGD_API_ISSUE_SHAPE_H

#include "api/resource.h"
#include "domain/issue.h"

#define TITLE_MAX       255
#define DESCRIPTION_MAX 65536

struct issue_input {
	struct field_set given;
	struct str project_id, title, description, type, status, priority;
	struct uuid creator_id, assignee_id, parent_id, milestone_id;
	struct field_values label_ids, add_labels, remove_labels;
	bool force;
	int32_t due_date;
	int64_t version;
};

/* The places of the fields in the tables of PATCH and PUT. */
enum issue_field {
	ISSUE_TITLE,
	ISSUE_DESCRIPTION,
	ISSUE_TYPE,
	ISSUE_STATUS,
	ISSUE_PRIORITY,
	ISSUE_ASSIGNEE,
	ISSUE_PARENT,
	ISSUE_MILESTONE,
	ISSUE_DUE_DATE,
	ISSUE_LABELS,
	ISSUE_FORCE,
	ISSUE_VERSION,
	/* Changes of many have no version, but these. */
	ISSUE_ADD_LABELS = ISSUE_VERSION,
	ISSUE_REMOVE_LABELS,
};

/* The places in the table of POST that differ. */
enum issue_create_field {
	ISSUE_CREATE_PROJECT,
	ISSUE_CREATE_TITLE,
	ISSUE_CREATE_DESCRIPTION,
	ISSUE_CREATE_TYPE,
	ISSUE_CREATE_PRIORITY,
	ISSUE_CREATE_CREATOR,
	ISSUE_CREATE_ASSIGNEE,
	ISSUE_CREATE_PARENT,
	ISSUE_CREATE_MILESTONE,
	ISSUE_CREATE_DUE_DATE,
	ISSUE_CREATE_LABELS,
};

#define ISSUE_LABELS_MAX 100

extern const struct shape issue_set_shape; /* of a change of many */
extern const struct enum_names issue_status_enum, issue_type_enum, issue_priority_enum;

/* &in->member when the field was given and is not null, else NULL: an argument that may be NULL. */
#define GIVEN(in, place, member)                                                                             \
	(field_given(&(in)->given, (place)) && !field_null(&(in)->given, (place)) ? &(in)->member : NULL)

#endif
