#include "api/issue_shape.h"

#define AT(member) .offset = offsetof(struct issue_input, member)

const struct enum_names issue_status_enum = { "issue_status", issue_status_names, ISSUE_STATUS_COUNT };
const struct enum_names issue_type_enum = { "issue_type", issue_type_names, ISSUE_TYPE_COUNT };
const struct enum_names issue_priority_enum = { "issue_priority", issue_priority_names,
						ISSUE_PRIORITY_COUNT };

/* The fields that mean the same wherever they are sent. */
#define TITLE_FIELD(more)                                                                                    \
	{                                                                                                    \
		.name = "title", .type = FIELD_TEXT, .flags = FIELD_NOT_BLANK | FIELD_SINGLE_LINE | (more),  \
		AT(title), .min = 1, .max = TITLE_MAX, .doc = "What it is about, in a line.",                \
		.example = "Login fails with a long password"                                                \
	}
#define DESCRIPTION_FIELD                                                                                    \
	{                                                                                                    \
		.name = "description", .type = FIELD_TEXT, .flags = FIELD_NULLABLE, AT(description),         \
		.max = DESCRIPTION_MAX, .doc = "The whole story.", .example = "Steps to reproduce: …"      \
	}
#define TYPE_FIELD(text)                                                                                     \
	{                                                                                                    \
		.name = "type", .type = FIELD_ENUM, AT(type), .names = &issue_type_enum, .doc = text,        \
		.example = "bug"                                                                             \
	}
#define STATUS_FIELD                                                                                         \
	{                                                                                                    \
		.name = "status", .type = FIELD_ENUM, AT(status), .names = &issue_status_enum,               \
		.doc = "Where it stands in the workflow.", .example = "in_progress"                          \
	}
#define PRIORITY_FIELD(text)                                                                                 \
	{                                                                                                    \
		.name = "priority", .type = FIELD_ENUM, AT(priority), .names = &issue_priority_enum,         \
		.doc = text, .example = "high"                                                               \
	}
#define ASSIGNEE_FIELD                                                                                       \
	{                                                                                                    \
		.name = "assignee_id", .type = FIELD_UUID, .flags = FIELD_NULLABLE, AT(assignee_id),         \
		.doc = "Who works on it."                                                                    \
	}
#define PARENT_FIELD                                                                                         \
	{                                                                                                    \
		.name = "parent_id", .type = FIELD_UUID, .flags = FIELD_NULLABLE, AT(parent_id),             \
		.doc = "The issue of the same project that this one is a part of."                           \
	}
#define MILESTONE_FIELD                                                                                      \
	{                                                                                                    \
		.name = "milestone_id", .type = FIELD_UUID, .flags = FIELD_NULLABLE, AT(milestone_id),       \
		.doc = "The milestone of the same project that it is to be done for."                        \
	}
#define LABELS_FIELD(text)                                                                                   \
	{                                                                                                    \
		.name = "label_ids", .type = FIELD_UUID, .flags = FIELD_REPEATED, AT(label_ids),             \
		.max = ISSUE_LABELS_MAX, .doc = text                                                         \
	}
#define FORCE_FIELD                                                                                          \
	{                                                                                                    \
		.name = "force", .type = FIELD_BOOL, AT(force),                                              \
		.doc = "Resolve or close it also while an issue that blocks it is not done."                 \
	}
#define DUE_DATE_FIELD                                                                                       \
	{                                                                                                    \
		.name = "due_date", .type = FIELD_DATE, .flags = FIELD_NULLABLE, AT(due_date),               \
		.doc = "The day on which it should be done.", .example = "2026-12-24"                        \
	}
#define VERSION_FIELD                                                                                        \
	{                                                                                                    \
		.name = "version", .type = FIELD_INT, AT(version), .min = 1, .max = INT32_MAX,               \
		.doc = "The version that the change is based on.", .example = "1"                            \
	}

static const struct field create_fields[] = {
	[ISSUE_CREATE_PROJECT] = { .name = "project_id",
				   .type = FIELD_REF,
				   .flags = FIELD_REQUIRED,
				   AT(project_id),
				   .doc = "The project, by id or key.",
				   .example = "WEB" },
	[ISSUE_CREATE_TITLE] = TITLE_FIELD(FIELD_REQUIRED),
	[ISSUE_CREATE_DESCRIPTION] = DESCRIPTION_FIELD,
	[ISSUE_CREATE_TYPE] = TYPE_FIELD("Its kind; bug unless told."),
	[ISSUE_CREATE_PRIORITY] = PRIORITY_FIELD("How urgent it is; medium unless told."),
	[ISSUE_CREATE_CREATOR] = { .name = "creator_id",
				   .type = FIELD_UUID,
				   AT(creator_id),
				   .doc = "Who found it; somebody else only for managers and admins." },
	[ISSUE_CREATE_ASSIGNEE] = ASSIGNEE_FIELD,
	[ISSUE_CREATE_PARENT] = PARENT_FIELD,
	[ISSUE_CREATE_MILESTONE] = MILESTONE_FIELD,
	[ISSUE_CREATE_DUE_DATE] = DUE_DATE_FIELD,
	[ISSUE_CREATE_LABELS] = LABELS_FIELD("Its labels, by id."),
};

#define CHANGED_FIELDS                                                                                       \
	[ISSUE_DESCRIPTION] = DESCRIPTION_FIELD, [ISSUE_TYPE] = TYPE_FIELD("Its kind."),                     \
	[ISSUE_STATUS] = STATUS_FIELD, [ISSUE_PRIORITY] = PRIORITY_FIELD("How urgent it is."),               \
	[ISSUE_ASSIGNEE] = ASSIGNEE_FIELD, [ISSUE_PARENT] = PARENT_FIELD,                                    \
	[ISSUE_MILESTONE] = MILESTONE_FIELD, [ISSUE_DUE_DATE] = DUE_DATE_FIELD,                              \
	[ISSUE_LABELS] = LABELS_FIELD("All its labels, by id; those of before are replaced.")

static const struct field patch_fields[] = {
	[ISSUE_TITLE] = TITLE_FIELD(0),
	CHANGED_FIELDS,
	[ISSUE_VERSION] = VERSION_FIELD,
	[ISSUE_FORCE] = FORCE_FIELD,
};

static const struct field put_fields[] = {
	[ISSUE_TITLE] = TITLE_FIELD(FIELD_REQUIRED),
	CHANGED_FIELDS,
	[ISSUE_VERSION] = VERSION_FIELD,
	[ISSUE_FORCE] = FORCE_FIELD,
};

static const struct field set_fields[] = {
	[ISSUE_TITLE] = TITLE_FIELD(0),
	CHANGED_FIELDS,
	[ISSUE_FORCE] = FORCE_FIELD,
	[ISSUE_ADD_LABELS] = { .name = "add_labels",
			       .type = FIELD_UUID,
			       .flags = FIELD_REPEATED,
			       AT(add_labels),
			       .max = ISSUE_LABELS_MAX,
			       .doc = "Labels that are added, by id." },
	[ISSUE_REMOVE_LABELS] = { .name = "remove_labels",
				  .type = FIELD_UUID,
				  .flags = FIELD_REPEATED,
				  AT(remove_labels),
				  .max = ISSUE_LABELS_MAX,
				  .doc = "Labels that are taken off, by id." },
};
const struct shape issue_set_shape =
	SHAPE(struct issue_input, "IssueSet", set_fields, "What to change in all of them.");

const struct shape issue_create_shape =
	SHAPE(struct issue_input, "IssueCreate", create_fields, "A new issue.");
const struct shape issue_patch_shape = SHAPE(struct issue_input, "IssuePatch", patch_fields,
					     "What to change; absent fields stay, null clears.");
const struct shape issue_put_shape =
	SHAPE(struct issue_input, "IssuePut", put_fields,
	      "The whole issue; fields that are absent get their standard value, the status stays.");
