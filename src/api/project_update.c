/* Projects: PATCH, PUT and DELETE. */
#include "api/answer.h"
#include "api/precondition.h"
#include "api/problem.h"
#include "api/project_shape.h"
#include "api/ref.h"

/* Reads the project as it is now; a coroutine of its own, for several outcomes. */
struct current {
	struct co co;
	struct db_reply *reply;
};

struct update_frame {
	struct co co;
	struct ref ref;
	struct precondition precondition;
	struct project_update_args args;
	struct db_reply *reply;
	struct current current;
};
const size_t project_patch_frame_size = sizeof(struct update_frame);
const size_t project_put_frame_size = sizeof(struct update_frame);
const size_t project_delete_frame_size = sizeof(struct update_frame);

static bool plan(struct exchange *x, struct update_frame *f)
{
	const struct project_input *in = x->body;

	if (!ref_project(x, &f->ref))
		return false;
	if (!precondition_read(x, field_given(&in->given, PROJECT_VERSION), in->version, true,
			       &f->precondition))
		return false;
	f->args = (struct project_update_args){
		.caller = access_of(x),
		.id = REF_ID(&f->ref),
		.key = REF_KEY(&f->ref),
		.any_version = f->precondition.any,
		.versions = f->precondition.versions,
		.name = in->name,
		.description = field_null(&in->given, PROJECT_DESCRIPTION) ? STR("") : in->description,
		.status = in->status,
		.visibility = in->visibility,
		.owner_id = GIVEN(in, PROJECT_OWNER, owner_id),
	};
	return true;
}

/* The fields that differ are not named: projects have no history. */
static void conflict(struct exchange *x, const struct update_frame *f)
{
	const PGresult *r = f->current.reply->result[0];
	struct buf b = { 0 };
	struct json j = json_writer(&b);

	row_write(&j, row_shape(&statement_project_by_ref, r), r, 0, UINT64_MAX);
	exchange_fail(x, precondition_error(&f->precondition));
	problem_member(x, "current", arena_str(&x->arena, buf_str(&b)));
	buf_free(&b);
}

static enum co_state read_current(struct exchange *x, const struct ref *ref, struct current *f)
{
	co_begin(f);
	co_db(f, x, f->reply, project_by_ref, .caller = access_of(x), .id = REF_ID(ref), .key = REF_KEY(ref));
	if (PQntuples(f->reply->result[0]) == 0)
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	co_end();
}

static bool has_outcome(const struct db_reply *reply, const char *outcome)
{
	return !reply->err && str_eq_z(handler_outcome(reply), outcome);
}

static enum co_state update(struct exchange *x, struct update_frame *f)
{
	co_begin(f);
	f->reply = db_run(api_of(x)->db, &x->arena, &statement_project_update, &f->args);
	co_await(f, x, &f->reply->wait);
	if (has_outcome(f->reply, "version_conflict")) {
		co_call(f, read_current(x, &f->ref, &f->current));
		co_fail(conflict(x, f));
	}
	if (has_outcome(f->reply, "unchanged")) {
		/* Nothing differs, so there is no new version; the answer is what is there. */
		co_call(f, read_current(x, &f->ref, &f->current));
		return answer_row(x, 200, &statement_project_by_ref, f->current.reply->result[0], 0, NULL)
			       ? CO_DONE
			       : CO_FAILED;
	}
	if (!has_outcome(f->reply, "ok"))
		co_fail(project_refused(x, f->reply));
	if (!answer_row(x, 200, &statement_project_update, f->reply->result[0], 0, NULL))
		return CO_FAILED;
	co_end();
}

enum co_state project_patch(struct exchange *x, void *frame)
{
	struct update_frame *f = frame;

	if (f->co.line == 0 && !plan(x, f))
		return CO_FAILED;
	return update(x, f);
}

enum co_state project_put(struct exchange *x, void *frame)
{
	struct update_frame *f = frame;

	if (f->co.line == 0) {
		if (!plan(x, f))
			return CO_FAILED;
		if (!f->args.description.p)
			f->args.description = STR("");
		if (!f->args.status.p)
			f->args.status = STR("planning");
		if (!f->args.visibility.p)
			f->args.visibility = STR("public");
	}
	return update(x, f);
}

enum co_state project_delete(struct exchange *x, void *frame)
{
	struct update_frame *f = frame;

	co_begin(f);
	if (!ref_project(x, &f->ref) || !precondition_read(x, false, 0, false, &f->precondition))
		return CO_FAILED;
	co_db(f, x, f->reply, project_delete, .caller = access_of(x), .id = REF_ID(&f->ref),
	      .key = REF_KEY(&f->ref), .any_version = f->precondition.any,
	      .versions = f->precondition.versions);
	if (has_outcome(f->reply, "version_conflict")) {
		co_call(f, read_current(x, &f->ref, &f->current));
		co_fail(conflict(x, f));
	}
	if (!has_outcome(f->reply, "ok"))
		co_fail(project_refused(x, f->reply));
	x->response.status = 204;
	co_end();
}
