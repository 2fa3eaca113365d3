/* Projects: PATCH, PUT and DELETE. */
#include "api/answer.h"
#include "api/current.h"
#include "api/precondition.h"
#include "api/project_shape.h"
#include "api/ref.h"

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
static enum co_state conflict(struct exchange *x, struct update_frame *f)
{
	return current_conflict(
		x, &f->current, &statement_project_by_ref,
		&(struct project_by_ref_args){ access_of(x), REF_ID(&f->ref), REF_KEY(&f->ref) },
		&f->precondition);
}

static enum co_state answer_current(struct exchange *x, struct update_frame *f)
{
	return current_answer(
		x, &f->current, &statement_project_by_ref,
		&(struct project_by_ref_args){ access_of(x), REF_ID(&f->ref), REF_KEY(&f->ref) }, NULL);
}

static enum co_state update(struct exchange *x, struct update_frame *f)
{
	co_begin(f);
	f->reply = db_run(api_of(x)->db, &x->arena, &statement_project_update, &f->args);
	co_await(f, x, &f->reply->wait);
	if (handler_has_outcome(f->reply, "version_conflict"))
		co_call(f, conflict(x, f));
	if (handler_has_outcome(f->reply, "unchanged")) {
		/* Nothing differs, so there is no new version; the answer is what is there. */
		co_call(f, answer_current(x, f));
		return CO_DONE;
	}
	if (!handler_has_outcome(f->reply, "ok"))
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
	if (handler_has_outcome(f->reply, "version_conflict"))
		co_call(f, conflict(x, f));
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(project_refused(x, f->reply));
	x->response.status = 204;
	co_end();
}
