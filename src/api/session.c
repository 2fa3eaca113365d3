/* One's own sessions. */
#include "api/answer.h"
#include "api/caller_cache.h"
#include "api/doer.h"
#include "api/list.h"
#include "api/ref.h"
#include "api/resource.h"

#define DEFAULT_SORT "-created_at"

struct session_list_query {
	struct field_set given;
	struct list_query list;
};

static const struct enum_names order_enum = { "session_order", session_list_order_names,
					      SESSION_LIST_ORDERS };
static const struct field list_fields[] = { LIST_FIELDS(struct session_list_query, order_enum,
							DEFAULT_SORT) };
const struct shape session_list_query_shape =
	SHAPE(struct session_list_query, "SessionListQuery", list_fields, "How to list sessions.");

static const struct list_kind kind = LIST_KIND(session_list, SESSION_LIST, DEFAULT_SORT);

struct list_frame {
	struct co co;
	struct list_run run;
	struct session_list_args args;
};
const size_t session_list_frame_size = sizeof(struct list_frame);

static bool plan(struct exchange *x, struct list_frame *f, const struct session_list_query *q)
{
	f->args.viewer = caller_of(x)->id;
	f->args.current = caller_of(x)->session;
	return list_plan(x, &f->run, &kind, &q->list);
}

enum co_state session_list(struct exchange *x, void *frame)
{
	struct list_frame *f = frame;

	co_begin(f);
	if (!plan(x, f, x->query))
		return CO_FAILED;
	co_call(f, list_answer(x, &f->run, &f->args, &f->args.limit, &f->args.offset));
	co_end();
}

struct end_frame {
	struct co co;
	struct uuid id;
	struct db_reply *reply;
};
const size_t session_end_frame_size = sizeof(struct end_frame);
const size_t session_end_others_frame_size = sizeof(struct end_frame);

enum co_state session_end(struct exchange *x, void *frame)
{
	struct end_frame *f = frame;

	co_begin(f);
	if (!ref_uuid(x, 0, &f->id))
		return CO_FAILED;
	co_db(f, x, f->reply, session_end, .by = doer_of(x), .id = f->id, .event = STR("session_ended"));
	caller_cache_forget(api_of(x)->callers, &f->id);
	if (PQntuples(f->reply->result[0]) == 0)
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	x->response.status = 204;
	co_end();
}

enum co_state session_end_others(struct exchange *x, void *frame)
{
	struct end_frame *f = frame;

	co_begin(f);
	co_db(f, x, f->reply, session_end_others, .by = doer_of(x));
	caller_cache_forget(api_of(x)->callers, &caller_of(x)->id);
	x->response.status = 204;
	co_end();
}
