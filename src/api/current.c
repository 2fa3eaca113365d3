#include "api/current.h"

#include "api/answer.h"
#include "api/problem.h"

static void fail_stale(struct exchange *x, const struct statement *st, const struct db_reply *reply,
		       const struct precondition *precondition)
{
	const PGresult *r = reply->result[0];
	struct buf b = { 0 };
	struct json j = json_writer(&b);

	row_write(&j, row_shape(st, r), r, reply->row, UINT64_MAX);
	precondition_fail(x, precondition);
	problem_member(x, "current", arena_str(&x->arena, buf_str(&b)));
	buf_free(&b);
}

static enum co_state find(struct exchange *x, struct current *f, const struct statement *st, const void *args)
{
	co_begin(f);
	f->reply = read_run(x, st, args);
	co_await(f, x, &f->reply->wait);
	if (f->reply->err)
		co_fail(handler_db_failed(x, f->reply));
	if (f->reply->row < 0)
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	co_end();
}

enum co_state current_answer(struct exchange *x, struct current *f, const struct statement *st,
			     const void *args, const struct field_values *fields)
{
	enum co_state state = find(x, f, st, args);

	if (state != CO_DONE)
		return state;
	return answer_row(x, 200, st, f->reply->result[0], f->reply->row, fields) ? CO_DONE : CO_FAILED;
}

enum co_state current_conflict(struct exchange *x, struct current *f, const struct statement *st,
			       const void *args, const struct precondition *precondition)
{
	enum co_state state = find(x, f, st, args);

	if (state != CO_DONE)
		return state;
	fail_stale(x, st, f->reply, precondition);
	return CO_FAILED;
}
