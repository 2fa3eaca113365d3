/* Watchers, and what people are told. */
#include "api/resource_timeline.h"
#include "api/resource_watching.h"
#include "representation_fields.h"

static const struct field watcher_fields[] = {
	ID("user_id", "The person's id."),
	TEXT("name", "The person's name.", "A new user"),
	TEXT("handle", "What mentions the person behind an @.", "a.new.user"),
	ENUM("reason", &watcher_reason_enum,
	     "Why, the first that holds: made it, works on it, said something, was mentioned, or wants to.",
	     "creator"),
};
const struct representation representation_watcher = {
	.name = "Watcher",
	.doc = "Who watches an issue, and is told what happens to it.",
	FIELDS_OF(watcher_fields),
};

static const struct field notification_fields[] = {
	ID("id", "Its id (UUIDv7), among the caller's."),
	ENUM("reason", &notification_reason_enum, "Why one is told: the strongest reason there is.",
	     "mentioned"),
	ENUM("type", &issue_event_type_enum, "What was done.", "commented"),
	ID("issue_id", "The issue that it is about."),
	TEXT("issue_key", "The issue's key.", "WEB-12"),
	TEXT("issue_title", "The issue's title now.", "Login fails with a long password"),
	ID("project_id", "The issue's project."),
	ID("event_id", "The event in the issue's timeline."),
	ID("actor_id", "Who did it."),
	TEXT("actor_name", "The name of this person now.", "A new user"),
	NULL_ID("comment_id", "The comment, when it is about one."),
	CREATED_AT,
	NULL_TIME("read_at", "When it was marked as read; null when it was not."),
};
const struct representation representation_notification = {
	.name = "Notification",
	.doc = "Something that a person was told.",
	FIELDS_OF(notification_fields),
};

static const struct field unread_fields[] = {
	COUNTER("unread", "How many are not read.", "3"),
	FLAG("unread_exact", "Whether these are all of them; otherwise there are more."),
};
const struct representation representation_unread_count = {
	.name = "UnreadCount",
	.doc = "How many notifications one has not read.",
	FIELDS_OF(unread_fields),
};

static const struct field marked_fields[] = {
	COUNTER("marked", "How many were marked that had not been.", "3"),
	FLAG("more", "Whether there may be more, which the same request marks when it is made again."),
};
const struct representation representation_notifications_marked = {
	.name = "NotificationsMarked",
	.doc = "How many notifications were marked.",
	FIELDS_OF(marked_fields),
};

static const struct field settings_fields[] = {
	FLAG("mentioned", "Whether one is told when a comment mentions one."),
	FLAG("assigned", "Whether one is told when an issue is assigned to one, or no more."),
	FLAG("status_changed", "Whether one is told of the status of issues that one watches."),
	FLAG("commented", "Whether one is told of comments on issues that one watches."),
	FLAG("attached", "Whether one is told of files of issues that one watches."),
};
const struct representation representation_notification_settings = {
	.name = "NotificationSettings",
	.doc = "What a person is told.",
	FIELDS_OF(settings_fields),
};
