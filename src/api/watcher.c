/* Who watches an issue. */
#include "api/list.h"
#include "api/place.h"
#include "api/ref.h"
#include "api/resource_watching.h"

static const char *const reason_names[] = { "creator", "assignee", "mentioned", "commented", "manual" };
const struct enum_names watcher_reason_enum = { "watcher_reason", reason_names,
						sizeof(reason_names) / sizeof(*reason_names) };

/* ---- list ---- */

#define DEFAULT_SORT "name"

struct watcher_list_query {
	struct field_set given;
	struct list_query list;
};

static const struct enum_names order_enum = { "watcher_order", watcher_list_order_names,
					      WATCHER_LIST_ORDERS };

static const struct field list_fields[] = { LIST_FIELDS(struct watcher_list_query, order_enum,
							DEFAULT_SORT) };

const struct shape watcher_list_query_shape =
	SHAPE(struct watcher_list_query, "WatcherListQuery", list_fields, "How to list the watchers.");

static const struct list_kind kind = LIST_KIND(watcher_list, WATCHER_LIST, DEFAULT_SORT);

struct list_frame {
	struct co co;
	struct place place;
	struct list_run run;
	struct watcher_list_args args;
};
const size_t watcher_list_frame_size = sizeof(struct list_frame);

static bool plan(struct exchange *x, struct list_frame *f)
{
	const struct watcher_list_query *q = x->query;

	f->args.caller = access_of(x);
	f->args.issue_id = f->place.id;
	return list_plan(x, &f->run, &kind, &q->list);
}

enum co_state watcher_list(struct exchange *x, void *frame)
{
	struct list_frame *f = frame;

	co_begin(f);
	co_call(f, place_issue(x, &f->place));
	if (!plan(x, f))
		return CO_FAILED;
	co_call(f, list_answer(x, &f->run, &f->args, &f->args.limit, &f->args.offset));
	co_end();
}

/* ---- one's own ---- */

struct set_frame {
	struct co co;
	struct ref ref;
	struct db_reply *reply;
};
const size_t watcher_put_frame_size = sizeof(struct set_frame);
const size_t watcher_delete_frame_size = sizeof(struct set_frame);

static enum co_state set_ignored(struct exchange *x, struct set_frame *f, bool ignored)
{
	co_begin(f);
	if (!ref_issue(x, &f->ref))
		return CO_FAILED;
	co_db(f, x, f->reply, watcher_set, .caller = access_of(x), .id = REF_ID(&f->ref),
	      .key = REF_KEY(&f->ref), .ignored = ignored);
	if (PQntuples(f->reply->result[0]) == 0)
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	x->response.status = 204;
	co_end();
}

enum co_state watcher_put(struct exchange *x, void *frame)
{
	return set_ignored(x, frame, false);
}

enum co_state watcher_delete(struct exchange *x, void *frame)
{
	return set_ignored(x, frame, true);
}
