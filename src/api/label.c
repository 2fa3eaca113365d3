/* Labels: of a project, or for all projects. */
#include "api/answer.h"
#include "api/list.h"
#include "api/ref.h"
#include "api/resource_planning.h"
#include "db/row.h"

#include <string.h>

#define LABEL_NAME_MAX        100
#define LABEL_DESCRIPTION_MAX 1000

/* ---- list ---- */

#define DEFAULT_SORT "-created_at"

struct label_list_query {
	struct field_set given;
	struct list_query list;
	struct str project_id, name;
};

static const struct enum_names order_enum = { "label_order", label_list_order_names, LABEL_LIST_ORDERS };

static const struct field list_fields[] = {
	LIST_FIELDS(struct label_list_query, order_enum, DEFAULT_SORT),
	{ .name = "project_id",
	  .type = FIELD_REF,
	  .offset = offsetof(struct label_list_query, project_id),
	  .doc = "Those of this project, by id or key; `none` for those of all projects.",
	  .example = "WEB" },
	{ .name = "name",
	  .type = FIELD_TEXT,
	  .offset = offsetof(struct label_list_query, name),
	  .min = 1,
	  .max = LABEL_NAME_MAX,
	  .doc = "Of this name, whatever the case.",
	  .example = "bug" },
};

const struct shape label_list_query_shape =
	SHAPE(struct label_list_query, "LabelListQuery", list_fields, "Which labels to list, and how.");

static const struct list_kind kind = LIST_KIND(label_list, LABEL_LIST, DEFAULT_SORT);

struct list_frame {
	struct co co;
	struct ref project;
	struct list_run run;
	struct label_list_args args;
};
const size_t label_list_frame_size = sizeof(struct list_frame);

static bool plan(struct exchange *x, struct list_frame *f)
{
	const struct label_list_query *q = x->query;

	f->args.caller = access_of(x);
	f->args.name = q->name;
	if (!list_plan(x, &f->run, &kind, &q->list))
		return false;
	if (q->name.p)
		f->run.choice.options |= OPTION(LABEL_LIST_NAME);
	if (str_ieq_z(q->project_id, "none")) {
		f->run.choice.options |= OPTION(LABEL_LIST_GLOBAL);
	} else if (q->project_id.p) {
		f->run.choice.options |= OPTION(LABEL_LIST_PROJECT);
		ref_parse_project(q->project_id, &f->project);
		f->args.project_id = REF_ID(&f->project);
		f->args.project_key = REF_KEY(&f->project);
	}
	return true;
}

enum co_state label_list(struct exchange *x, void *frame)
{
	struct list_frame *f = frame;

	co_begin(f);
	if (!plan(x, f))
		return CO_FAILED;
	co_call(f, list_answer(x, &f->run, &f->args, &f->args.limit, &f->args.offset));
	co_end();
}

/* ---- what clients send ---- */

struct label_input {
	struct field_set given;
	struct str name, color, description, project_id;
};

enum { LABEL_NAME, LABEL_COLOR, LABEL_DESCRIPTION, LABEL_PROJECT };

#define AT(member) .offset = offsetof(struct label_input, member)
#define NAME_FIELD(more)                                                                                     \
	{                                                                                                    \
		.name = "name", .type = FIELD_TEXT, .flags = FIELD_NOT_BLANK | FIELD_SINGLE_LINE | (more),   \
		AT(name), .min = 1, .max = LABEL_NAME_MAX,                                                   \
		.doc = "Its name, unlike others of the project, whatever the case; without commas.",         \
		.example = "needs-review", .pattern = "^[^,]*\\S[^,]*$"                                      \
	}
#define COLOR_FIELD(more)                                                                                    \
	{                                                                                                    \
		.name = "color", .type = FIELD_TEXT, .flags = (more), AT(color), .min = 7, .max = 7,         \
		.doc = "Its colour.", .example = "#d73a4a", .pattern = "^#[0-9a-fA-F]{6}$"                   \
	}
#define DESCRIPTION_FIELD                                                                                    \
	{                                                                                                    \
		.name = "description", .type = FIELD_TEXT, .flags = FIELD_NULLABLE, AT(description),         \
		.max = LABEL_DESCRIPTION_MAX, .doc = "What it means.", .example = "Somebody should look."    \
	}

static const struct field create_fields[] = {
	[LABEL_NAME] = NAME_FIELD(FIELD_REQUIRED),
	[LABEL_COLOR] = COLOR_FIELD(FIELD_REQUIRED),
	[LABEL_DESCRIPTION] = DESCRIPTION_FIELD,
	[LABEL_PROJECT] = { .name = "project_id",
			    .type = FIELD_REF,
			    .flags = FIELD_NULLABLE,
			    AT(project_id),
			    .doc = "The project that it is for, by id or key; without one it is for all.",
			    .example = "WEB" },
};
static const struct field patch_fields[] = {
	[LABEL_NAME] = NAME_FIELD(0),
	[LABEL_COLOR] = COLOR_FIELD(0),
	[LABEL_DESCRIPTION] = DESCRIPTION_FIELD,
};

const struct shape label_create_shape =
	SHAPE(struct label_input, "LabelCreate", create_fields, "A new label.");
const struct shape label_patch_shape = SHAPE(struct label_input, "LabelPatch", patch_fields,
					     "What to change; absent fields stay, null clears.");

static bool is_color(struct str s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (!strchr("0123456789abcdefABCDEF", s.p[i]))
			return false;
	}
	return s.n == 7 && s.p[0] == '#';
}

/* What the table of fields cannot say. */
static bool input_fits(struct exchange *x, const struct label_input *in)
{
	bool color = !in->color.p || is_color(in->color);
	bool name = !in->name.p || !memchr(in->name.p, ',', in->name.n);

	if (!color)
		exchange_fail_field(x, "color", "invalid_format",
				    "A colour is # and six hexadecimal digits, such as #d73a4a.");
	if (!name)
		exchange_fail_field(x, "name", "invalid_character", "A label's name has no comma.");
	return color && name;
}

/* ---- create ---- */

struct label_frame {
	struct co co;
	struct ref project;
	struct uuid id;
	struct db_reply *reply;
};
const size_t label_create_frame_size = sizeof(struct label_frame);
const size_t label_read_frame_size = sizeof(struct label_frame);
const size_t label_patch_frame_size = sizeof(struct label_frame);
const size_t label_delete_frame_size = sizeof(struct label_frame);

static void refused(struct exchange *x, const struct db_reply *reply, struct str outcome)
{
	if (reply->err && strcmp(reply->constraint, "labels_name_key") == 0)
		exchange_fail(x, ERR_NAME_TAKEN);
	else if (reply->err)
		handler_db_failed(x, reply);
	else if (str_eq_z(outcome, "unknown_project"))
		exchange_fail_field(x, "project_id", "unknown", "There is no such project.");
	else
		exchange_fail(x, str_eq_z(outcome, "forbidden") ? ERR_FORBIDDEN : ERR_NOT_FOUND);
}

static struct db_reply *create(struct exchange *x, struct label_frame *f)
{
	const struct label_input *in = x->body;

	ref_parse_project(in->project_id, &f->project);
	f->id = uuid_v7();
	return change_run(x, &statement_label_create,
			  &(struct label_create_args){
				  .caller = access_of(x),
				  .id = f->id,
				  .in_project = in->project_id.p != NULL,
				  .project_id = REF_ID(&f->project),
				  .project_key = REF_KEY(&f->project),
				  .name = in->name,
				  .color = in->color,
				  .description = in->description.p ? in->description : STR(""),
			  });
}

enum co_state label_create(struct exchange *x, void *frame)
{
	struct label_frame *f = frame;

	co_begin(f);
	if (!input_fits(x, x->body))
		return CO_FAILED;
	f->reply = create(x, f);
	co_await(f, x, &f->reply->wait);
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(refused(x, f->reply, f->reply->err ? STR_NONE : handler_outcome(f->reply)));
	if (!answer_row(x, 201, &statement_label_create, f->reply->result[0], 0, NULL))
		return CO_FAILED;
	answer_location(x, "labels", &f->id);
	co_end();
}

/* ---- one label ---- */

enum co_state label_read(struct exchange *x, void *frame)
{
	struct label_frame *f = frame;
	const struct read_query *query = x->query;

	co_begin(f);
	if (!ref_uuid(x, 0, &f->id))
		return CO_FAILED;
	co_db(f, x, f->reply, label_by_id, .caller = access_of(x), .id = f->id);
	if (f->reply->row < 0)
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	if (!answer_row(x, 200, &statement_label_by_id, f->reply->result[0], 0, &query->fields))
		return CO_FAILED;
	co_end();
}

static struct db_reply *update(struct exchange *x, const struct label_frame *f)
{
	const struct label_input *in = x->body;

	return db_run(
		api_of(x)->db, &x->arena, &statement_label_update,
		&(struct label_update_args){
			.caller = access_of(x),
			.id = f->id,
			.name = in->name,
			.color = in->color,
			.description = field_null(&in->given, LABEL_DESCRIPTION) ? STR("") : in->description,
		});
}

enum co_state label_patch(struct exchange *x, void *frame)
{
	struct label_frame *f = frame;

	co_begin(f);
	if (!ref_uuid(x, 0, &f->id) || !input_fits(x, x->body))
		return CO_FAILED;
	f->reply = update(x, f);
	co_await(f, x, &f->reply->wait);
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(refused(x, f->reply, f->reply->err ? STR_NONE : handler_outcome(f->reply)));
	if (!answer_row(x, 200, &statement_label_update, f->reply->result[0], 0, NULL))
		return CO_FAILED;
	co_end();
}

static struct db_reply *submit_delete(struct exchange *x, const struct label_frame *f)
{
	struct op *op = db_begin(api_of(x)->db, DB_WRITE);

	db_add(op, &statement_label_lock, &(struct label_lock_args){ .id = f->id });
	db_add(op, &statement_label_delete,
	       &(struct label_delete_args){ .caller = access_of(x), .id = f->id });
	return db_submit(api_of(x)->db, op, &x->arena);
}

enum co_state label_delete(struct exchange *x, void *frame)
{
	struct label_frame *f = frame;

	co_begin(f);
	if (!ref_uuid(x, 0, &f->id))
		return CO_FAILED;
	f->reply = submit_delete(x, f);
	co_await(f, x, &f->reply->wait);
	if (f->reply->err)
		co_fail(handler_db_failed(x, f->reply));
	if (!str_eq_z(row_text(f->reply->result[1], 0, 0), "ok"))
		co_fail(refused(x, f->reply, row_text(f->reply->result[1], 0, 0)));
	x->response.status = 204;
	co_end();
}
