/* Representations: what is taken out and brought in by the thousand. */
#include "representation_fields.h"

const struct representation representation_issue_export = {
	.name = "IssueExport",
	.doc = "Issues, as rows of CSV (RFC 4180) or as lines of JSON, each an Issue.",
	.media = "text/csv, application/x-ndjson",
};
