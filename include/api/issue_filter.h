/*
 * The filters of issues: what a query may say about which issues are meant, for lists and whatever else takes
 * the same filters. A query struct has a member `struct issue_filter filter`, and its table begins with
 * ISSUE_FILTER_FIELDS.
 */
#ifndef BUGD_API_ISSUE_FILTER_H
#define BUGD_API_ISSUE_FILTER_H

#include "api/issue_shape.h"
#include "db/compose.h"
#include "domain/search.h"

struct issue_filter {
	struct field_values status, priority, type, project_id, assignee_id, creator_id, key, parent_id,
		label, milestone_id;
	int64_t created_after, created_before, updated_after, updated_before;
	int32_t due_before, due_after;
	bool overdue;
	struct str deleted;
	struct str q; /* see api/issue_search.h */
};

#define ISSUE_FILTER_VALUES_MAX 100

extern const struct enum_names issue_filter_assignee, issue_filter_creator, issue_filter_deleted,
	issue_filter_milestone;

/* The places of those that have no value by which it shows whether they were given. */
enum issue_filter_place {
	FILTER_CREATED_AFTER,
	FILTER_CREATED_BEFORE,
	FILTER_UPDATED_AFTER,
	FILTER_UPDATED_BEFORE,
	FILTER_DUE_BEFORE,
	FILTER_DUE_AFTER,
	FILTER_OVERDUE,
};

#define FILTER_AT(struct_type, member) .offset = offsetof(struct_type, filter.member)

#define ISSUE_FILTER_FIELDS(struct_type)                                                                        \
	[FILTER_CREATED_AFTER] = { .name = "created_after",                                                     \
				   .type = FIELD_TIMESTAMP,                                                     \
				   FILTER_AT(struct_type, created_after),                                       \
				   .doc = "Created after this moment.",                                         \
				   .example = "2026-11-01T00:00:00Z" },                                         \
	[FILTER_CREATED_BEFORE] = { .name = "created_before",                                                   \
				    .type = FIELD_TIMESTAMP,                                                    \
				    FILTER_AT(struct_type, created_before),                                     \
				    .doc = "Created before this moment." },                                     \
	[FILTER_UPDATED_AFTER] = { .name = "updated_after",                                                     \
				   .type = FIELD_TIMESTAMP,                                                     \
				   FILTER_AT(struct_type, updated_after),                                       \
				   .doc = "Changed after this moment." },                                       \
	[FILTER_UPDATED_BEFORE] = { .name = "updated_before",                                                   \
				    .type = FIELD_TIMESTAMP,                                                    \
				    FILTER_AT(struct_type, updated_before),                                     \
				    .doc = "Not changed since this moment." },                                  \
	[FILTER_DUE_BEFORE] = { .name = "due_before",                                                           \
				.type = FIELD_DATE,                                                             \
				FILTER_AT(struct_type, due_before),                                             \
				.doc = "Due before this day.",                                                  \
				.example = "2026-12-24" },                                                      \
	[FILTER_DUE_AFTER] = { .name = "due_after",                                                             \
			       .type = FIELD_DATE,                                                              \
			       FILTER_AT(struct_type, due_after),                                               \
			       .doc = "Due after this day." },                                                  \
	[FILTER_OVERDUE] = { .name = "overdue",                                                                 \
			     .type = FIELD_BOOL,                                                                \
			     FILTER_AT(struct_type, overdue),                                                   \
			     .doc = "Due before today, and neither resolved nor closed." },                     \
	{ .name = "q",                                                                                          \
	  .type = FIELD_TEXT,                                                                                   \
	  FILTER_AT(struct_type, q),                                                                            \
	  .max = SEARCH_LEN_MAX,                                                                                \
	  .doc = "Words of the title, the description or a comment, the last one by its beginning; "            \
		 "`\"exact words\"`, `-excluded`, and qualifiers: `is:open`, `no:assignee`, `status:`, "        \
		 "`priority:`, `type:`, `project:`, `assignee:me`, `creator:`, `label:\"needs review\"`, "      \
		 "`milestone:`, `parent:`, `key:`, `created:>2026-11-01`, `updated:`, `due:<=2026-12-24`.",     \
	  .example = "is:open crash \"log in\"" },                                                              \
	{ .name = "status",                                                                                     \
	  .type = FIELD_ENUM,                                                                                   \
	  .flags = FIELD_REPEATED,                                                                              \
	  FILTER_AT(struct_type, status),                                                                       \
	  .min = 1,                                                                                             \
	  .max = ISSUE_FILTER_VALUES_MAX,                                                                       \
	  .names = &issue_status_enum,                                                                          \
	  .doc = "Any of these statuses.",                                                                      \
	  .example = "open" },                                                                                  \
	{ .name = "priority",                                                                                   \
	  .type = FIELD_ENUM,                                                                                   \
	  .flags = FIELD_REPEATED,                                                                              \
	  FILTER_AT(struct_type, priority),                                                                     \
	  .min = 1,                                                                                             \
	  .max = ISSUE_FILTER_VALUES_MAX,                                                                       \
	  .names = &issue_priority_enum,                                                                        \
	  .doc = "Any of these priorities." },                                                                  \
	{ .name = "type",                                                                                       \
	  .type = FIELD_ENUM,                                                                                   \
	  .flags = FIELD_REPEATED,                                                                              \
	  FILTER_AT(struct_type, type),                                                                         \
	  .min = 1,                                                                                             \
	  .max = ISSUE_FILTER_VALUES_MAX,                                                                       \
	  .names = &issue_type_enum,                                                                            \
	  .doc = "Any of these types." },                                                                       \
	{ .name = "project_id",                                                                                 \
	  .type = FIELD_REF,                                                                                    \
	  .flags = FIELD_REPEATED,                                                                              \
	  FILTER_AT(struct_type, project_id),                                                                   \
	  .min = 1,                                                                                             \
	  .max = ISSUE_FILTER_VALUES_MAX,                                                                       \
	  .doc = "In any of these projects, by id or key.",                                                     \
	  .example = "WEB" },                                                                                   \
	{ .name = "assignee_id",                                                                                \
	  .type = FIELD_ID_OR_NAME,                                                                             \
	  .names = &issue_filter_assignee,                                                                      \
	  .flags = FIELD_REPEATED,                                                                              \
	  FILTER_AT(struct_type, assignee_id),                                                                  \
	  .min = 1,                                                                                             \
	  .max = ISSUE_FILTER_VALUES_MAX,                                                                       \
	  .doc = "Assigned to any of these: ids, `me`, or `none`.",                                             \
	  .example = "me" },                                                                                    \
	{ .name = "creator_id",                                                                                 \
	  .type = FIELD_ID_OR_NAME,                                                                             \
	  .names = &issue_filter_creator,                                                                       \
	  .flags = FIELD_REPEATED,                                                                              \
	  FILTER_AT(struct_type, creator_id),                                                                   \
	  .min = 1,                                                                                             \
	  .max = ISSUE_FILTER_VALUES_MAX,                                                                       \
	  .doc = "Created by any of these: ids, or `me`." },                                                    \
	{ .name = "label",                                                                                      \
	  .type = FIELD_TEXT,                                                                                   \
	  .flags = FIELD_REPEATED | FIELD_WHOLE,                                                                \
	  FILTER_AT(struct_type, label),                                                                        \
	  .min = 1,                                                                                             \
	  .max = ISSUE_FILTER_VALUES_MAX,                                                                       \
	  .doc = "With this label, by name or id; with commas, with all of these; repeated, with any of them; " \
		 "`none`: without labels.",                                                                     \
	  .example = "bug" },                                                                                   \
	{ .name = "key",                                                                                        \
	  .type = FIELD_REF,                                                                                    \
	  .flags = FIELD_REPEATED,                                                                              \
	  FILTER_AT(struct_type, key),                                                                          \
	  .min = 1,                                                                                             \
	  .max = ISSUE_FILTER_VALUES_MAX,                                                                       \
	  .doc = "Any of these keys.",                                                                          \
	  .example = "WEB-12" },                                                                                \
	{ .name = "parent_id",                                                                                  \
	  .type = FIELD_UUID,                                                                                   \
	  .flags = FIELD_REPEATED,                                                                              \
	  FILTER_AT(struct_type, parent_id),                                                                    \
	  .min = 1,                                                                                             \
	  .max = ISSUE_FILTER_VALUES_MAX,                                                                       \
	  .doc = "A part of any of these issues." },                                                            \
	{ .name = "milestone_id",                                                                               \
	  .type = FIELD_ID_OR_NAME,                                                                             \
	  .names = &issue_filter_milestone,                                                                     \
	  .flags = FIELD_REPEATED,                                                                              \
	  FILTER_AT(struct_type, milestone_id),                                                                 \
	  .min = 1,                                                                                             \
	  .max = ISSUE_FILTER_VALUES_MAX,                                                                       \
	  .doc = "For any of these milestones: ids, or `none`." },                                              \
	{                                                                                                       \
		.name = "deleted", .type = FIELD_ENUM, FILTER_AT(struct_type, deleted),                         \
		.names = &issue_filter_deleted, .doc = "Whether deleted issues are shown, to managers.",        \
		.example = "exclude"                                                                            \
	}

/*
 * Chooses the options of the statement issue_list that the filter stands for, and sets its arguments. `given` is
 * that of the query. What is neither an id nor a key names nothing, so that nothing is found by it.
 */
void issue_filter_apply(struct exchange *x, const struct issue_filter *filter, const struct field_set *given,
			struct choice *choice, struct issue_list_args *args);

#endif
