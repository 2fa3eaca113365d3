/* The members of a project. */
#include "api/answer.h"
#include "api/doer.h"
#include "api/list.h"
#include "api/place.h"
#include "api/ref.h"
#include "api/resource.h"
#include "db/row.h"

/* Admins are admins everywhere, so a project has no such role to give. */
static const struct enum_names member_role_enum = { "member_role", role_names, ROLE_ADMIN };

/* ---- list ---- */

#define DEFAULT_SORT "added_at"

struct member_list_query {
	struct field_set given;
	struct list_query list;
	struct field_values role;
};

static const struct enum_names order_enum = { "member_order", member_list_order_names, MEMBER_LIST_ORDERS };

static const struct field list_fields[] = {
	LIST_FIELDS(struct member_list_query, order_enum, DEFAULT_SORT),
	{ .name = "role",
	  .type = FIELD_ENUM,
	  .flags = FIELD_REPEATED,
	  .offset = offsetof(struct member_list_query, role),
	  .min = 1,
	  .max = ROLE_COUNT,
	  .names = &member_role_enum,
	  .doc = "Any of these roles.",
	  .example = "developer" },
};

const struct shape member_list_query_shape =
	SHAPE(struct member_list_query, "MemberListQuery", list_fields, "Which members to list, and how.");

static const struct list_kind kind = LIST_KIND(member_list, MEMBER_LIST, DEFAULT_SORT);

struct list_frame {
	struct co co;
	struct place place;
	struct list_run run;
	struct member_list_args args;
};
const size_t member_list_frame_size = sizeof(struct list_frame);

static bool plan(struct exchange *x, struct list_frame *f)
{
	const struct member_list_query *q = x->query;

	f->args.caller = access_of(x);
	f->args.project_id = f->place.id;
	f->args.member_role = (struct db_array){ q->role.v, q->role.n };
	if (!list_plan(x, &f->run, &kind, &q->list))
		return false;
	if (q->role.n)
		f->run.choice.options |= OPTION(MEMBER_LIST_ROLE);
	return true;
}

enum co_state member_list(struct exchange *x, void *frame)
{
	struct list_frame *f = frame;

	co_begin(f);
	co_call(f, place_project(x, &f->place));
	if (!plan(x, f))
		return CO_FAILED;
	co_call(f, list_answer(x, &f->run, &f->args, &f->args.limit, &f->args.offset));
	co_end();
}

/* ---- change ---- */

struct member_input {
	struct field_set given;
	struct str role;
};

static const struct field put_fields[] = {
	{ .name = "role",
	  .type = FIELD_ENUM,
	  .flags = FIELD_REQUIRED,
	  .offset = offsetof(struct member_input, role),
	  .names = &member_role_enum,
	  .doc = "The role in this project, which counts above the global one there.",
	  .example = "developer" },
};

const struct shape member_put_shape = SHAPE(struct member_input, "MemberPut", put_fields, "A member's role.");

struct change_frame {
	struct co co;
	struct ref ref;
	struct uuid user;
	struct db_reply *reply;
};
const size_t member_put_frame_size = sizeof(struct change_frame);
const size_t member_delete_frame_size = sizeof(struct change_frame);

static bool read_path(struct exchange *x, struct change_frame *f)
{
	return ref_project(x, &f->ref) && ref_uuid(x, 1, &f->user);
}

static void refuse(struct exchange *x, struct str outcome)
{
	if (str_eq_z(outcome, "forbidden"))
		exchange_fail(x, ERR_FORBIDDEN);
	else if (str_eq_z(outcome, "owner"))
		exchange_fail(x, ERR_PROJECT_OWNER);
	else
		exchange_fail(x, ERR_NOT_FOUND); /* of the project, or of the user */
}

static enum co_state answer(struct exchange *x, const struct db_reply *reply)
{
	const PGresult *r = reply->result[0];
	struct str outcome = handler_outcome(reply);
	bool created = str_eq_z(outcome, "ok") && row_bool(r, 0, 1);

	if (!str_eq_z(outcome, "ok") && !str_eq_z(outcome, "unchanged")) {
		refuse(x, outcome);
		return CO_FAILED;
	}
	if (!answer_row(x, created ? 201 : 200, &statement_member_set, r, 0, NULL))
		return CO_FAILED;
	if (created)
		response_header(&x->response, "Location", x->request.path);
	return CO_DONE;
}

enum co_state member_put(struct exchange *x, void *frame)
{
	struct change_frame *f = frame;
	const struct member_input *in = x->body;

	co_begin(f);
	if (!read_path(x, f))
		return CO_FAILED;
	co_db(f, x, f->reply, member_set, .caller = access_of(x), .by = doer_of(x), .id = REF_ID(&f->ref),
	      .key = REF_KEY(&f->ref), .user_id = f->user, .member_role = in->role);
	return answer(x, f->reply);
	co_end();
}

enum co_state member_delete(struct exchange *x, void *frame)
{
	struct change_frame *f = frame;

	co_begin(f);
	if (!read_path(x, f))
		return CO_FAILED;
	co_db(f, x, f->reply, member_remove, .caller = access_of(x), .by = doer_of(x), .id = REF_ID(&f->ref),
	      .key = REF_KEY(&f->ref), .user_id = f->user);
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(refuse(x, handler_outcome(f->reply)));
	x->response.status = 204;
	co_end();
}
