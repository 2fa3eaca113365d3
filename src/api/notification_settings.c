/* What a person is told at all. */
#include "api/answer.h"
#include "api/resource_watching.h"

struct settings_input {
	struct field_set given;
	bool mentioned, assigned, status_changed, commented, attached;
};

enum { TELL_MENTIONED, TELL_ASSIGNED, TELL_STATUS, TELL_COMMENTED, TELL_ATTACHED };

#define TELL(place, member, text)                                                                            \
	[place] = { .name = #member,                                                                         \
		    .type = FIELD_BOOL,                                                                      \
		    .offset = offsetof(struct settings_input, member),                                       \
		    .doc = (text),                                                                           \
		    .example = "true" }

static const struct field settings_fields[] = {
	TELL(TELL_MENTIONED, mentioned, "Whether one is told when a comment mentions one."),
	TELL(TELL_ASSIGNED, assigned, "Whether one is told when an issue is assigned to one, or no more."),
	TELL(TELL_STATUS, status_changed, "Whether one is told of the status of issues that one watches."),
	TELL(TELL_COMMENTED, commented, "Whether one is told of comments on issues that one watches."),
	TELL(TELL_ATTACHED, attached, "Whether one is told of files of issues that one watches."),
};
const struct shape notification_settings_shape = SHAPE(struct settings_input, "NotificationSettingsPatch",
						       settings_fields, "What to change; absent ones stay.");

struct settings_frame {
	struct co co;
	struct db_reply *reply;
};
const size_t notification_settings_read_frame_size = sizeof(struct settings_frame);
const size_t notification_settings_patch_frame_size = sizeof(struct settings_frame);

enum co_state notification_settings_read(struct exchange *x, void *frame)
{
	struct settings_frame *f = frame;
	const struct read_query *query = x->query;

	co_begin(f);
	co_db(f, x, f->reply, notification_settings, .viewer = caller_of(x)->id);
	if (f->reply->row < 0)
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	if (!answer_row(x, 200, &statement_notification_settings, f->reply->result[0], f->reply->row,
			&query->fields))
		return CO_FAILED;
	co_end();
}

#define GIVEN(place, member) (field_given(&in->given, place) ? &in->member : NULL)

enum co_state notification_settings_patch(struct exchange *x, void *frame)
{
	struct settings_frame *f = frame;
	const struct settings_input *in = x->body;

	co_begin(f);
	co_db(f, x, f->reply, notification_set_settings, .viewer = caller_of(x)->id,
	      .mentioned = GIVEN(TELL_MENTIONED, mentioned), .assigned = GIVEN(TELL_ASSIGNED, assigned),
	      .status_changed = GIVEN(TELL_STATUS, status_changed),
	      .commented = GIVEN(TELL_COMMENTED, commented), .attached = GIVEN(TELL_ATTACHED, attached));
	if (PQntuples(f->reply->result[0]) == 0)
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	if (!answer_row(x, 200, &statement_notification_set_settings, f->reply->result[0], 0, NULL))
		return CO_FAILED;
	co_end();
}
