/* The history of issues. */
#include "api/resource_timeline.h"
#include "representation_fields.h"

static const struct field event_fields[] = {
	ID("id", "Its id (UUIDv7)."),
	ENUM("type", &issue_event_type_enum, "What was done.", "status_changed"),
	ID("actor_id", "Who did it."),
	TEXT("actor_name", "The name of this person now.", "A new user"),
	TIME("at", "When."),
	COUNTER("version", "The version of the issue after it.", "2"),
};
static const struct member event_members[] = {
	{ "changes", NULL, 0,
	  "For each field that was changed an object with `from` and `to`. The changes of all events, one after the other, "
	  "are the issue." },
	{ "comment", "TimelineComment", FIELD_NULLABLE,
	  "What was said, when it is a comment that is still there." },
	{ "attachment", "TimelineAttachment", FIELD_NULLABLE,
	  "The file, when one was attached that is still there." },
};
const struct representation representation_timeline_event = {
	.name = "TimelineEvent",
	.doc = "Something that was done to an issue.",
	FIELDS_OF(event_fields),
	MEMBERS_OF(event_members),
};

static const struct field comment_fields[] = {
	ID("id", "The comment's id."),
	NULL_ID("parent_id", "The comment that it replies to; null: none."),
	TEXT("content", "What was said, as Markdown; empty when it is deleted.", "I can reproduce this."),
	FLAG("deleted", "Whether it was deleted, and is there only for the replies to it."),
	VERSION,
};
const struct representation representation_timeline_comment = {
	.name = "TimelineComment",
	.doc = "A comment as it is shown with the event of its making.",
	FIELDS_OF(comment_fields),
};

static const struct field attachment_fields[] = {
	ID("id", "The attachment's id."),
	TEXT("filename", "The file's name.", "screenshot.png"),
	TEXT("content_type", "What it is, by its content.", "image/png"),
	COUNTER("size", "Bytes.", "48213"),
};
const struct representation representation_timeline_attachment = {
	.name = "TimelineAttachment",
	.doc = "A file as it is shown with the event of its upload.",
	FIELDS_OF(attachment_fields),
};
