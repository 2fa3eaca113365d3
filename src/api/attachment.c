/* Attachments: their rows. Their content is in attachment_upload.c and attachment_content.c. */
#include "api/attachment.h"

#include "api/answer.h"
#include "api/list.h"
#include "api/place.h"
#include "api/ref.h"
#include "api/resource.h"

/* ---- list ---- */

#define DEFAULT_SORT "-created_at"

struct attachment_list_query {
	struct field_set given;
	struct list_query list;
};

static const struct enum_names order_enum = { "attachment_order", attachment_list_order_names,
					      ATTACHMENT_LIST_ORDERS };

static const struct field list_fields[] = { LIST_FIELDS(struct attachment_list_query, order_enum,
							DEFAULT_SORT) };

const struct shape attachment_list_query_shape = SHAPE(struct attachment_list_query, "AttachmentListQuery",
						       list_fields, "How to list the attachments.");

static const struct list_kind kind = LIST_KIND(attachment_list, ATTACHMENT_LIST, DEFAULT_SORT);

struct list_frame {
	struct co co;
	struct place place;
	struct list_run run;
	struct attachment_list_args args;
};
const size_t attachment_list_frame_size = sizeof(struct list_frame);

enum co_state attachment_list(struct exchange *x, void *frame)
{
	struct list_frame *f = frame;
	const struct attachment_list_query *q = x->query;

	co_begin(f);
	co_call(f, place_issue(x, &f->place));
	f->args.caller = access_of(x);
	f->args.issue_id = f->place.id;
	if (!list_plan(x, &f->run, &kind, &q->list))
		return CO_FAILED;
	co_call(f, list_answer(x, &f->run, &f->args, &f->args.limit, &f->args.offset));
	co_end();
}

/* ---- one ---- */

struct one_frame {
	struct co co;
	struct uuid id;
	struct db_reply *reply;
};
const size_t attachment_read_frame_size = sizeof(struct one_frame);
const size_t attachment_delete_frame_size = sizeof(struct one_frame);

enum co_state attachment_read(struct exchange *x, void *frame)
{
	struct one_frame *f = frame;
	const struct read_query *query = x->query;

	co_begin(f);
	if (!ref_uuid(x, 0, &f->id))
		return CO_FAILED;
	co_db(f, x, f->reply, attachment_by_id, .caller = access_of(x), .id = f->id);
	if (PQntuples(f->reply->result[0]) == 0)
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	if (!answer_row(x, 200, &statement_attachment_by_id, f->reply->result[0], 0, &query->fields))
		return CO_FAILED;
	co_end();
}

/* The row goes first: a file without one is garbage, a row without a file would be a loss. */
enum co_state attachment_delete(struct exchange *x, void *frame)
{
	struct one_frame *f = frame;

	co_begin(f);
	if (!ref_uuid(x, 0, &f->id))
		return CO_FAILED;
	co_db(f, x, f->reply, attachment_delete, .caller = access_of(x), .id = f->id, .event_id = uuid_v7());
	if (handler_has_outcome(f->reply, "forbidden"))
		co_fail(exchange_fail(x, ERR_FORBIDDEN));
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	store_remove(api_of(x)->store, &f->id);
	x->response.status = 204;
	co_end();
}
