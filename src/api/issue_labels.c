/* The labels of one issue: /issues/{id}/labels. Each change is one of the issue, by the same statement. */
#include "api/answer.h"
#include "api/issue_change.h"
#include "api/issue_conflict.h"
#include "api/issue_fetch.h"
#include "api/precondition.h"
#include "api/ref.h"
#include "api/resource_changes.h"
#include "db/row.h"

struct labels_input {
	struct field_set given;
	struct field_values label_ids;
	struct uuid label_id;
};

static const struct field put_fields[] = {
	{ .name = "label_ids",
	  .type = FIELD_UUID,
	  .flags = FIELD_REQUIRED | FIELD_REPEATED,
	  .offset = offsetof(struct labels_input, label_ids),
	  .max = ISSUE_LABELS_MAX,
	  .doc = "All labels of the issue, by id." },
};
static const struct field add_fields[] = {
	{ .name = "label_id",
	  .type = FIELD_UUID,
	  .flags = FIELD_REQUIRED,
	  .offset = offsetof(struct labels_input, label_id),
	  .doc = "The label that is added." },
};

const struct shape issue_labels_put_shape =
	SHAPE(struct labels_input, "IssueLabelsPut", put_fields, "The labels that an issue is to have.");
const struct shape issue_label_add_shape =
	SHAPE(struct labels_input, "IssueLabelAdd", add_fields, "One more label.");

/* The column `labels` of an issue as the whole answer. */
static void answer_labels(struct exchange *x, const PGresult *r, int row)
{
	struct json j = response_json(&x->response, 200);
	int column = row_column(r, "labels");

	json_object_begin(&j);
	json_key_raw(&j, JSON_KEY("items"));
	json_raw(&j, row_text(r, row, column));
	json_object_end(&j);
}

/* ---- read ---- */

struct read_frame {
	struct co co;
	struct ref ref;
	struct issue_fetch fetch;
};
const size_t issue_labels_read_frame_size = sizeof(struct read_frame);

enum co_state issue_labels_read(struct exchange *x, void *frame)
{
	struct read_frame *f = frame;

	co_begin(f);
	if (!ref_issue(x, &f->ref))
		return CO_FAILED;
	co_call(f, issue_fetch(x, &f->ref, &f->fetch));
	answer_labels(x, f->fetch.reply->result[0], f->fetch.reply->row);
	answer_conditional(x, 0, true);
	co_end();
}

/* ---- change ---- */

struct change_frame {
	struct co co;
	struct ref ref;
	struct precondition precondition;
	struct issue_update_args args;
	struct uuid label;
	struct db_reply *reply;
	struct issue_conflict conflict;
	struct issue_fetch fetch;
};
const size_t issue_labels_put_frame_size = sizeof(struct change_frame);
const size_t issue_label_add_frame_size = sizeof(struct change_frame);
const size_t issue_label_remove_frame_size = sizeof(struct change_frame);

static bool plan(struct exchange *x, struct change_frame *f)
{
	if (!ref_issue(x, &f->ref) || !precondition_read(x, false, 0, false, &f->precondition))
		return false;
	f->args.caller = access_of(x);
	f->args.id = REF_ID(&f->ref);
	f->args.key = REF_KEY(&f->ref);
	f->args.event_id = uuid_v7();
	f->args.any_version = f->precondition.any;
	f->args.versions = f->precondition.versions;
	f->args.set.beyond_own = true;
	return true;
}

static enum co_state change(struct exchange *x, struct change_frame *f)
{
	co_begin(f);
	f->reply = change_run(x, &statement_issue_update, &f->args);
	co_await(f, x, &f->reply->wait);
	if (f->reply->err)
		co_fail(handler_db_failed(x, f->reply));
	f->conflict.ref = f->ref;
	f->conflict.precondition = f->precondition;
	if (handler_has_outcome(f->reply, "version_conflict"))
		co_call(f, issue_conflict_fail(x, &f->conflict));
	if (handler_has_outcome(f->reply, "unchanged")) {
		co_call(f, issue_fetch(x, &f->ref, &f->fetch));
		answer_labels(x, f->fetch.reply->result[0], f->fetch.reply->row);
		return CO_DONE;
	}
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(issue_change_refused(x, handler_outcome(f->reply)));
	answer_labels(x, f->reply->result[0], 0);
	co_end();
}

enum co_state issue_labels_put(struct exchange *x, void *frame)
{
	struct change_frame *f = frame;
	const struct labels_input *in = x->body;

	if (f->co.line == 0) {
		if (!plan(x, f))
			return CO_FAILED;
		f->args.set.set_labels = true;
		f->args.set.label_ids = (struct db_array){ in->label_ids.v, in->label_ids.n };
	}
	return change(x, f);
}

enum co_state issue_label_add(struct exchange *x, void *frame)
{
	struct change_frame *f = frame;
	const struct labels_input *in = x->body;

	if (f->co.line == 0) {
		if (!plan(x, f))
			return CO_FAILED;
		f->args.set.add_labels = (struct db_array){ &in->label_id, 1 };
	}
	return change(x, f);
}

/* One that the issue does not have is gone already. */
enum co_state issue_label_remove(struct exchange *x, void *frame)
{
	struct change_frame *f = frame;

	if (f->co.line == 0) {
		if (!ref_uuid(x, 1, &f->label))
			return CO_FAILED;
		if (!plan(x, f))
			return CO_FAILED;
		f->args.set.remove_labels = (struct db_array){ &f->label, 1 };
	}
	return change(x, f);
}
