#include "api/issue_include.h"

#include "db/row.h"

struct part {
	void (*add)(struct exchange *x, const struct ref *ref,
		    struct op *op); /* NULL: there is nothing to ask */
	void (*write)(const PGresult *r, const struct db_rows *rows, struct json *j);
};

#define ADD(statement_name)                                                                                  \
	static void add_##statement_name(struct exchange *x, const struct ref *ref, struct op *op)           \
	{                                                                                                    \
		db_add(op, &statement_##statement_name,                                                      \
		       &(struct statement_name##_args){                                                      \
			       .caller = access_of(x), .id = REF_ID(ref), .key = REF_KEY(ref) });            \
	}

ADD(issue_comments)
ADD(issue_attachments)
ADD(issue_allowed)
ADD(issue_parent)
ADD(issue_watchers)

static void write_objects(const PGresult *r, const struct db_rows *rows, struct json *j)
{
	const struct row_shape *shape = row_shape(rows->statement, r);

	json_array_begin(j);
	for (int i = 0; i < rows->count; i++)
		row_write(j, shape, r, rows->first + i, UINT64_MAX);
	json_array_end(j);
}

static void write_texts(const PGresult *r, const struct db_rows *rows, struct json *j)
{
	json_array_begin(j);
	for (int i = 0; i < rows->count; i++)
		json_str(j, row_text(r, rows->first + i, 0));
	json_array_end(j);
}

static void write_progress(const PGresult *r, const struct db_rows *rows, struct json *j)
{
	json_raw(j, rows->count ? row_text(r, rows->first, 1) : STR_NONE);
}

static const struct part parts[ISSUE_PARTS] = {
	[ISSUE_COMMENTS] = { add_issue_comments, write_objects },
	[ISSUE_ATTACHMENTS] = { add_issue_attachments, write_objects },
	[ISSUE_ALLOWED_STATUSES] = { add_issue_allowed, write_texts },
	[ISSUE_CHILDREN] = { add_issue_parent, write_progress },
	[ISSUE_WATCHERS] = { add_issue_watchers, write_objects },
};

static const char *const part_names[ISSUE_PARTS] = {
	[ISSUE_COMMENTS] = "comments",
	[ISSUE_ATTACHMENTS] = "attachments",
	[ISSUE_ALLOWED_STATUSES] = "allowed_statuses",
	[ISSUE_CHILDREN] = "children",
	[ISSUE_WATCHERS] = "watchers",
	[ISSUE_LABELS] = "labels",
};
const struct enum_names issue_part_enum = { "issue_include", part_names, ISSUE_PARTS };

static bool is_named(const struct field_values *names, const char *part)
{
	const struct str *v = names->v;

	for (size_t i = 0; i < names->n; i++) {
		if (str_eq_z(v[i], part))
			return true;
	}
	return false;
}

void issue_include_add(struct exchange *x, const struct ref *ref, const struct field_values *names,
		       struct issue_include *in, struct op *op)
{
	for (int i = 0; i < ISSUE_PARTS; i++) {
		if (!parts[i].add || !is_named(names, part_names[i]))
			continue;
		parts[i].add(x, ref, op);
		in->part[in->count++] = (enum issue_part)i;
	}
}

void issue_include_write(const struct issue_include *in, const struct db_reply *reply, struct json *j)
{
	for (int i = 0; i < in->count; i++) {
		json_key(j, str_of(part_names[in->part[i]]));
		parts[in->part[i]].write(reply->result[i], &reply->rows[i], j);
	}
}
