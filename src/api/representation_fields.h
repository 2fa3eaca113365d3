/* How the tables of representations are written, and those that have a file of their own. */
#ifndef BUGD_API_REPRESENTATION_FIELDS_H
#define BUGD_API_REPRESENTATION_FIELDS_H

#include "api/representation.h"

#define COUNT(table)      (sizeof(table) / sizeof(*(table)))
#define FIELDS_OF(table)  .fields = (table), .field_count = COUNT(table)
#define MEMBERS_OF(table) .members = (table), .member_count = COUNT(table)
#define EXAMPLE_ID        "019aa3c2-7f10-7c3e-9d55-2b8f6a1e4c07"
#define EXAMPLE_TIME      "2026-11-20T10:10:10.123456Z"
#define ID(field_name, text)                                                                                 \
	{                                                                                                    \
		.name = (field_name), .type = FIELD_UUID, .doc = (text), .example = EXAMPLE_ID               \
	}
#define NULL_ID(field_name, text)                                                                            \
	{                                                                                                    \
		.name = (field_name), .type = FIELD_UUID, .flags = FIELD_NULLABLE, .doc = (text),            \
		.example = EXAMPLE_ID                                                                        \
	}
#define TEXT(field_name, text, value)                                                                        \
	{                                                                                                    \
		.name = (field_name), .type = FIELD_TEXT, .doc = (text), .example = (value)                  \
	}
#define ENUM(field_name, enumeration, text, value)                                                           \
	{                                                                                                    \
		.name = (field_name), .type = FIELD_ENUM, .names = (enumeration), .doc = (text),             \
		.example = (value)                                                                           \
	}
#define COUNTER(field_name, text, value)                                                                     \
	{                                                                                                    \
		.name = (field_name), .type = FIELD_INT, .min = 0, .max = -1, .doc = (text),                 \
		.example = (value)                                                                           \
	}
#define FLAG(field_name, text)                                                                               \
	{                                                                                                    \
		.name = (field_name), .type = FIELD_BOOL, .doc = (text), .example = "true"                   \
	}
#define TIME(field_name, text)                                                                               \
	{                                                                                                    \
		.name = (field_name), .type = FIELD_TIMESTAMP, .doc = (text), .example = EXAMPLE_TIME        \
	}
#define NULL_TIME(field_name, text)                                                                          \
	{                                                                                                    \
		.name = (field_name), .type = FIELD_TIMESTAMP, .flags = FIELD_NULLABLE, .doc = (text),       \
		.example = EXAMPLE_TIME                                                                      \
	}

#define VERSION                                                                                              \
	{                                                                                                    \
		.name = "version", .type = FIELD_INT, .min = 1, .max = -1,                                   \
		.doc = "Starts at 1 and grows by 1 with every change.", .example = "1"                       \
	}
#define CREATED_AT TIME("created_at", "When it was made.")
#define UPDATED_AT TIME("updated_at", "When it was changed last.")

extern const struct representation representation_assignee_counts, representation_issue_figures,
	representation_top_assignees, representation_latency_figures, representation_latency,
	representation_velocity_step, representation_velocity, representation_status_counts,
	representation_priority_counts, representation_type_counts, representation_age_counts,
	representation_summary, representation_burndown_day, representation_burndown;
extern const struct representation representation_issue_export, representation_job,
	representation_job_started, representation_import_error, representation_import_report,
	representation_job_errors;
extern const struct representation representation_user, representation_tokens, representation_key_set,
	representation_key, representation_session, representation_token, representation_token_created,
	representation_member, representation_security_event, representation_bulk_result,
	representation_bulk_error, representation_issue_labels, representation_comment,
	representation_mention, representation_label, representation_attachment, representation_file,
	representation_progress, representation_milestone, representation_timeline_event,
	representation_timeline_comment, representation_timeline_attachment;
extern const struct representation representation_watcher, representation_notification,
	representation_unread_count, representation_notifications_marked,
	representation_notification_settings;
extern const struct representation representation_link, representation_linked_issue, representation_filter;

#endif
