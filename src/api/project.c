/* Projects: create, read, delete, list. */
#include "api/answer.h"
#include "api/list.h"
#include "api/precondition.h"
#include "api/project_shape.h"
#include "api/ref.h"

/* ---- read ---- */

struct read_frame {
	struct co co;
	struct ref ref;
	struct db_reply *reply;
};
const size_t project_read_frame_size = sizeof(struct read_frame);

enum co_state project_read(struct exchange *x, void *frame)
{
	struct read_frame *f = frame;
	const struct read_query *query = x->query;

	co_begin(f);
	if (!ref_project(x, &f->ref))
		return CO_FAILED;
	co_db(f, x, f->reply, project_by_ref, .caller = access_of(x), .id = REF_ID(&f->ref),
	      .key = REF_KEY(&f->ref));
	if (PQntuples(f->reply->result[0]) == 0)
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	if (!answer_row(x, 200, &statement_project_by_ref, f->reply->result[0], 0, &query->fields))
		return CO_FAILED;
	co_end();
}

/* ---- create ---- */

struct create_frame {
	struct co co;
	struct uuid id;
	struct db_reply *reply;
};
const size_t project_create_frame_size = sizeof(struct create_frame);

/* Two that are created at the same time are told apart by the constraints, not by the statement's own look. */
static bool constraint_failed(struct exchange *x, const struct db_reply *reply)
{
	struct str name = str_of(reply->constraint);

	if (reply->err != ERR_CONFLICT)
		return false;
	if (str_eq_z(name, "projects_key_key"))
		exchange_fail(x, ERR_KEY_TAKEN);
	else if (str_eq_z(name, "projects_name_key"))
		exchange_fail(x, ERR_NAME_TAKEN);
	else
		return false;
	return true;
}

void project_refused(struct exchange *x, const struct db_reply *reply)
{
	struct str outcome;

	if (reply->err) {
		if (!constraint_failed(x, reply))
			handler_db_failed(x, reply);
		return;
	}
	outcome = handler_outcome(reply);
	if (str_eq_z(outcome, "not_found"))
		exchange_fail(x, ERR_NOT_FOUND);
	else if (str_eq_z(outcome, "forbidden"))
		exchange_fail(x, ERR_FORBIDDEN);
	else if (str_eq_z(outcome, "key_taken"))
		exchange_fail(x, ERR_KEY_TAKEN);
	else if (str_eq_z(outcome, "name_taken"))
		exchange_fail(x, ERR_NAME_TAKEN);
	else if (str_eq_z(outcome, "unknown_owner"))
		exchange_fail_field(x, "owner_id", "unknown", "There is no such active user.");
	else
		exchange_fail(x, ERR_INTERNAL);
}

static void create_args(struct exchange *x, struct create_frame *f, struct project_create_args *a)
{
	const struct project_input *in = x->body;
	const struct uuid *owner = GIVEN(in, PROJECT_CREATE_OWNER, owner_id);

	*a = (struct project_create_args){
		.id = f->id,
		.key = in->key,
		.name = in->name,
		.description = in->description.p ? in->description : STR(""),
		.status = in->status.p ? in->status : STR("planning"),
		.visibility = in->visibility.p ? in->visibility : STR("public"),
		.owner_id = owner ? *owner : caller_of(x)->id,
	};
}

static bool key_fits(struct exchange *x)
{
	const struct project_input *in = x->body;

	if (project_key_valid(in->key))
		return true;
	exchange_fail_field(x, "key", "invalid_format",
			    "A key has 2 to 10 of the characters A-Z and 0-9, and starts with a letter.");
	return false;
}

static struct db_reply *create(struct exchange *x, struct create_frame *f)
{
	struct project_create_args args;

	f->id = uuid_v7();
	create_args(x, f, &args);
	return change_run(x, &statement_project_create, &args);
}

enum co_state project_create(struct exchange *x, void *frame)
{
	struct create_frame *f = frame;

	co_begin(f);
	if (!key_fits(x))
		return CO_FAILED;
	f->reply = create(x, f);
	co_await(f, x, &f->reply->wait);
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(project_refused(x, f->reply));
	if (!answer_row(x, 201, &statement_project_create, f->reply->result[0], 0, NULL))
		return CO_FAILED;
	answer_location(x, "projects", &f->id);
	co_end();
}

/* ---- list ---- */

#define DEFAULT_SORT "-created_at"

struct project_list_query {
	struct field_set given;
	struct list_query list;
	struct field_values status, visibility;
	struct uuid owner_id;
};

enum { FILTER_OWNER = 6 };

static const struct enum_names order_enum = { "project_order", project_list_order_names,
					      PROJECT_LIST_ORDERS };

#define AT(member) .offset = offsetof(struct project_list_query, member)
static const struct field list_fields[] = {
	LIST_FIELDS(struct project_list_query, order_enum, DEFAULT_SORT),
	[FILTER_OWNER] = { .name = "owner_id",
			   .type = FIELD_UUID,
			   AT(owner_id),
			   .doc = "Owned by this user." },
	{ .name = "status",
	  .type = FIELD_ENUM,
	  .flags = FIELD_REPEATED,
	  AT(status),
	  .min = 1,
	  .max = 100,
	  .names = &project_status_enum,
	  .doc = "Any of these statuses.",
	  .example = "active" },
	{ .name = "visibility",
	  .type = FIELD_ENUM,
	  .flags = FIELD_REPEATED,
	  AT(visibility),
	  .min = 1,
	  .max = 100,
	  .names = &project_visibility_enum,
	  .doc = "Public or private." },
};
#undef AT

const struct shape project_list_query_shape =
	SHAPE(struct project_list_query, "ProjectListQuery", list_fields, "Which projects to list, and how.");

static const struct list_kind kind = LIST_KIND(project_list, PROJECT_LIST, DEFAULT_SORT);

struct list_frame {
	struct co co;
	struct list_run run;
	struct project_list_args args;
};
const size_t project_list_frame_size = sizeof(struct list_frame);

static bool plan_list(struct exchange *x, struct list_frame *f, const struct project_list_query *q)
{
	if (!list_plan(x, &f->run, &kind, &q->list))
		return false;
	f->args.caller = access_of(x);
	f->args.status = (struct db_array){ q->status.v, q->status.n };
	f->args.visibility = (struct db_array){ q->visibility.v, q->visibility.n };
	f->args.owner_id = q->owner_id;
	if (q->status.n)
		f->run.choice.options |= OPTION(PROJECT_LIST_STATUS);
	if (q->visibility.n)
		f->run.choice.options |= OPTION(PROJECT_LIST_VISIBILITY);
	if (field_given(&q->given, FILTER_OWNER))
		f->run.choice.options |= OPTION(PROJECT_LIST_OWNER);
	return true;
}

enum co_state project_list(struct exchange *x, void *frame)
{
	struct list_frame *f = frame;

	co_begin(f);
	if (!plan_list(x, f, x->query))
		return CO_FAILED;
	co_call(f, list_answer(x, &f->run, &f->args, &f->args.limit, &f->args.offset));
	co_end();
}
