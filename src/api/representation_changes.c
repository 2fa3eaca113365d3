/* What changes of many issues answer, and the labels of one. */
#include "representation_fields.h"

static const struct field bulk_result_fields[] = {
	COUNTER("success_count", "How many were changed, or would be; those that need no change count.", "3"),
	COUNTER("failure_count", "How many cannot be changed.", "0"),
	TEXT("message", "The same for people.", "3 of 3 issues were changed."),
};
static const struct member bulk_result_members[] = {
	{ "errors", "BulkError", FIELD_REPEATED, "Why, for each that cannot, in the order of the request." },
};
const struct representation representation_bulk_result = {
	.name = "BulkResult",
	.doc = "What a change of many issues has done.",
	FIELDS_OF(bulk_result_fields),
	MEMBERS_OF(bulk_result_members),
};

static const struct field bulk_error_fields[] = {
	ID("issue_id", "The issue's id."),
	TEXT("code", "Why it cannot be changed, for programs.", "invalid_transition"),
	TEXT("error", "The same for people.", "The workflow does not allow this change of status."),
};
const struct representation representation_bulk_error = {
	.name = "BulkError",
	.doc = "An issue that cannot be changed.",
	FIELDS_OF(bulk_error_fields),
};

static const struct member issue_labels_members[] = {
	{ "items", "IssueLabel", FIELD_REPEATED, "The labels, by name." },
};
const struct representation representation_issue_labels = {
	.name = "IssueLabels",
	.doc = "The labels of an issue.",
	MEMBERS_OF(issue_labels_members),
};
