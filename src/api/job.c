/* Jobs: how far something is that takes long, and its end before its time. */
#include "api/answer.h"
#include "api/list.h"
#include "api/ref.h"
#include "api/resource.h"

struct job_frame {
	struct co co;
	struct uuid id;
	struct db_reply *reply;
};
const size_t job_read_frame_size = sizeof(struct job_frame);
const size_t job_cancel_frame_size = sizeof(struct job_frame);

#define READ(f, x)                                                                                           \
	co_db(f, x, (f)->reply, job_by_id, .viewer = caller_of(x)->id, .role = caller_role(caller_of(x)),    \
	      .base = x->service->front->base_path, .id = (f)->id)

enum co_state job_read(struct exchange *x, void *frame)
{
	struct job_frame *f = frame;
	const struct read_query *query = x->query;

	co_begin(f);
	if (!ref_uuid(x, 0, &f->id))
		return CO_FAILED;
	READ(f, x);
	if (f->reply->row >= 0 && row_bool(f->reply->result[0], 0, 0)) {
		co_db(f, x, f->reply, job_bury, .id = f->id);
		READ(f, x);
	}
	if (f->reply->row < 0)
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	if (!answer_row(x, 200, &statement_job_by_id, f->reply->result[0], 0, &query->fields))
		return CO_FAILED;
	co_end();
}

/* ---- one's own ---- */

#define DEFAULT_SORT "-created_at"

struct job_list_query {
	struct field_set given;
	struct list_query list;
	struct field_values state;
};

static const struct enum_names order_enum = { "job_order", job_list_order_names, JOB_LIST_ORDERS };
static const struct field list_fields[] = {
	LIST_FIELDS(struct job_list_query, order_enum, DEFAULT_SORT),
	{ .name = "state",
	  .type = FIELD_ENUM,
	  .flags = FIELD_REPEATED,
	  .offset = offsetof(struct job_list_query, state),
	  .min = 1,
	  .max = 5,
	  .names = &job_state_enum,
	  .doc = "Those that stand at any of these.",
	  .example = "running" },
};
const struct shape job_list_query_shape = SHAPE(struct job_list_query, "JobListQuery", list_fields,
						"Which of one's own jobs to list, and how.");

static const struct list_kind kind = LIST_KIND(job_list, JOB_LIST, DEFAULT_SORT);

struct list_frame {
	struct co co;
	struct list_run run;
	struct job_list_args args;
	struct db_reply *reply;
};
const size_t job_list_frame_size = sizeof(struct list_frame);

static bool plan(struct exchange *x, struct list_frame *f)
{
	const struct job_list_query *q = x->query;

	f->args.viewer = caller_of(x)->id;
	f->args.base = x->service->front->base_path;
	if (!list_plan(x, &f->run, &kind, &q->list))
		return false;
	f->args.states = (struct db_array){ q->state.v, q->state.n };
	if (q->state.n)
		f->run.choice.options |= OPTION(JOB_LIST_STATE);
	return true;
}

enum co_state job_list(struct exchange *x, void *frame)
{
	struct list_frame *f = frame;

	co_begin(f);
	if (!plan(x, f))
		return CO_FAILED;
	co_db(f, x, f->reply, job_bury_own, .owner = caller_of(x)->id);
	co_call(f, list_answer(x, &f->run, &f->args, &f->args.limit, &f->args.offset));
	co_end();
}

/* ---- its end before its time ---- */

enum co_state job_cancel(struct exchange *x, void *frame)
{
	struct job_frame *f = frame;

	co_begin(f);
	if (!ref_uuid(x, 0, &f->id))
		return CO_FAILED;
	co_db(f, x, f->reply, job_cancel, .viewer = caller_of(x)->id, .role = caller_role(caller_of(x)),
	      .id = f->id);
	if (handler_has_outcome(f->reply, "finished"))
		co_fail(exchange_fail(x, ERR_JOB_FINISHED));
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	/* It cannot be committed any more; ending it now saves time. */
	x->response.status = 204;
	x->settled = true;
	f->reply =
		db_run(api_of(x)->db, &x->arena, &statement_job_stop, &(struct job_stop_args){ .id = f->id });
	co_await(f, x, &f->reply->wait);
	co_end();
}
