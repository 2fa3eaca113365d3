/* Marking what a person was told as read. */
#include "api/answer.h"
#include "api/ref.h"
#include "api/resource_watching.h"

/* ---- one ---- */

struct notification_patch {
	struct field_set given;
	bool read;
};

static const struct field patch_fields[] = {
	{ .name = "read",
	  .type = FIELD_BOOL,
	  .flags = FIELD_REQUIRED,
	  .offset = offsetof(struct notification_patch, read),
	  .doc = "Whether it was read.",
	  .example = "true" },
};
const struct shape notification_patch_shape =
	SHAPE(struct notification_patch, "NotificationPatch", patch_fields, "What became of it.");

struct one_frame {
	struct co co;
	struct uuid id;
	struct db_reply *reply;
};
const size_t notification_patch_frame_size = sizeof(struct one_frame);

enum co_state notification_patch(struct exchange *x, void *frame)
{
	struct one_frame *f = frame;
	const struct notification_patch *in = x->body;

	co_begin(f);
	if (!ref_uuid(x, 0, &f->id))
		return CO_FAILED;
	co_db(f, x, f->reply, notification_set_read, .caller = access_of(x), .id = f->id, .read = in->read);
	if (PQntuples(f->reply->result[0]) == 0)
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	if (!answer_row(x, 200, &statement_notification_set_read, f->reply->result[0], 0, NULL))
		return CO_FAILED;
	co_end();
}

/* ---- several ---- */

#define READ_IDS_MAX 100
#define READ_MAX     10000

struct notifications_read {
	struct field_set given;
	struct field_values ids;
	struct uuid until;
};

enum { READ_IDS, READ_UNTIL };

static const struct field read_fields[] = {
	[READ_IDS] = { .name = "ids",
		       .type = FIELD_UUID,
		       .flags = FIELD_REPEATED,
		       .offset = offsetof(struct notifications_read, ids),
		       .min = 1,
		       .max = READ_IDS_MAX,
		       .doc = "These; those that are not the caller's, or not there any more, are passed over." },
	[READ_UNTIL] = { .name = "until",
			 .type = FIELD_UUID,
			 .offset = offsetof(struct notifications_read, until),
			 .doc = "This one and all that are older: the first of the list that one has seen, newest "
				"first. What came since then stays unread." },
};
const struct shape notifications_read_shape = SHAPE(struct notifications_read, "NotificationsRead",
						    read_fields, "Which were read: `ids` or `until`.");

struct several_frame {
	struct co co;
	struct db_reply *reply;
};
const size_t notifications_mark_frame_size = sizeof(struct several_frame);

static bool names_one(struct exchange *x, const struct notifications_read *in)
{
	bool ids = field_given(&in->given, READ_IDS), until = field_given(&in->given, READ_UNTIL);

	if (ids && until)
		exchange_fail_field(x, "until", "conflict", "Give either `ids` or `until`.");
	else if (!ids && !until)
		exchange_fail_field(x, "ids", "required", "Give `ids`, or `until` for all up to one.");
	return ids != until;
}

static struct db_reply *mark(struct exchange *x, const struct notifications_read *in)
{
	struct uuid viewer = caller_of(x)->id;

	if (field_given(&in->given, READ_UNTIL))
		return change_run(x, &statement_notification_read_until,
				  &(struct notification_read_until_args){
					  .viewer = viewer, .until = in->until, .most = READ_MAX });
	return change_run(x, &statement_notification_read_those,
			  &(struct notification_read_those_args){
				  .viewer = viewer, .ids = { in->ids.v, in->ids.n }, .most = READ_MAX });
}

enum co_state notifications_mark(struct exchange *x, void *frame)
{
	struct several_frame *f = frame;

	co_begin(f);
	if (!names_one(x, x->body))
		return CO_FAILED;
	f->reply = mark(x, x->body);
	co_await(f, x, &f->reply->wait);
	if (f->reply->err)
		co_fail(handler_db_failed(x, f->reply));
	if (!answer_row(x, 200, f->reply->rows[0].statement, f->reply->result[0], 0, NULL))
		return CO_FAILED;
	co_end();
}
