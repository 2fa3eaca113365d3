/* People: oneself, another, and the list. */
#include "api/answer.h"
#include "api/list.h"
#include "api/ref.h"
#include "api/resource.h"

struct read_frame {
	struct co co;
	struct uuid id;
	struct db_reply *reply;
};
const size_t user_me_frame_size = sizeof(struct read_frame);
const size_t user_read_frame_size = sizeof(struct read_frame);

static enum co_state read_user(struct exchange *x, struct read_frame *f)
{
	const struct read_query *query = x->query;

	co_begin(f);
	co_db(f, x, f->reply, user_by_id, .id = f->id);
	if (PQntuples(f->reply->result[0]) == 0)
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	if (!answer_row(x, 200, &statement_user_by_id, f->reply->result[0], 0, &query->fields))
		return CO_FAILED;
	co_end();
}

enum co_state user_me(struct exchange *x, void *frame)
{
	struct read_frame *f = frame;

	f->id = caller_of(x)->id;
	return read_user(x, f);
}

enum co_state user_read(struct exchange *x, void *frame)
{
	struct read_frame *f = frame;

	if (!ref_uuid(x, 0, &f->id))
		return CO_FAILED;
	return read_user(x, f);
}

#define DEFAULT_SORT "-created_at"

struct user_list_query {
	struct field_set given;
	struct list_query list;
	struct field_values role;
	bool is_active;
};

enum { FILTER_ACTIVE = 6 };

static const struct enum_names order_enum = { "user_order", user_list_order_names, USER_LIST_ORDERS };
static const struct enum_names role_enum = { "user_role", role_names, ROLE_COUNT };

#define AT(member) .offset = offsetof(struct user_list_query, member)
static const struct field list_fields[] = {
	LIST_FIELDS(struct user_list_query, order_enum, DEFAULT_SORT),
	[FILTER_ACTIVE] = { .name = "is_active",
			    .type = FIELD_BOOL,
			    AT(is_active),
			    .doc = "Only those who may sign in, or only those who may not." },
	{ .name = "role",
	  .type = FIELD_ENUM,
	  .flags = FIELD_REPEATED,
	  AT(role),
	  .min = 1,
	  .max = 100,
	  .names = &role_enum,
	  .doc = "Any of these roles.",
	  .example = "developer" },
};

const struct shape user_list_query_shape =
	SHAPE(struct user_list_query, "UserListQuery", list_fields, "Which people to list, and how.");

static const struct list_kind kind = LIST_KIND(user_list, USER_LIST, DEFAULT_SORT);

struct list_frame {
	struct co co;
	struct list_run run;
	struct user_list_args args;
};
const size_t user_list_frame_size = sizeof(struct list_frame);

static bool plan(struct exchange *x, struct list_frame *f, const struct user_list_query *q)
{
	if (!list_plan(x, &f->run, &kind, &q->list))
		return false;
	f->args.user_role = (struct db_array){ q->role.v, q->role.n };
	f->args.is_active = q->is_active;
	if (q->role.n)
		f->run.choice.options |= OPTION(USER_LIST_ROLE);
	if (field_given(&q->given, FILTER_ACTIVE))
		f->run.choice.options |= OPTION(USER_LIST_ACTIVE);
	return true;
}

enum co_state user_list(struct exchange *x, void *frame)
{
	struct list_frame *f = frame;

	co_begin(f);
	if (!plan(x, f, x->query))
		return CO_FAILED;
	co_call(f, list_answer(x, &f->run, &f->args, &f->args.limit, &f->args.offset));
	co_end();
}
