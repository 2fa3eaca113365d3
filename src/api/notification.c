/* What a person was told: the inbox. */
#include "api/answer.h"
#include "api/list.h"
#include "api/ref.h"
#include "api/resource_watching.h"

static const char *const reason_names[] = { "attached", "commented", "status_changed", "assigned",
					    "mentioned" };
const struct enum_names notification_reason_enum = { "notification_reason", reason_names,
						     sizeof(reason_names) / sizeof(*reason_names) };

/* ---- list ---- */

#define DEFAULT_SORT "-created_at"

struct notification_list_query {
	struct field_set given;
	struct list_query list;
	struct field_values reason;
	struct str project_id;
	bool unread;
};

enum { LIST_REASON, LIST_PROJECT, LIST_UNREAD };

#define AT(member) .offset = offsetof(struct notification_list_query, member)

static const struct enum_names order_enum = { "notification_order", notification_list_order_names,
					      NOTIFICATION_LIST_ORDERS };

static const struct field list_fields[] = {
	[LIST_REASON] = { .name = "reason",
			  .type = FIELD_ENUM,
			  .flags = FIELD_REPEATED,
			  AT(reason),
			  .min = 1,
			  .max = sizeof(reason_names) / sizeof(*reason_names),
			  .names = &notification_reason_enum,
			  .doc = "For any of these reasons.",
			  .example = "mentioned" },
	[LIST_PROJECT] = { .name = "project_id",
			   .type = FIELD_REF,
			   AT(project_id),
			   .doc = "About issues of this project, by id or key.",
			   .example = "WEB" },
	[LIST_UNREAD] = { .name = "unread",
			  .type = FIELD_BOOL,
			  AT(unread),
			  .doc = "Only those that were not read, or with `false` only those that were.",
			  .example = "true" },
	LIST_FIELDS(struct notification_list_query, order_enum, DEFAULT_SORT),
};

const struct shape notification_list_query_shape =
	SHAPE(struct notification_list_query, "NotificationListQuery", list_fields,
	      "Which notifications to list, and how.");

static const struct list_kind kind = LIST_KIND(notification_list, NOTIFICATION_LIST, DEFAULT_SORT);

struct list_frame {
	struct co co;
	struct ref project;
	struct list_run run;
	struct notification_list_args args;
};
const size_t notification_list_frame_size = sizeof(struct list_frame);

static bool plan(struct exchange *x, struct list_frame *f)
{
	const struct notification_list_query *q = x->query;

	f->args.caller = access_of(x);
	f->args.reason = (struct db_array){ q->reason.v, q->reason.n };
	if (!list_plan(x, &f->run, &kind, &q->list))
		return false;
	if (q->reason.n)
		f->run.choice.options |= OPTION(NOTIFICATION_LIST_REASON);
	if (field_given(&q->given, LIST_UNREAD))
		f->run.choice.options |=
			q->unread ? OPTION(NOTIFICATION_LIST_UNREAD) : OPTION(NOTIFICATION_LIST_READ);
	if (q->project_id.p) {
		f->run.choice.options |= OPTION(NOTIFICATION_LIST_PROJECT);
		ref_parse_project(q->project_id, &f->project);
		f->args.project_id = REF_ID(&f->project);
		f->args.project_key = REF_KEY(&f->project);
	}
	return true;
}

enum co_state notification_list(struct exchange *x, void *frame)
{
	struct list_frame *f = frame;

	co_begin(f);
	if (!plan(x, f))
		return CO_FAILED;
	co_call(f, list_answer(x, &f->run, &f->args, &f->args.limit, &f->args.offset));
	co_end();
}

/* ---- how many ---- */

#define UNREAD_MAX 1000

struct unread_frame {
	struct co co;
	struct db_reply *reply;
};
const size_t notification_unread_frame_size = sizeof(struct unread_frame);

enum co_state notification_unread(struct exchange *x, void *frame)
{
	struct unread_frame *f = frame;
	const struct read_query *query = x->query;

	co_begin(f);
	co_db(f, x, f->reply, notification_unread, .caller = access_of(x), .most = UNREAD_MAX);
	if (!answer_row(x, 200, &statement_notification_unread, f->reply->result[0], 0, &query->fields))
		return CO_FAILED;
	co_end();
}
