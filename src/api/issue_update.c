/* Issues: PATCH (JSON Merge Patch, RFC 7396) and PUT. */
#include "api/answer.h"
#include "api/issue_change.h"
#include "api/issue_conflict.h"
#include "api/issue_fetch.h"
#include "api/issue_shape.h"
#include "api/precondition.h"
#include "api/ref.h"

struct update_frame {
	struct co co;
	struct ref ref;
	struct precondition precondition;
	struct issue_update_args args;
	struct db_reply *reply;
	struct issue_conflict conflict;
	struct issue_fetch fetch;
};
const size_t issue_patch_frame_size = sizeof(struct update_frame);
const size_t issue_put_frame_size = sizeof(struct update_frame);

static bool plan(struct exchange *x, struct update_frame *f)
{
	const struct issue_input *in = x->body;

	if (!ref_issue(x, &f->ref))
		return false;
	if (!precondition_read(x, field_given(&in->given, ISSUE_VERSION), in->version, true,
			       &f->precondition))
		return false;
	f->args.caller = access_of(x);
	f->args.id = REF_ID(&f->ref);
	f->args.key = REF_KEY(&f->ref);
	f->args.event_id = uuid_v7();
	f->args.any_version = f->precondition.any;
	f->args.versions = f->precondition.versions;
	return true;
}

static enum co_state update(struct exchange *x, struct update_frame *f)
{
	co_begin(f);
	co_db_args(f, x, f->reply, issue_update, &f->args);
	f->conflict.ref = f->ref;
	f->conflict.precondition = f->precondition;
	if (handler_has_outcome(f->reply, "version_conflict"))
		co_call(f, issue_conflict_fail(x, &f->conflict));
	if (handler_has_outcome(f->reply, "invalid_transition"))
		co_call(f, issue_transition_fail(x, &f->conflict));
	if (handler_has_outcome(f->reply, "blocked"))
		co_call(f, issue_blocked_fail(x, &f->conflict));
	if (handler_has_outcome(f->reply, "unchanged")) {
		/* Nothing differs, so there is no new version; the answer is what is there. */
		co_call(f, issue_fetch(x, &f->ref, &f->fetch));
		if (!answer_row(x, 200, f->fetch.reply->rows[0].statement, f->fetch.reply->result[0],
				f->fetch.reply->row, NULL))
			return CO_FAILED;
		return CO_DONE;
	}
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(issue_change_refused(x, handler_outcome(f->reply)));
	if (!answer_row(x, 200, &statement_issue_update, f->reply->result[0], 0, NULL))
		return CO_FAILED;
	co_end();
}

enum co_state issue_patch(struct exchange *x, void *frame)
{
	struct update_frame *f = frame;

	if (f->co.line == 0) {
		if (!plan(x, f))
			return CO_FAILED;
		issue_change_patch(&f->args.set, x->body);
	}
	return update(x, f);
}

enum co_state issue_put(struct exchange *x, void *frame)
{
	struct update_frame *f = frame;

	if (f->co.line == 0) {
		if (!plan(x, f))
			return CO_FAILED;
		issue_change_put(&f->args.set, x->body);
	}
	return update(x, f);
}
