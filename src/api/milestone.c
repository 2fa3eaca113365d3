/* The milestones of a project. */
#include "api/answer.h"
#include "api/current.h"
#include "api/issue_shape.h"
#include "api/list.h"
#include "api/place.h"
#include "api/ref.h"
#include "api/resource_planning.h"
#include "db/row.h"

#include <string.h>

#define MILESTONE_NAME_MAX 100

static const char *const state_names[] = { "open", "closed" };
const struct enum_names milestone_state_enum = { "milestone_state", state_names, 2 };

/* ---- list ---- */

#define DEFAULT_SORT "due_date"

struct milestone_list_query {
	struct field_set given;
	struct list_query list;
	struct str state;
};

static const struct enum_names order_enum = { "milestone_order", milestone_list_order_names,
					      MILESTONE_LIST_ORDERS };

static const struct field list_fields[] = {
	LIST_FIELDS(struct milestone_list_query, order_enum, DEFAULT_SORT),
	{ .name = "state",
	  .type = FIELD_ENUM,
	  .offset = offsetof(struct milestone_list_query, state),
	  .names = &milestone_state_enum,
	  .doc = "The open ones alone, or those that are closed.",
	  .example = "open" },
};

const struct shape milestone_list_query_shape = SHAPE(struct milestone_list_query, "MilestoneListQuery",
						      list_fields, "Which milestones to list, and how.");

/* What is due next is what people look for. */
static const struct list_kind kind = LIST_KIND(milestone_list, MILESTONE_LIST, DEFAULT_SORT);

struct list_frame {
	struct co co;
	struct place place;
	struct list_run run;
	struct milestone_list_args args;
};
const size_t milestone_list_frame_size = sizeof(struct list_frame);

static bool plan(struct exchange *x, struct list_frame *f)
{
	const struct milestone_list_query *q = x->query;

	f->args.caller = access_of(x);
	f->args.project_id = f->place.id;
	if (!list_plan(x, &f->run, &kind, &q->list))
		return false;
	if (q->state.p)
		f->run.choice.options |= str_eq_z(q->state, "open") ? OPTION(MILESTONE_LIST_OPEN)
								    : OPTION(MILESTONE_LIST_CLOSED);
	return true;
}

enum co_state milestone_list(struct exchange *x, void *frame)
{
	struct list_frame *f = frame;

	co_begin(f);
	co_call(f, place_project(x, &f->place));
	if (!plan(x, f))
		return CO_FAILED;
	co_call(f, list_answer(x, &f->run, &f->args, &f->args.limit, &f->args.offset));
	co_end();
}

/* ---- what clients send ---- */

struct milestone_input {
	struct field_set given;
	struct str name, description, state;
	int32_t due_date;
	int64_t version;
};

enum { MILESTONE_NAME, MILESTONE_DESCRIPTION, MILESTONE_DUE_DATE, MILESTONE_STATE, MILESTONE_VERSION };

#define AT(member) .offset = offsetof(struct milestone_input, member)
#define SHARED_FIELDS(name_flags)                                                                                     \
	[MILESTONE_NAME] = { .name = "name",                                                                          \
			     .type = FIELD_TEXT,                                                                      \
			     .flags = FIELD_NOT_BLANK | FIELD_SINGLE_LINE | (name_flags),                             \
			     AT(name),                                                                                \
			     .min = 1,                                                                                \
			     .max = MILESTONE_NAME_MAX,                                                               \
			     .doc = "Its name, unlike others of the project, whatever the case.",                     \
			     .example = "Release 2.0" },                                                              \
	[MILESTONE_DESCRIPTION] = { .name = "description",                                                            \
				    .type = FIELD_TEXT,                                                               \
				    .flags = FIELD_NULLABLE,                                                          \
				    AT(description),                                                                  \
				    .max = DESCRIPTION_MAX,                                                           \
				    .doc = "What it is about." },                                                     \
	[MILESTONE_DUE_DATE] = { .name = "due_date",                                                                  \
				 .type = FIELD_DATE,                                                                  \
				 .flags = FIELD_NULLABLE,                                                             \
				 AT(due_date),                                                                        \
				 .doc = "The day by which all of it should be done.",                                 \
				 .example = "2026-12-24" },                                                           \
	[MILESTONE_STATE] = {                                                                                         \
		.name = "state",                                                                                      \
		.type = FIELD_ENUM,                                                                                   \
		AT(state),                                                                                            \
		.names = &milestone_state_enum,                                                                       \
		.doc = "Whether it is still worked for; a new one is open unless told. Its issues stay as they are.", \
		.example = "open"                                                                                     \
	}

static const struct field create_fields[] = { SHARED_FIELDS(FIELD_REQUIRED) };
static const struct field patch_fields[] = {
	SHARED_FIELDS(0),
	[MILESTONE_VERSION] = { .name = "version",
				.type = FIELD_INT,
				AT(version),
				.min = 1,
				.max = INT32_MAX,
				.doc = "The version that the change is based on.",
				.example = "1" },
};

const struct shape milestone_create_shape =
	SHAPE(struct milestone_input, "MilestoneCreate", create_fields, "A new milestone.");
const struct shape milestone_patch_shape = SHAPE(struct milestone_input, "MilestonePatch", patch_fields,
						 "What to change; absent fields stay, null clears.");

/* ---- create ---- */

struct create_frame {
	struct co co;
	struct ref ref;
	struct uuid id;
	struct db_reply *reply;
};
const size_t milestone_create_frame_size = sizeof(struct create_frame);

static void refused(struct exchange *x, const struct db_reply *reply)
{
	if (reply->err && strcmp(reply->constraint, "milestones_name_key") == 0)
		exchange_fail(x, ERR_NAME_TAKEN);
	else if (reply->err)
		handler_db_failed(x, reply);
	else
		exchange_fail(x, handler_has_outcome(reply, "forbidden") ? ERR_FORBIDDEN : ERR_NOT_FOUND);
}

static struct db_reply *create(struct exchange *x, struct create_frame *f)
{
	const struct milestone_input *in = x->body;

	f->id = uuid_v7();
	return change_run(x, &statement_milestone_create,
			  &(struct milestone_create_args){
				  .caller = access_of(x),
				  .project_id = REF_ID(&f->ref),
				  .project_key = REF_KEY(&f->ref),
				  .id = f->id,
				  .name = in->name,
				  .description = in->description.p ? in->description : STR(""),
				  .due_date = GIVEN(in, MILESTONE_DUE_DATE, due_date),
				  .closed = str_eq_z(in->state, "closed"),
			  });
}

enum co_state milestone_create(struct exchange *x, void *frame)
{
	struct create_frame *f = frame;

	co_begin(f);
	if (!ref_project(x, &f->ref))
		return CO_FAILED;
	f->reply = create(x, f);
	co_await(f, x, &f->reply->wait);
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(refused(x, f->reply));
	if (!answer_row(x, 201, &statement_milestone_create, f->reply->result[0], 0, NULL))
		return CO_FAILED;
	answer_location(x, "milestones", &f->id);
	co_end();
}

/* ---- one milestone ---- */

struct one_frame {
	struct co co;
	struct uuid id;
	struct precondition precondition;
	struct db_reply *reply;
	struct current current;
};
const size_t milestone_read_frame_size = sizeof(struct one_frame);
const size_t milestone_patch_frame_size = sizeof(struct one_frame);
const size_t milestone_delete_frame_size = sizeof(struct one_frame);

static enum co_state answer_current(struct exchange *x, struct one_frame *f,
				    const struct field_values *fields)
{
	return current_answer(x, &f->current, &statement_milestone_by_id,
			      &(struct milestone_by_id_args){ .caller = access_of(x), .id = f->id }, fields);
}

enum co_state milestone_read(struct exchange *x, void *frame)
{
	struct one_frame *f = frame;
	const struct read_query *query = x->query;

	co_begin(f);
	if (!ref_uuid(x, 0, &f->id))
		return CO_FAILED;
	co_call(f, answer_current(x, f, &query->fields));
	co_end();
}

static enum co_state conflict(struct exchange *x, struct one_frame *f)
{
	return current_conflict(x, &f->current, &statement_milestone_by_id,
				&(struct milestone_by_id_args){ .caller = access_of(x), .id = f->id },
				&f->precondition);
}

static bool plan_change(struct exchange *x, struct one_frame *f)
{
	const struct milestone_input *in = x->body;

	return ref_uuid(x, 0, &f->id) && precondition_read(x, field_given(&in->given, MILESTONE_VERSION),
							   in->version, true, &f->precondition);
}

static struct db_reply *update(struct exchange *x, const struct one_frame *f)
{
	const struct milestone_input *in = x->body;
	bool cleared = field_null(&in->given, MILESTONE_DESCRIPTION);

	return db_run(api_of(x)->db, &x->arena, &statement_milestone_update,
		      &(struct milestone_update_args){
			      .caller = access_of(x),
			      .id = f->id,
			      .any_version = f->precondition.any,
			      .versions = f->precondition.versions,
			      .name = in->name,
			      .description = cleared ? STR("") : in->description,
			      .set_due_date = field_given(&in->given, MILESTONE_DUE_DATE),
			      .due_date = GIVEN(in, MILESTONE_DUE_DATE, due_date),
			      .state = in->state,
		      });
}

enum co_state milestone_patch(struct exchange *x, void *frame)
{
	struct one_frame *f = frame;

	co_begin(f);
	if (!plan_change(x, f))
		return CO_FAILED;
	f->reply = update(x, f);
	co_await(f, x, &f->reply->wait);
	if (handler_has_outcome(f->reply, "version_conflict"))
		co_call(f, conflict(x, f));
	if (handler_has_outcome(f->reply, "unchanged")) {
		/* Nothing differs, so there is no new version; the answer is what is there. */
		co_call(f, answer_current(x, f, NULL));
		return CO_DONE;
	}
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(refused(x, f->reply));
	if (!answer_row(x, 200, &statement_milestone_update, f->reply->result[0], 0, NULL))
		return CO_FAILED;
	co_end();
}

static struct db_reply *submit_delete(struct exchange *x, const struct one_frame *f)
{
	struct op *op = db_begin(api_of(x)->db, DB_WRITE);

	db_add(op, &statement_milestone_hold_issues,
	       &(struct milestone_hold_issues_args){ .caller = access_of(x), .id = f->id });
	db_add(op, &statement_milestone_hold,
	       &(struct milestone_hold_args){ .caller = access_of(x), .id = f->id });
	db_add(op, &statement_milestone_delete,
	       &(struct milestone_delete_args){ .caller = access_of(x),
						.id = f->id,
						.any_version = f->precondition.any,
						.versions = f->precondition.versions });
	return db_submit(api_of(x)->db, op, &x->arena);
}

static struct str delete_outcome(const struct db_reply *reply)
{
	return row_text(reply->result[2], 0, 0);
}

enum co_state milestone_delete(struct exchange *x, void *frame)
{
	struct one_frame *f = frame;

	co_begin(f);
	if (!ref_uuid(x, 0, &f->id) || !precondition_read(x, false, 0, false, &f->precondition))
		return CO_FAILED;
	f->reply = submit_delete(x, f);
	co_await(f, x, &f->reply->wait);
	if (f->reply->err)
		co_fail(handler_db_failed(x, f->reply));
	if (str_eq_z(delete_outcome(f->reply), "version_conflict"))
		co_call(f, conflict(x, f));
	if (str_eq_z(delete_outcome(f->reply), "forbidden"))
		co_fail(exchange_fail(x, ERR_FORBIDDEN));
	if (!str_eq_z(delete_outcome(f->reply), "ok"))
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	x->response.status = 204;
	co_end();
}
