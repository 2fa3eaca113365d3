/* Jobs: how far something is that takes long, and its end before its time. */
#include "api/answer.h"
#include "api/resource.h"

struct job_frame {
	struct co co;
	struct uuid id;
	struct db_reply *reply;
};
const size_t job_read_frame_size = sizeof(struct job_frame);
const size_t job_cancel_frame_size = sizeof(struct job_frame);

static bool read_id(struct exchange *x, struct uuid *id)
{
	if (uuid_parse(x->params[0], id))
		return true;
	exchange_fail(x, ERR_NOT_FOUND);
	return false;
}

#define READ(f, x)                                                                                           \
	co_db(f, x, (f)->reply, job_by_id, .viewer = caller_of(x)->id, .role = caller_role(caller_of(x)),    \
	      .base = x->service->front->base_path, .id = (f)->id)

enum co_state job_read(struct exchange *x, void *frame)
{
	struct job_frame *f = frame;
	const struct read_query *query = x->query;

	co_begin(f);
	if (!read_id(x, &f->id))
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

enum co_state job_cancel(struct exchange *x, void *frame)
{
	struct job_frame *f = frame;

	co_begin(f);
	if (!read_id(x, &f->id))
		return CO_FAILED;
	co_db(f, x, f->reply, job_cancel, .viewer = caller_of(x)->id, .role = caller_role(caller_of(x)),
	      .id = f->id);
	if (str_eq_z(handler_outcome(f->reply), "finished"))
		co_fail(exchange_fail(x, ERR_JOB_FINISHED));
	if (!str_eq_z(handler_outcome(f->reply), "ok"))
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	co_db(f, x, f->reply, job_stop, .id = f->id);
	x->response.status = 204;
	co_end();
}
