/* Issues: PATCH (JSON Merge Patch, RFC 7396) and PUT. */
#include "api/answer.h"
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

#define BIT(place) (UINT64_C(1) << (place))

/* What the creator of an issue may change in it without being a developer. */
#define OWN_FIELDS                                                                                           \
	(BIT(ISSUE_TITLE) | BIT(ISSUE_DESCRIPTION) | BIT(ISSUE_TYPE) | BIT(ISSUE_STATUS) | BIT(ISSUE_VERSION))

static void patch_args(struct issue_update_args *a, const struct issue_input *in)
{
	a->beyond_own = (in->given.given & ~OWN_FIELDS) != 0;
	a->title = in->title;
	a->description = field_null(&in->given, ISSUE_DESCRIPTION) ? STR("") : in->description;
	a->type = in->type;
	a->status = in->status;
	a->priority = in->priority;
	a->set_assignee = field_given(&in->given, ISSUE_ASSIGNEE);
	a->assignee_id = GIVEN(in, ISSUE_ASSIGNEE, assignee_id);
	a->set_parent = field_given(&in->given, ISSUE_PARENT);
	a->parent_id = GIVEN(in, ISSUE_PARENT, parent_id);
	a->set_due_date = field_given(&in->given, ISSUE_DUE_DATE);
	a->due_date = GIVEN(in, ISSUE_DUE_DATE, due_date);
}

/* A PUT names every field; what is absent gets its standard value, but for the status. */
static void put_args(struct issue_update_args *a, const struct issue_input *in)
{
	patch_args(a, in);
	a->beyond_own = true;
	a->description = in->description.p ? in->description : STR("");
	a->type = in->type.p ? in->type : STR("bug");
	a->priority = in->priority.p ? in->priority : STR("medium");
	a->set_assignee = a->set_parent = a->set_due_date = true;
}

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

static void refused(struct exchange *x, struct str outcome)
{
	if (str_eq_z(outcome, "not_found"))
		exchange_fail(x, ERR_NOT_FOUND);
	else if (str_eq_z(outcome, "forbidden"))
		exchange_fail(x, ERR_FORBIDDEN);
	else if (str_eq_z(outcome, "unknown_assignee"))
		exchange_fail_field(x, "assignee_id", "unknown", "There is no such active user.");
	else if (str_eq_z(outcome, "unknown_parent"))
		exchange_fail_field(x, "parent_id", "unknown", "There is no such issue in this project.");
	else if (str_eq_z(outcome, "parent_cycle"))
		exchange_fail_field(x, "parent_id", "cycle", "An issue cannot be a part of itself.");
	else
		exchange_fail(x, ERR_INTERNAL);
}

static enum co_state update(struct exchange *x, struct update_frame *f)
{
	co_begin(f);
	co_db_args(f, x, f->reply, issue_update, &f->args);
	f->conflict.ref = f->ref;
	f->conflict.precondition = f->precondition;
	if (str_eq_z(handler_outcome(f->reply), "version_conflict"))
		co_call(f, issue_conflict_fail(x, &f->conflict));
	if (str_eq_z(handler_outcome(f->reply), "invalid_transition"))
		co_call(f, issue_transition_fail(x, &f->conflict));
	if (str_eq_z(handler_outcome(f->reply), "unchanged")) {
		/* Nothing differs, so there is no new version; the answer is what is there. */
		co_call(f, issue_fetch(x, &f->ref, &f->fetch));
		if (!answer_row(x, 200, f->fetch.reply->statement, f->fetch.reply->result[0],
				f->fetch.reply->row, NULL))
			return CO_FAILED;
		return CO_DONE;
	}
	if (!str_eq_z(handler_outcome(f->reply), "ok"))
		co_fail(refused(x, handler_outcome(f->reply)));
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
		patch_args(&f->args, x->body);
	}
	return update(x, f);
}

enum co_state issue_put(struct exchange *x, void *frame)
{
	struct update_frame *f = frame;

	if (f->co.line == 0) {
		if (!plan(x, f))
			return CO_FAILED;
		put_args(&f->args, x->body);
	}
	return update(x, f);
}
