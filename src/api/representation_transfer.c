/* Representations: what is taken out and brought in by the thousand. */
#include "api/resource.h"
#include "representation_fields.h"

const struct representation representation_issue_export = {
	.name = "IssueExport",
	.doc = "Issues, as rows of CSV (RFC 4180) or as lines of JSON, each an Issue.",
	.media = "text/csv, application/x-ndjson",
};

static const char *const kind_names[] = { "import" };
static const char *const state_names[] = { "queued", "running", "succeeded", "failed", "cancelled" };
static const struct enum_names kind_enum = { "job_kind", kind_names, 1 };
const struct enum_names job_state_enum = { "job_state", state_names, 5 };

#define COUNTERS                                                                                             \
	COUNTER("created_count", "Rows that became issues.", "98"),                                          \
		COUNTER("failed_count", "Rows that are not valid.", "2"),                                    \
		COUNTER("skipped_count", "Rows whose `external_id` the project had already.", "0")

static const struct field job_fields[] = {
	ID("id", "Its id (UUIDv7)."),
	ENUM("kind", &kind_enum, "What it does.", "import"),
	ENUM("state", &job_state_enum, "Where it stands.", "running"),
	COUNTER("progress", "How much is done, per cent.", "40"),
	COUNTER("rows_read", "Rows of the file that were read.", "100"),
	COUNTERS,
	TEXT("errors_url", "Where all errors are listed.", "/api/v1/jobs/" EXAMPLE_ID "/errors"),
	{ .name = "error",
	  .type = FIELD_TEXT,
	  .flags = FIELD_NULLABLE,
	  .doc = "Why it failed.",
	  .example = "Nothing was imported, as 2 of 100 rows are not valid." },
	CREATED_AT,
	NULL_TIME("started_at", "When it began."),
	NULL_TIME("finished_at", "When it ended."),
};
const struct representation representation_job = {
	.name = "Job",
	.doc = "Something that takes long.",
	FIELDS_OF(job_fields),
	.tagged = true,
};

static const struct field started_fields[] = {
	ID("id", "Its id (UUIDv7)."),
	ENUM("state", &job_state_enum, "Where it stands.", "running"),
};
const struct representation representation_job_started = {
	.name = "JobStarted",
	.doc = "A job that has just begun; Location says where it is.",
	FIELDS_OF(started_fields),
};

static const struct field error_fields[] = {
	{ .name = "row_number",
	  .type = FIELD_INT,
	  .min = 2,
	  .max = -1,
	  .doc = "The row; the head is row 1.",
	  .example = "7" },
	TEXT("field", "The column, or `row`.", "due_date"),
	{ .name = "value",
	  .type = FIELD_TEXT,
	  .flags = FIELD_NULLABLE,
	  .doc = "The cell, or how it begins.",
	  .example = "2026-02-30" },
	TEXT("error", "What is wrong with it.", "Must be a date of the calendar, such as 2026-11-20"),
	TEXT("code", "The same, machine-readable.", "invalid_format"),
};
static const struct member error_members[] = { { "raw_data", NULL, 0, "The cells of the row, by column." } };
const struct representation representation_import_error = {
	.name = "ImportError",
	.doc = "Something that is wrong with a row.",
	FIELDS_OF(error_fields),
	MEMBERS_OF(error_members),
};

static const struct field report_fields[] = {
	ID("job_id", "The job that it was."),
	COUNTER("total_rows", "Rows of the file, without its head.", "100"),
	COUNTERS,
	TEXT("message", "The same for people.",
	     "98 of 100 rows became issues; 2 are not valid, 0 were there already."),
};
static const struct member report_members[] = {
	{ "errors", "ImportError", FIELD_REPEATED,
	  "What is wrong with the first rows, 1,000 errors at most." }
};
const struct representation representation_import_report = {
	.name = "ImportReport",
	.doc = "How an import went.",
	FIELDS_OF(report_fields),
	MEMBERS_OF(report_members),
};

const struct representation representation_job_errors = {
	.name = "JobErrors",
	.doc = "All errors: `{\"items\": [ImportError, ...]}`, or the bad rows as CSV with the columns row_number and reason.",
	.media = "application/json, text/csv",
};
