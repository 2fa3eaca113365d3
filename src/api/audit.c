/* The log of security events, for admins. */
#include "api/list.h"
#include "api/resource.h"
#include "domain/event.h"

#define DEFAULT_SORT "-at"

struct audit_query {
	struct field_set given;
	struct list_query list;
	struct uuid user_id, actor_id;
	struct str address;
	int64_t after, before;
	struct field_values type;
};

enum { FILTER_USER = 6, FILTER_ACTOR, FILTER_ADDRESS, FILTER_AFTER, FILTER_BEFORE };

static const struct enum_names order_enum = { "audit_order", audit_list_order_names, AUDIT_LIST_ORDERS };
static const struct enum_names type_enum = { "security_event_type", security_event_names,
					     SECURITY_EVENT_COUNT };

#define AT(member) .offset = offsetof(struct audit_query, member)
static const struct field list_fields[] = {
	LIST_FIELDS(struct audit_query, order_enum, DEFAULT_SORT),
	[FILTER_USER] = { .name = "user_id",
			  .type = FIELD_UUID,
			  AT(user_id),
			  .doc = "Concerning this user." },
	[FILTER_ACTOR] = { .name = "actor_id",
			   .type = FIELD_UUID,
			   AT(actor_id),
			   .doc = "Done by this user." },
	[FILTER_ADDRESS] = { .name = "address",
			     .type = FIELD_TEXT,
			     .flags = FIELD_SINGLE_LINE,
			     AT(address),
			     .min = 1,
			     .max = 64,
			     .doc = "From exactly this address.",
			     .example = "192.0.2.7" },
	[FILTER_AFTER] = { .name = "after",
			   .type = FIELD_TIMESTAMP,
			   AT(after),
			   .doc = "Later than this.",
			   .example = "2026-11-20T00:00:00Z" },
	[FILTER_BEFORE] = { .name = "before",
			    .type = FIELD_TIMESTAMP,
			    AT(before),
			    .doc = "Earlier than this.",
			    .example = "2026-11-21T00:00:00Z" },
	{ .name = "type",
	  .type = FIELD_ENUM,
	  .flags = FIELD_REPEATED,
	  AT(type),
	  .min = 1,
	  .max = SECURITY_EVENT_COUNT,
	  .names = &type_enum,
	  .doc = "Of any of these kinds.",
	  .example = "login_failed" },
};

const struct shape audit_list_query_shape =
	SHAPE(struct audit_query, "AuditQuery", list_fields, "Which events to list, and how.");

static const struct list_kind kind = LIST_KIND(audit_list, AUDIT_LIST, DEFAULT_SORT);

struct list_frame {
	struct co co;
	struct list_run run;
	struct audit_list_args args;
};
const size_t audit_list_frame_size = sizeof(struct list_frame);

static uint64_t chosen_filters(const struct audit_query *q)
{
	static const struct {
		int field, option;
	} filters[] = {
		{ FILTER_USER, AUDIT_LIST_USER },       { FILTER_ACTOR, AUDIT_LIST_ACTOR },
		{ FILTER_ADDRESS, AUDIT_LIST_ADDRESS }, { FILTER_AFTER, AUDIT_LIST_AFTER },
		{ FILTER_BEFORE, AUDIT_LIST_BEFORE },
	};
	/* One alone is read by its index. */
	uint64_t options = q->type.n > 1 ? OPTION(AUDIT_LIST_TYPE)
			   : q->type.n   ? OPTION(AUDIT_LIST_ONE_TYPE)
					 : 0;

	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		if (field_given(&q->given, filters[i].field))
			options |= OPTION(filters[i].option);
	}
	return options;
}

static bool plan(struct exchange *x, struct list_frame *f, const struct audit_query *q)
{
	if (!list_plan(x, &f->run, &kind, &q->list))
		return false;
	f->run.choice.options |= chosen_filters(q);
	f->args = (struct audit_list_args){
		.one_type = q->type.n ? *(const struct str *)q->type.v : STR(""),
		.type = { q->type.v, q->type.n },
		.user_id = q->user_id,
		.actor_id = q->actor_id,
		.address = q->address,
		.after = q->after,
		.before = q->before,
	};
	return true;
}

enum co_state audit_list(struct exchange *x, void *frame)
{
	struct list_frame *f = frame;

	co_begin(f);
	if (!plan(x, f, x->query))
		return CO_FAILED;
	co_call(f, list_answer(x, &f->run, &f->args, &f->args.limit, &f->args.offset));
	co_end();
}
