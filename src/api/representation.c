#include "representation_fields.h"

#include "api/list.h"
#include "api/project_shape.h"

static const struct field issue_fields[] = {
	ID("id", "Its id (UUIDv7)."),
	TEXT("key", "The project's key and its number: how people name it.", "WEB-12"),
	COUNTER("number", "Counts the issues of a project.", "12"),
	ID("project_id", "The project that it belongs to."),
	TEXT("title", "What it is about, in a line.", "Login fails with a long password"),
	TEXT("description", "The whole story; empty when there is none.", "Steps to reproduce: …"),
	ENUM("type", &issue_type_enum, "Its kind.", "bug"),
	ENUM("status", &issue_status_enum, "Where it stands in the workflow.", "open"),
	ENUM("priority", &issue_priority_enum, "How urgent it is.", "high"),
	ID("creator_id", "Who found it."),
	NULL_ID("assignee_id", "Who works on it; null: nobody yet."),
	NULL_ID("parent_id", "The issue that this one is a part of."),
	NULL_ID("milestone_id", "The milestone that it is to be done for."),
	{ .name = "due_date",
	  .type = FIELD_DATE,
	  .flags = FIELD_NULLABLE,
	  .doc = "The day on which it should be done.",
	  .example = "2026-12-24" },
	COUNTER("comment_count", "How many comments it has; deleted ones do not count.", "2"),
	VERSION,
	CREATED_AT,
	UPDATED_AT,
	NULL_TIME("resolved_at", "When it was resolved; null when it is not, or was opened again."),
	NULL_TIME("closed_at", "When it was closed; null when it is not."),
	{ .name = "snippet",
	  .type = FIELD_TEXT,
	  .flags = MEMBER_OPTIONAL | FIELD_NULLABLE,
	  .doc = "In lists, with words in `q`: where it was found, as HTML of text and `<mark>` alone.",
	  .example = "I cannot <mark>log</mark> in again." },
	{ .name = "allowed_statuses",
	  .type = FIELD_ENUM,
	  .flags = FIELD_REPEATED | MEMBER_OPTIONAL,
	  .names = &issue_status_enum,
	  .doc = "With `include`: where the workflow lets it go.",
	  .example = "resolved" },
};
static const struct member issue_members[] = {
	{ "labels", "IssueLabel", FIELD_REPEATED, "Its labels, by name." },
	{ "comments", "Comment", FIELD_REPEATED | MEMBER_OPTIONAL,
	  "With `include`: its first 100 comments, oldest first; `/comments` has them all." },
	{ "attachments", "Attachment", FIELD_REPEATED | MEMBER_OPTIONAL,
	  "With `include`: its last 100 files, newest first; `/attachments` has them all." },
	{ "children", "Progress", MEMBER_OPTIONAL, "With `include`: how much of its parts is done." },
	{ "watchers", "Watcher", FIELD_REPEATED | MEMBER_OPTIONAL,
	  "With `include`: its first 100 watchers, by name; `/watchers` has them all." },
};
static const struct representation issue = {
	.name = "Issue",
	.doc = "A bug, a feature, a task: something to be done in a project.",
	FIELDS_OF(issue_fields),
	MEMBERS_OF(issue_members),
	.tagged = true,
};

static const struct field issue_label_fields[] = {
	ID("id", "The label's id."),
	TEXT("name", "Its name.", "needs-review"),
	TEXT("color", "Its colour, `#rrggbb`.", "#d73a4a"),
};
static const struct representation issue_label = {
	.name = "IssueLabel",
	.doc = "A label as it is shown with an issue.",
	FIELDS_OF(issue_label_fields),
};

static const struct field issue_count_fields[] = {
	COUNTER("open", "How many are open.", "3"),
	COUNTER("in_progress", "How many are being worked on.", "2"),
	COUNTER("resolved", "How many are resolved.", "1"),
	COUNTER("closed", "How many are closed.", "4"),
};
static const struct representation issue_counts = {
	.name = "IssueCounts",
	.doc = "How many issues a project has in each status; deleted ones do not count.",
	FIELDS_OF(issue_count_fields),
};

static const struct field project_fields[] = {
	ID("id", "Its id (UUIDv7)."),
	TEXT("key", "Begins the keys of its issues; never changes.", "WEB"),
	TEXT("name", "Its name, unlike any other project's.", "Web shop"),
	TEXT("description", "What it is about; empty when nothing was said.",
	     "Everything that customers see."),
	ENUM("status", &project_status_enum,
	     "Where it stands; completed and archived ones take no new issues.", "active"),
	ENUM("visibility", &project_visibility_enum,
	     "Public for every signed-in user, or private to its members.", "public"),
	ID("owner_id", "Who is responsible."),
	VERSION,
	CREATED_AT,
	UPDATED_AT,
};
static const struct member project_members[] = {
	{ "issue_counts", "IssueCounts", 0, "How many issues it has in each status." },
};
static const struct representation project = {
	.name = "Project",
	.doc = "A project: what issues belong to.",
	FIELDS_OF(project_fields),
	MEMBERS_OF(project_members),
	.tagged = true,
};

static const struct field status_fields[] = {
	TEXT("status", "A word: `ok` or `ready`.", "ok"),
};
static const struct representation status = {
	.name = "Status",
	.doc = "How the server feels.",
	FIELDS_OF(status_fields),
};

static const struct field problem_fields[] = {
	TEXT("type", "A URI that names the kind of problem; it is not meant to be visited.",
	     "urn:bugd:problem:not_found"),
	TEXT("title", "The kind of problem, for people.", "There is no such resource"),
	{ .name = "status",
	  .type = FIELD_INT,
	  .min = 400,
	  .max = 599,
	  .doc = "The status code of the answer.",
	  .example = "404" },
	TEXT("detail", "What is wrong with this very request.", "There is no such resource"),
	TEXT("instance", "The path of the request.", "/api/v1/issues/WEB-12"),
	TEXT("code", "The kind of problem, for programs: one of the list in the introduction.", "not_found"),
	TEXT("request_id", "As in the header `X-Request-Id` and in the server's log.",
	     "c842d6d819c57ba4018b91f3dab66873"),
};
static const struct member problem_members[] = {
	{ "errors", "FieldError", FIELD_REPEATED | MEMBER_OPTIONAL,
	  "All fields and parameters that are not valid, at once." },
	{ "current", NULL, MEMBER_OPTIONAL,
	  "The resource as it is now, when a change was based on an older version." },
	{ "changed", NULL, MEMBER_OPTIONAL,
	  "The names of the fields that differ from the version the client had, where the history knows." },
	{ "allowed", NULL, MEMBER_OPTIONAL, "The statuses that the workflow allows from here." },
	{ "failures", "BulkError", FIELD_REPEATED | MEMBER_OPTIONAL,
	  "The issues that cannot be changed, and why." },
	{ "blocked_by", NULL, MEMBER_OPTIONAL,
	  "The keys of the issues that block this one and are not done." },
};
static const struct representation problem = {
	.name = "Problem",
	.doc = "What went wrong (RFC 9457).",
	FIELDS_OF(problem_fields),
	MEMBERS_OF(problem_members),
};

static const struct field field_error_fields[] = {
	TEXT("field", "The path of the field, or the name of the parameter.", "title"),
	TEXT("code", "Why it was refused, for programs.", "too_long"),
	TEXT("detail", "What would be right, for people.", "Must have 1 to 255 characters"),
};
static const struct representation field_error = {
	.name = "FieldError",
	.doc = "A field or a parameter that is not valid.",
	FIELDS_OF(field_error_fields),
};

#define OPTIONAL_COUNTER(field_name, text, value)                                                            \
	{                                                                                                    \
		.name = (field_name), .type = FIELD_INT, .flags = MEMBER_OPTIONAL, .min = 0, .max = -1,      \
		.doc = (text), .example = (value)                                                            \
	}
#define CURSOR(field_name, text)                                                                             \
	{                                                                                                    \
		.name = (field_name), .type = FIELD_TEXT, .flags = FIELD_NULLABLE | MEMBER_OPTIONAL,         \
		.doc = (text)                                                                                \
	}
static const struct field meta_fields[] = {
	OPTIONAL_COUNTER("page", "This page, from 1; not of a list by cursor.", "1"),
	COUNTER("size", "How many items a page has at most.", "20"),
	OPTIONAL_COUNTER("total", "How many there are on all pages; not with `count=none`.", "57"),
	{ .name = "total_exact",
	  .type = FIELD_BOOL,
	  .flags = MEMBER_OPTIONAL,
	  .doc = "False: there are more than `total`, and nobody counted on.",
	  .example = "true" },
	OPTIONAL_COUNTER("pages", "How many pages that makes.", "3"),
	CURSOR("next_cursor", "For the parameter `cursor`, to go on; null at the end."),
	CURSOR("prev_cursor", "For the parameter `cursor`, to go back; null at the beginning."),
	FLAG("has_next", "Whether there is a page behind this one."),
	FLAG("has_prev", "Whether there is a page before this one."),
	{ .name = "similar",
	  .type = FIELD_BOOL,
	  .flags = MEMBER_OPTIONAL,
	  .doc = "True: nothing has the words of `q`, and these are what has similar ones in its title.",
	  .example = "true" },
};
static const struct member meta_members[] = {
	{ "progress", "Progress", MEMBER_OPTIONAL,
	  "How much is done of an issue's parts, in the list of these." },
};
static const struct representation meta = {
	.name = "ListMeta",
	.doc = "Where in a list this page is.",
	FIELDS_OF(meta_fields),
	MEMBERS_OF(meta_members),
};

static const struct representation page = {
	.name = "Page",
	.doc = "A page for people.",
	.media = "text/html; charset=utf-8",
	.tagged = true,
};
static const struct representation asset = {
	.name = "Asset",
	.doc = "A script or a style sheet of a page.",
	.media = "text/javascript, text/css, image/svg+xml",
	.tagged = true,
};
static const struct representation metrics = {
	.name = "Metrics",
	.doc = "Counters, gauges and histograms.",
	.media = "text/plain, application/openmetrics-text",
};
static const struct representation document = {
	.name = "Document",
	.doc = "An OpenAPI document.",
	.media = "application/json",
	.tagged = true,
};

const struct representation *const representations[] = {
	&issue,
	&issue_label,
	&issue_counts,
	&project,
	&representation_user,
	&representation_tokens,
	&representation_key_set,
	&representation_key,
	&representation_session,
	&representation_token,
	&representation_token_created,
	&representation_member,
	&representation_security_event,
	&representation_issue_export,
	&representation_comment,
	&representation_watcher,
	&representation_notification,
	&representation_unread_count,
	&representation_notifications_marked,
	&representation_notification_settings,
	&representation_timeline_event,
	&representation_timeline_comment,
	&representation_timeline_attachment,
	&representation_label,
	&representation_progress,
	&representation_milestone,
	&representation_link,
	&representation_linked_issue,
	&representation_filter,
	&representation_mention,
	&representation_bulk_result,
	&representation_bulk_error,
	&representation_issue_labels,
	&representation_attachment,
	&representation_file,
	&representation_top_assignees,
	&representation_assignee_counts,
	&representation_issue_figures,
	&representation_latency,
	&representation_latency_figures,
	&representation_velocity,
	&representation_velocity_step,
	&representation_summary,
	&representation_status_counts,
	&representation_priority_counts,
	&representation_type_counts,
	&representation_age_counts,
	&representation_burndown,
	&representation_burndown_day,
	&representation_job,
	&representation_job_started,
	&representation_import_error,
	&representation_import_report,
	&representation_job_errors,
	&status,
	&problem,
	&field_error,
	&meta,
	&page,
	&asset,
	&document,
	&metrics,
	NULL,
};

const struct representation *representation_find(struct str name)
{
	for (const struct representation *const *r = representations; *r; r++) {
		if (str_eq_z(name, (*r)->name))
			return *r;
	}
	return NULL;
}

const struct representation *representation_item(struct str name)
{
	static const struct str suffix = STR_INIT("List");

	if (name.n <= suffix.n || !str_eq((struct str){ name.p + name.n - suffix.n, suffix.n }, suffix))
		return NULL;
	return representation_find((struct str){ name.p, name.n - suffix.n });
}
