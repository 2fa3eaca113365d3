/* Issues: create, delete, restore. */
#include "api/answer.h"
#include "api/issue_conflict.h"
#include "api/issue_shape.h"
#include "api/precondition.h"
#include "api/ref.h"

/* ---- create ---- */

struct create_frame {
	struct co co;
	struct ref project;
	struct uuid id;
	struct db_reply *reply;
};
const size_t issue_create_frame_size = sizeof(struct create_frame);

static struct str or_else(struct str given, const char *standard)
{
	return given.p ? given : str_of(standard);
}

/* Why the statement made nothing. */
static void create_refused(struct exchange *x, struct str outcome)
{
	if (str_eq_z(outcome, "unknown_project"))
		exchange_fail_field(x, "project_id", "unknown", "There is no such project.");
	else if (str_eq_z(outcome, "unknown_creator"))
		exchange_fail_field(x, "creator_id", "unknown", "There is no such active user.");
	else if (str_eq_z(outcome, "unknown_assignee"))
		exchange_fail_field(x, "assignee_id", "unknown", "There is no such active user.");
	else if (str_eq_z(outcome, "unknown_parent"))
		exchange_fail_field(x, "parent_id", "unknown", "There is no such issue in this project.");
	else if (str_eq_z(outcome, "unknown_milestone"))
		exchange_fail_field(x, "milestone_id", "unknown",
				    "There is no such milestone in this project.");
	else if (str_eq_z(outcome, "unknown_label"))
		exchange_fail_field(x, "label_ids", "unknown", "One of these is no label of this project.");
	else if (str_eq_z(outcome, "project_closed"))
		exchange_fail(x, ERR_PROJECT_CLOSED);
	else if (str_eq_z(outcome, "forbidden"))
		exchange_fail_detail(
			x, ERR_FORBIDDEN,
			"A reporter names no assignee, milestone or labels, and nobody but a manager another "
			"creator.");
	else
		exchange_fail(x, ERR_INTERNAL);
}

enum co_state issue_create(struct exchange *x, void *frame)
{
	struct create_frame *f = frame;
	const struct issue_input *in = x->body;

	co_begin(f);
	if (!ref_parse_project(in->project_id, &f->project))
		co_fail(create_refused(x, STR("unknown_project")));
	f->id = uuid_v7();
	co_change(f, x, f->reply, issue_create, .caller = access_of(x), .id = f->id, .event_id = uuid_v7(),
		  .project_id = REF_ID(&f->project), .project_key = REF_KEY(&f->project), .title = in->title,
		  .description = or_else(in->description, ""), .type = or_else(in->type, "bug"),
		  .priority = or_else(in->priority, "medium"),
		  .creator_id = GIVEN(in, ISSUE_CREATE_CREATOR, creator_id),
		  .assignee_id = GIVEN(in, ISSUE_CREATE_ASSIGNEE, assignee_id),
		  .parent_id = GIVEN(in, ISSUE_CREATE_PARENT, parent_id),
		  .milestone_id = GIVEN(in, ISSUE_CREATE_MILESTONE, milestone_id),
		  .due_date = GIVEN(in, ISSUE_CREATE_DUE_DATE, due_date),
		  .label_ids = { in->label_ids.v, in->label_ids.n });
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(create_refused(x, handler_outcome(f->reply)));
	if (!answer_row(x, 201, &statement_issue_create, f->reply->result[0], 0, NULL))
		return CO_FAILED;
	answer_location(x, "issues", &f->id);
	co_end();
}

/* ---- delete and restore ---- */

struct deletion_frame {
	struct co co;
	struct ref ref;
	struct precondition precondition;
	struct db_reply *reply;
	struct issue_conflict conflict;
};
const size_t issue_delete_frame_size = sizeof(struct deletion_frame);
const size_t issue_restore_frame_size = sizeof(struct deletion_frame);

static enum co_state set_deleted(struct exchange *x, struct deletion_frame *f, bool deleted)
{
	co_begin(f);
	if (!ref_issue(x, &f->ref) || !precondition_read(x, false, 0, false, &f->precondition))
		return CO_FAILED;
	co_change(f, x, f->reply, issue_set_deleted, .caller = access_of(x), .id = REF_ID(&f->ref),
		  .key = REF_KEY(&f->ref), .event_id = uuid_v7(), .any_version = f->precondition.any,
		  .versions = f->precondition.versions, .deleted = deleted, .step = deleted ? -1 : 1);
	if (handler_has_outcome(f->reply, "version_conflict")) {
		f->conflict.ref = f->ref;
		f->conflict.precondition = f->precondition;
		co_call(f, issue_conflict_fail(x, &f->conflict));
	}
	if (handler_has_outcome(f->reply, "forbidden"))
		co_fail(exchange_fail(x, ERR_FORBIDDEN));
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	co_end();
}

enum co_state issue_delete(struct exchange *x, void *frame)
{
	enum co_state state = set_deleted(x, frame, true);

	if (state == CO_DONE)
		x->response.status = 204;
	return state;
}

enum co_state issue_restore(struct exchange *x, void *frame)
{
	struct deletion_frame *f = frame;
	enum co_state state = set_deleted(x, f, false);

	if (state == CO_DONE &&
	    !answer_row(x, 200, &statement_issue_set_deleted, f->reply->result[0], 0, NULL))
		return CO_FAILED;
	return state;
}
