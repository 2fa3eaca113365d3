/* The history of an issue. */
#include "api/list.h"
#include "api/ref.h"
#include "api/resource_timeline.h"
#include "db/row.h"
#include "domain/issue.h"

#define DEFAULT_SORT "at"

struct timeline_query {
	struct field_set given;
	struct list_query list;
	struct field_values type;
};

static const char *const type_names[] = { "created",   "updated",  "status_changed", "assigned", "labeled",
					  "commented", "attached", "deleted",        "restored" };
const struct enum_names issue_event_type_enum = { "issue_event_type", type_names,
						  sizeof(type_names) / sizeof(*type_names) };

static const struct enum_names order_enum = { "timeline_order", timeline_list_order_names,
					      TIMELINE_LIST_ORDERS };

static const struct field list_fields[] = {
	LIST_FIELDS(struct timeline_query, order_enum, DEFAULT_SORT),
	{ .name = "type",
	  .type = FIELD_ENUM,
	  .flags = FIELD_REPEATED,
	  .offset = offsetof(struct timeline_query, type),
	  .min = 1,
	  .max = sizeof(type_names) / sizeof(*type_names),
	  .names = &issue_event_type_enum,
	  .doc = "Of any of these kinds.",
	  .example = "status_changed" },
};

const struct shape timeline_query_shape =
	SHAPE(struct timeline_query, "TimelineQuery", list_fields, "Which events to list, and how.");

/* A story is told from its beginning. */
static const struct list_kind kind = LIST_KIND(timeline_list, TIMELINE_LIST, DEFAULT_SORT);

struct list_frame {
	struct co co;
	struct ref ref;
	struct list_run run;
	struct timeline_list_args args;
	struct db_reply *reply;
};
const size_t timeline_list_frame_size = sizeof(struct list_frame);

static bool plan(struct exchange *x, struct list_frame *f)
{
	const struct timeline_query *q = x->query;

	f->args.caller = access_of(x);
	f->args.issue_id = row_uuid(f->reply->result[0], 0, 0);
	f->args.type = (struct db_array){ q->type.v, q->type.n };
	if (!list_plan(x, &f->run, &kind, &q->list))
		return false;
	if (q->type.n)
		f->run.choice.options |= OPTION(TIMELINE_LIST_TYPE);
	return true;
}

enum co_state timeline_list(struct exchange *x, void *frame)
{
	struct list_frame *f = frame;

	co_begin(f);
	if (!ref_issue(x, &f->ref))
		return CO_FAILED;
	/* Only to tell an issue without such events from one that is not there; the list looks again. */
	co_db(f, x, f->reply, timeline_issue, .caller = access_of(x), .id = REF_ID(&f->ref),
	      .key = REF_KEY(&f->ref));
	if (PQntuples(f->reply->result[0]) == 0)
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	if (!plan(x, f))
		return CO_FAILED;
	co_call(f, list_answer(x, &f->run, &f->args, &f->args.limit, &f->args.offset));
	co_end();
}
