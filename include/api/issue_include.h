/* What is read together with an issue, as `include` names it: a part each, by a statement of its own. */
#ifndef BUGD_API_ISSUE_INCLUDE_H
#define BUGD_API_ISSUE_INCLUDE_H

#include "api/ref.h"
#include "json/write.h"

enum issue_part {
	ISSUE_COMMENTS,
	ISSUE_ATTACHMENTS,
	ISSUE_ALLOWED_STATUSES,
	ISSUE_CHILDREN,
	ISSUE_WATCHERS,
	ISSUE_LABELS, /* an issue has them anyway */
	ISSUE_PARTS
};

/* The parts by their names in `include`. */
extern const struct enum_names issue_part_enum;

/* The parts that were asked for, in the order of their statements in the operation. */
struct issue_include {
	enum issue_part part[ISSUE_PARTS];
	int count;
};

/* Adds a statement for each part that is named; those of an issue that the caller may not see find nothing. */
void issue_include_add(struct exchange *x, const struct ref *ref, const struct field_values *names,
		       struct issue_include *in, struct op *op);

/* Writes each as a member of the object that was begun. The parts' results are the reply's first. */
void issue_include_write(const struct issue_include *in, const struct db_reply *reply, struct json *j);

#endif
