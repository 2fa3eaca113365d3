/* Labels, milestones and links. */
#include "api/issue_shape.h"
#include "api/resource_planning.h"
#include "representation_fields.h"

static const struct field label_fields[] = {
	ID("id", "Its id (UUIDv7)."),
	NULL_ID("project_id", "The project that it is for; null: for all of them."),
	TEXT("name", "Its name.", "needs-review"),
	TEXT("color", "Its colour, `#rrggbb`.", "#d73a4a"),
	TEXT("description", "What it means; empty when nothing was said.", "Somebody should look."),
	CREATED_AT,
	UPDATED_AT,
};
const struct representation representation_label = {
	.name = "Label",
	.doc = "A word with a colour that sorts issues.",
	FIELDS_OF(label_fields),
	.tagged = true,
};

static const struct field progress_fields[] = {
	COUNTER("done", "How many are resolved or closed.", "3"),
	COUNTER("total", "How many there are; deleted ones do not count.", "5"),
};
const struct representation representation_progress = {
	.name = "Progress",
	.doc = "How much of a set of issues is done.",
	FIELDS_OF(progress_fields),
};

static const struct field milestone_fields[] = {
	ID("id", "Its id (UUIDv7)."),
	ID("project_id", "The project that it is of."),
	TEXT("name", "Its name.", "Release 2.0"),
	TEXT("description", "What it is about; empty when nothing was said.", "The new shop."),
	{ .name = "due_date",
	  .type = FIELD_DATE,
	  .flags = FIELD_NULLABLE,
	  .doc = "The day by which all of it should be done.",
	  .example = "2026-12-24" },
	ENUM("state", &milestone_state_enum, "Whether it is still worked for.", "open"),
	VERSION,
	CREATED_AT,
	UPDATED_AT,
	NULL_TIME("closed_at", "When it was closed; null when it is open."),
};
static const struct member milestone_members[] = {
	{ "progress", "Progress", 0, "How much of it is done." },
};
const struct representation representation_milestone = {
	.name = "Milestone",
	.doc = "What a project wants to have done by a day.",
	FIELDS_OF(milestone_fields),
	MEMBERS_OF(milestone_members),
	.tagged = true,
};

static const struct field linked_issue_fields[] = {
	ID("id", "The issue's id."),
	TEXT("key", "Its key.", "WEB-13"),
	TEXT("title", "What it is about.", "Passwords are cut at 72 bytes"),
	ENUM("status", &issue_status_enum, "Where it stands.", "open"),
};
const struct representation representation_linked_issue = {
	.name = "LinkedIssue",
	.doc = "An issue as it is shown with a link.",
	FIELDS_OF(linked_issue_fields),
};

static const struct field link_fields[] = {
	ID("id", "Its id (UUIDv7)."),
	ENUM("type", &link_seen_enum, "What the issue of the path is to the other one.", "blocked_by"),
	ID("creator_id", "Who made it."),
	CREATED_AT,
};
static const struct member link_members[] = {
	{ "issue", "LinkedIssue", 0, "The other issue." },
};
const struct representation representation_link = {
	.name = "Link",
	.doc = "What an issue has to do with another, seen from one of them.",
	FIELDS_OF(link_fields),
	MEMBERS_OF(link_members),
	.tagged = true,
};

static const struct field filter_fields[] = {
	ID("id", "Its id (UUIDv7)."),
	ID("owner_id", "Whose it is."),
	NULL_ID("project_id", "The project that it is shared with; null: it is private."),
	TEXT("name", "Its name.", "My urgent bugs"),
	TEXT("query", "What stands behind `/issues?`.", "type=bug&priority=critical&assignee_id=me"),
	VERSION,
	CREATED_AT,
	UPDATED_AT,
};
const struct representation representation_filter = {
	.name = "Filter",
	.doc = "A query of the list of issues that is kept.",
	FIELDS_OF(filter_fields),
	.tagged = true,
};
