/* Reads an issue: as it is, as it was, and with what belongs to it. */
#include "api/answer.h"
#include "api/issue_fetch.h"
#include "api/issue_include.h"
#include "api/resource_timeline.h"

struct issue_read_query {
	struct field_set given;
	struct field_values fields;
	struct field_values include;
	int64_t as_of;
};

enum { READ_FIELDS, READ_INCLUDE, READ_AS_OF };

static const struct field read_fields[] = {
	[READ_FIELDS] = FIELD_FIELDS(struct issue_read_query),
	[READ_INCLUDE] = { .name = "include",
			   .type = FIELD_ENUM,
			   .flags = FIELD_REPEATED,
			   .names = &issue_part_enum,
			   .offset = offsetof(struct issue_read_query, include),
			   .min = 1,
			   .max = ISSUE_PARTS,
			   .doc = "What to read with it, separated by commas; not with `as_of`.",
			   .example = "comments,attachments" },
	[READ_AS_OF] = { .name = "as_of",
			 .type = FIELD_TIMESTAMP,
			 .offset = offsetof(struct issue_read_query, as_of),
			 .doc = "As it was at this moment, by its history.",
			 .example = "2026-11-20T10:00:00Z" },
};
const struct shape issue_read_query_shape =
	SHAPE(struct issue_read_query, "IssueRead", read_fields, "What to read of an issue.");

struct read_frame {
	struct co co;
	struct ref ref;
	struct issue_fetch fetch;
	struct issue_include include;
	struct db_reply *reply;
};
const size_t issue_read_frame_size = sizeof(struct read_frame);

/*
 * One operation, and the issue itself is looked at last: who may see it then might have seen all that was found before.
 */
static struct db_reply *submit(struct exchange *x, struct read_frame *f, const struct issue_read_query *q)
{
	struct op *op = db_begin(api_of(x)->db, DB_READ);

	issue_include_add(x, &f->ref, &q->include, &f->include, op);
	issue_fetch_add(x, &f->ref, op);
	return read_submit(x, op);
}

static bool answer(struct exchange *x, const struct read_frame *f, const struct issue_read_query *q)
{
	const struct db_rows *rows = &f->reply->rows[f->include.count];
	const PGresult *r = f->reply->result[f->include.count];
	const struct row_shape *shape = row_shape(rows->statement, r);
	uint64_t mask;
	struct json j;

	if (rows->first < 0) {
		exchange_fail(x, ERR_NOT_FOUND);
		return false;
	}
	if (!answer_mask(x, shape, &q->fields, &mask))
		return false;
	j = response_json(&x->response, 200);
	json_object_begin(&j);
	row_write_fields(&j, shape, r, rows->first, mask);
	issue_include_write(&f->include, f->reply, &j);
	json_object_end(&j);
	answer_conditional(x, row_int(r, rows->first, shape->version_column), false);
	return true;
}

static enum co_state read_then(struct exchange *x, struct read_frame *f, const struct issue_read_query *q)
{
	const struct db_reply *reply;

	if (q->include.n) {
		exchange_fail_field(x, "include", "conflict", "What belonged to it then is in its timeline.");
		return CO_FAILED;
	}
	co_begin(f);
	co_call(f, issue_fetch_as_of(x, &f->ref, q->as_of, &f->fetch));
	reply = f->fetch.reply;
	if (!answer_row(x, 200, reply->rows[0].statement, reply->result[0], reply->row, &q->fields))
		return CO_FAILED;
	co_end();
}

enum co_state issue_read(struct exchange *x, void *frame)
{
	struct read_frame *f = frame;
	const struct issue_read_query *q = x->query;

	if (!f->co.line && !ref_issue(x, &f->ref))
		return CO_FAILED;
	if (field_given(&q->given, READ_AS_OF))
		return read_then(x, f, q);
	co_begin(f);
	f->reply = submit(x, f, q);
	co_await(f, x, &f->reply->wait);
	if (f->reply->err)
		co_fail(handler_db_failed(x, f->reply));
	if (!answer(x, f, q))
		return CO_FAILED;
	co_end();
}
