/* Saved filters: /filters. */
#include "api/answer.h"
#include "api/current.h"
#include "api/issue_search.h"
#include "api/list.h"
#include "api/ref.h"
#include "api/resource_planning.h"
#include "http/query.h"

#include <string.h>

#define FILTERS_MAX      500 /* a user may have */
#define FILTER_NAME_MAX  100
#define FILTER_QUERY_MAX 4000

/* ---- list ---- */

#define DEFAULT_SORT "name"

struct filter_list_query {
	struct field_set given;
	struct list_query list;
	struct str project_id;
	bool own;
};

static const struct enum_names order_enum = { "filter_order", filter_list_order_names, FILTER_LIST_ORDERS };

static const struct field list_fields[] = {
	LIST_FIELDS(struct filter_list_query, order_enum, DEFAULT_SORT),
	{ .name = "project_id",
	  .type = FIELD_REF,
	  .offset = offsetof(struct filter_list_query, project_id),
	  .doc = "Those that are shared with this project, by id or key; `none` for private ones.",
	  .example = "WEB" },
	{ .name = "own",
	  .type = FIELD_BOOL,
	  .offset = offsetof(struct filter_list_query, own),
	  .doc = "The caller's own ones alone.",
	  .example = "true" },
};

const struct shape filter_list_query_shape =
	SHAPE(struct filter_list_query, "FilterListQuery", list_fields, "Which filters to list, and how.");

static const struct list_kind kind = LIST_KIND(filter_list, FILTER_LIST, DEFAULT_SORT);

struct list_frame {
	struct co co;
	struct ref project;
	struct list_run run;
	struct filter_list_args args;
};
const size_t filter_list_frame_size = sizeof(struct list_frame);

static bool plan(struct exchange *x, struct list_frame *f)
{
	const struct filter_list_query *q = x->query;

	f->args.caller = access_of(x);
	if (!list_plan(x, &f->run, &kind, &q->list))
		return false;
	if (q->own)
		f->run.choice.options |= OPTION(FILTER_LIST_OWN);
	if (str_ieq_z(q->project_id, "none")) {
		f->run.choice.options |= OPTION(FILTER_LIST_PRIVATE);
	} else if (q->project_id.p) {
		f->run.choice.options |= OPTION(FILTER_LIST_PROJECT);
		ref_parse_project(q->project_id, &f->project);
		f->args.project_id = REF_ID(&f->project);
		f->args.project_key = REF_KEY(&f->project);
	}
	return true;
}

enum co_state filter_list(struct exchange *x, void *frame)
{
	struct list_frame *f = frame;

	co_begin(f);
	if (!plan(x, f))
		return CO_FAILED;
	co_call(f, list_answer(x, &f->run, &f->args, &f->args.limit, &f->args.offset));
	co_end();
}

/* ---- what clients send ---- */

struct filter_input {
	struct field_set given;
	struct str name, query, project_id;
	int64_t version;
};

enum { FILTER_NAME, FILTER_QUERY, FILTER_PROJECT, FILTER_VERSION };

#define AT(member) .offset = offsetof(struct filter_input, member)
#define SHARED_FIELDS(more)                                                                                  \
	[FILTER_NAME] = { .name = "name",                                                                    \
			  .type = FIELD_TEXT,                                                                \
			  .flags = FIELD_NOT_BLANK | FIELD_SINGLE_LINE | (more),                             \
			  AT(name),                                                                          \
			  .min = 1,                                                                          \
			  .max = FILTER_NAME_MAX,                                                            \
			  .doc = "Its name, unlike others of the same owner, whatever the case.",            \
			  .example = "My urgent bugs" },                                                     \
	[FILTER_QUERY] = { .name = "query",                                                                  \
			   .type = FIELD_TEXT,                                                               \
			   .flags = FIELD_SINGLE_LINE | (more),                                              \
			   AT(query),                                                                        \
			   .min = 1,                                                                         \
			   .max = FILTER_QUERY_MAX,                                                          \
			   .doc = "What stands behind `/issues?`: filters, `sort`, `size`, `count`, "        \
				  "`fields`. `me` is whoever uses it.",                                      \
			   .example = "type=bug&priority=critical&assignee_id=me" },                         \
	[FILTER_PROJECT] = { .name = "project_id",                                                           \
			     .type = FIELD_REF,                                                              \
			     .flags = FIELD_NULLABLE,                                                        \
			     AT(project_id),                                                                 \
			     .doc = "The project that it is shared with, by id or key; without one it is "   \
				    "private.",                                                              \
			     .example = "WEB" }

static const struct field create_fields[] = { SHARED_FIELDS(FIELD_REQUIRED) };
static const struct field patch_fields[] = {
	SHARED_FIELDS(0),
	[FILTER_VERSION] = { .name = "version",
			     .type = FIELD_INT,
			     AT(version),
			     .min = 1,
			     .max = INT32_MAX,
			     .doc = "The version that the change is based on; without it, any.",
			     .example = "1" },
};

const struct shape filter_create_shape =
	SHAPE(struct filter_input, "FilterCreate", create_fields, "A new saved filter.");
const struct shape filter_patch_shape =
	SHAPE(struct filter_input, "FilterPatch", patch_fields, "What to change; absent fields stay.");

/* Parameters that say where in a list one is cannot be kept; nor does a filter use another. */
static void refuse_places(struct field_errors *errors, const struct field_set *given)
{
	static const char *const names[] = { "page", "cursor", "filter" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (field_given(given, shape_find(&issue_list_query_shape, str_of(names[i]))))
			field_error_add(errors, str_of(names[i]), "not_allowed",
					STR("Cannot be part of a saved filter"));
	}
}

/* By the shape of the list itself, so that what is saved is what the list takes. */
static bool query_fits(struct exchange *x, struct str query)
{
	struct field_errors errors = { .arena = &x->arena };
	struct issue_search search = { 0 };
	char *read = arena_alloc(&x->arena, issue_list_query_shape.size);
	enum err err = query_read(query, &issue_list_query_shape, read, &errors);

	if (err == ERR_BAD_QUERY) {
		exchange_fail_field(x, "query", "invalid_format", "The query string is malformed.");
		return false;
	}
	if (!err && !issue_search_read(&issue_list_query_shape, read, &errors, &search))
		err = ERR_VALIDATION;
	refuse_places(&errors,
		      (const struct field_set *)(void *)(read + issue_list_query_shape.given_offset));
	for (const struct field_error *e = errors.first; e; e = e->next) {
		exchange_fail(x, ERR_VALIDATION);
		field_error_add(&x->problem.fields, arena_printf(&x->arena, "query.%.*s", STR_FMT(e->field)),
				e->code, e->detail);
	}
	return err == ERR_NONE && errors.count == 0;
}

/* ---- create ---- */

struct filter_frame {
	struct co co;
	struct ref project;
	struct uuid id;
	struct precondition precondition;
	struct db_reply *reply;
	struct current current;
};
const size_t filter_create_frame_size = sizeof(struct filter_frame);
const size_t filter_read_frame_size = sizeof(struct filter_frame);
const size_t filter_patch_frame_size = sizeof(struct filter_frame);
const size_t filter_delete_frame_size = sizeof(struct filter_frame);

static void refused(struct exchange *x, const struct db_reply *reply)
{
	if (reply->err && strcmp(reply->constraint, "saved_filters_name_key") == 0)
		exchange_fail(x, ERR_NAME_TAKEN);
	else if (reply->err)
		handler_db_failed(x, reply);
	else if (handler_has_outcome(reply, "unknown_project"))
		exchange_fail_field(x, "project_id", "unknown", "There is no such project.");
	else if (handler_has_outcome(reply, "too_many"))
		exchange_fail_detail(x, ERR_CONFLICT, "There are %d filters already; delete some.",
				     FILTERS_MAX);
	else
		exchange_fail(x, handler_has_outcome(reply, "forbidden") ? ERR_FORBIDDEN : ERR_NOT_FOUND);
}

static struct db_reply *create(struct exchange *x, struct filter_frame *f)
{
	const struct filter_input *in = x->body;

	ref_parse_project(in->project_id, &f->project);
	f->id = uuid_v7();
	return change_run(x, &statement_filter_create,
			  &(struct filter_create_args){
				  .caller = access_of(x),
				  .id = f->id,
				  .shared = in->project_id.p != NULL,
				  .project_id = REF_ID(&f->project),
				  .project_key = REF_KEY(&f->project),
				  .name = in->name,
				  .query = in->query,
				  .most = FILTERS_MAX,
			  });
}

enum co_state filter_create(struct exchange *x, void *frame)
{
	struct filter_frame *f = frame;
	const struct filter_input *in = x->body;

	co_begin(f);
	if (!query_fits(x, in->query))
		return CO_FAILED;
	f->reply = create(x, f);
	co_await(f, x, &f->reply->wait);
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(refused(x, f->reply));
	if (!answer_row(x, 201, &statement_filter_create, f->reply->result[0], 0, NULL))
		return CO_FAILED;
	answer_location(x, "filters", &f->id);
	co_end();
}

/* ---- one filter ---- */

static enum co_state answer_current(struct exchange *x, struct filter_frame *f,
				    const struct field_values *fields)
{
	return current_answer(x, &f->current, &statement_filter_by_id,
			      &(struct filter_by_id_args){ .caller = access_of(x), .id = f->id }, fields);
}

enum co_state filter_read(struct exchange *x, void *frame)
{
	struct filter_frame *f = frame;
	const struct read_query *query = x->query;

	co_begin(f);
	if (!ref_uuid(x, 0, &f->id))
		return CO_FAILED;
	co_call(f, answer_current(x, f, &query->fields));
	co_end();
}

static enum co_state conflict(struct exchange *x, struct filter_frame *f)
{
	return current_conflict(x, &f->current, &statement_filter_by_id,
				&(struct filter_by_id_args){ .caller = access_of(x), .id = f->id },
				&f->precondition);
}

static struct db_reply *update(struct exchange *x, struct filter_frame *f)
{
	const struct filter_input *in = x->body;

	ref_parse_project(in->project_id, &f->project);
	return db_run(api_of(x)->db, &x->arena, &statement_filter_update,
		      &(struct filter_update_args){
			      .caller = access_of(x),
			      .id = f->id,
			      .any_version = f->precondition.any,
			      .versions = f->precondition.versions,
			      .name = in->name,
			      .query = in->query,
			      .set_project = field_given(&in->given, FILTER_PROJECT),
			      .shared = in->project_id.p != NULL,
			      .project_id = REF_ID(&f->project),
			      .project_key = REF_KEY(&f->project),
		      });
}

static bool plan_change(struct exchange *x, struct filter_frame *f)
{
	const struct filter_input *in = x->body;

	return ref_uuid(x, 0, &f->id) && (!in->query.p || query_fits(x, in->query)) &&
	       precondition_read(x, field_given(&in->given, FILTER_VERSION), in->version, false,
				 &f->precondition);
}

enum co_state filter_patch(struct exchange *x, void *frame)
{
	struct filter_frame *f = frame;

	co_begin(f);
	if (!plan_change(x, f))
		return CO_FAILED;
	f->reply = update(x, f);
	co_await(f, x, &f->reply->wait);
	if (handler_has_outcome(f->reply, "version_conflict"))
		co_call(f, conflict(x, f));
	if (handler_has_outcome(f->reply, "unchanged")) {
		co_call(f, answer_current(x, f, NULL));
		return CO_DONE;
	}
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(refused(x, f->reply));
	if (!answer_row(x, 200, &statement_filter_update, f->reply->result[0], 0, NULL))
		return CO_FAILED;
	co_end();
}

enum co_state filter_delete(struct exchange *x, void *frame)
{
	struct filter_frame *f = frame;

	co_begin(f);
	if (!ref_uuid(x, 0, &f->id) || !precondition_read(x, false, 0, false, &f->precondition))
		return CO_FAILED;
	co_db(f, x, f->reply, filter_delete, .caller = access_of(x), .id = f->id,
	      .any_version = f->precondition.any, .versions = f->precondition.versions);
	if (handler_has_outcome(f->reply, "version_conflict"))
		co_call(f, conflict(x, f));
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(refused(x, f->reply));
	x->response.status = 204;
	co_end();
}
