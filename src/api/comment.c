/* Comments on issues. */
#include "api/answer.h"
#include "api/current.h"
#include "api/list.h"
#include "api/place.h"
#include "api/precondition.h"
#include "api/ref.h"
#include "api/resource_comments.h"
#include "db/row.h"
#include "domain/mention.h"

#define CONTENT_MAX 65536

/* ---- list ---- */

#define DEFAULT_SORT "created_at"

struct comment_list_query {
	struct field_set given;
	struct list_query list;
	struct field_values parent_id, author_id;
};

#define AT(member) .offset = offsetof(struct comment_list_query, member)

static const struct enum_names order_enum = { "comment_order", comment_list_order_names,
					      COMMENT_LIST_ORDERS };
static const char *const parent_words[] = { "none" };
static const struct enum_names parent_enum = { "comment_parent", parent_words, 1 };
static const char *const author_words[] = { "me" };
static const struct enum_names author_enum = { "comment_author", author_words, 1 };

static const struct field list_fields[] = {
	LIST_FIELDS(struct comment_list_query, order_enum, DEFAULT_SORT),
	{ .name = "parent_id",
	  .type = FIELD_ID_OR_NAME,
	  .names = &parent_enum,
	  .flags = FIELD_REPEATED,
	  AT(parent_id),
	  .min = 1,
	  .max = 100,
	  .doc = "Replies to any of these, or with `none` those that are no replies." },
	{ .name = "author_id",
	  .type = FIELD_ID_OR_NAME,
	  .names = &author_enum,
	  .flags = FIELD_REPEATED,
	  AT(author_id),
	  .min = 1,
	  .max = 100,
	  .doc = "By any of these: ids, or `me`." },
};

const struct shape comment_list_query_shape =
	SHAPE(struct comment_list_query, "CommentListQuery", list_fields, "Which comments to list, and how.");

/* People read from the first on. */
static const struct list_kind kind = LIST_KIND(comment_list, COMMENT_LIST, DEFAULT_SORT);

struct list_frame {
	struct co co;
	struct place place;
	struct list_run run;
	struct comment_list_args args;
};
const size_t comment_list_frame_size = sizeof(struct list_frame);

/* The ids among the values; the words are told apart: `me` is the caller, and `none` is none. */
static struct db_array read_ids(struct exchange *x, const struct field_values *values)
{
	struct uuid *ids = arena_array(&x->arena, struct uuid, values->n);
	const struct str *v = values->v;
	size_t n = 0;

	for (size_t i = 0; i < values->n; i++) {
		if (str_eq_z(v[i], "me"))
			ids[n++] = caller_of(x)->id;
		else if (uuid_parse(v[i], &ids[n]))
			n++;
	}
	return (struct db_array){ ids, n };
}

static bool plan(struct exchange *x, struct list_frame *f)
{
	const struct comment_list_query *q = x->query;

	f->args.caller = access_of(x);
	f->args.issue_id = f->place.id;
	f->args.parent_ids = read_ids(x, &q->parent_id);
	f->args.author_ids = read_ids(x, &q->author_id);
	if (!list_plan(x, &f->run, &kind, &q->list))
		return false;
	if (f->args.parent_ids.n)
		f->run.choice.options |= OPTION(COMMENT_LIST_PARENTS);
	else if (q->parent_id.n)
		f->run.choice.options |= OPTION(COMMENT_LIST_TOP);
	if (q->author_id.n)
		f->run.choice.options |= OPTION(COMMENT_LIST_AUTHORS);
	return true;
}

enum co_state comment_list(struct exchange *x, void *frame)
{
	struct list_frame *f = frame;

	co_begin(f);
	co_call(f, place_issue(x, &f->place));
	if (!plan(x, f))
		return CO_FAILED;
	co_call(f, list_answer(x, &f->run, &f->args, &f->args.limit, &f->args.offset));
	co_end();
}

/* ---- what clients send ---- */

struct comment_input {
	struct field_set given;
	struct str content;
	struct uuid parent_id;
	int64_t version;
};

enum { COMMENT_CONTENT, COMMENT_SECOND, COMMENT_PARENT = COMMENT_SECOND, COMMENT_VERSION = COMMENT_SECOND };

#define CONTENT_FIELD                                                                                        \
	[COMMENT_CONTENT] = { .name = "content",                                                             \
			      .type = FIELD_TEXT,                                                            \
			      .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,                                     \
			      .offset = offsetof(struct comment_input, content),                             \
			      .min = 1,                                                                      \
			      .max = CONTENT_MAX,                                                            \
			      .doc = "What is said, as Markdown; `@handle` mentions people.",                \
			      .example = "I can reproduce this. @a.new.user, can you, too?" }

static const struct field create_fields[] = {
	CONTENT_FIELD,
	[COMMENT_PARENT] = { .name = "parent_id",
			     .type = FIELD_UUID,
			     .flags = FIELD_NULLABLE,
			     .offset = offsetof(struct comment_input, parent_id),
			     .doc = "The comment of the same issue that this one replies to." },
};
static const struct field patch_fields[] = {
	CONTENT_FIELD,
	[COMMENT_VERSION] = { .name = "version",
			      .type = FIELD_INT,
			      .offset = offsetof(struct comment_input, version),
			      .min = 1,
			      .max = INT32_MAX,
			      .doc = "The version that the change is based on.",
			      .example = "1" },
};

const struct shape comment_create_shape =
	SHAPE(struct comment_input, "CommentCreate", create_fields, "A new comment.");
const struct shape comment_patch_shape =
	SHAPE(struct comment_input, "CommentPatch", patch_fields, "What the comment is to say.");

static struct db_array find_handles(struct exchange *x, struct str content)
{
	struct str *handles = arena_array(&x->arena, struct str, MENTIONS_MAX);
	size_t n = mentions_find(content, &x->arena, handles);

	return (struct db_array){ handles, n };
}

/* ---- create ---- */

struct create_frame {
	struct co co;
	struct ref ref;
	struct uuid id;
	struct db_reply *reply;
};
const size_t comment_create_frame_size = sizeof(struct create_frame);

static void create_refused(struct exchange *x, struct str outcome)
{
	if (str_eq_z(outcome, "unknown_parent"))
		exchange_fail_field(x, "parent_id", "unknown", "There is no such comment on this issue.");
	else
		exchange_fail(x, ERR_NOT_FOUND);
}

enum co_state comment_create(struct exchange *x, void *frame)
{
	struct create_frame *f = frame;
	const struct comment_input *in = x->body;

	co_begin(f);
	if (!ref_issue(x, &f->ref))
		return CO_FAILED;
	f->id = uuid_v7();
	co_change(f, x, f->reply, comment_create, .caller = access_of(x), .issue_id = REF_ID(&f->ref),
		  .key = REF_KEY(&f->ref), .id = f->id, .event_id = uuid_v7(), .content = in->content,
		  .parent_id =
			  field_given(&in->given, COMMENT_PARENT) && !field_null(&in->given, COMMENT_PARENT)
				  ? &in->parent_id
				  : NULL,
		  .handles = find_handles(x, in->content));
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(create_refused(x, handler_outcome(f->reply)));
	if (!answer_row(x, 201, &statement_comment_create, f->reply->result[0], 0, NULL))
		return CO_FAILED;
	answer_location(x, "comments", &f->id);
	co_end();
}

/* ---- one comment ---- */

struct one_frame {
	struct co co;
	struct uuid id;
	struct precondition precondition;
	struct db_reply *reply;
	struct current current;
};
const size_t comment_read_frame_size = sizeof(struct one_frame);
const size_t comment_patch_frame_size = sizeof(struct one_frame);
const size_t comment_delete_frame_size = sizeof(struct one_frame);

static enum co_state answer_current(struct exchange *x, struct one_frame *f,
				    const struct field_values *fields)
{
	return current_answer(x, &f->current, &statement_comment_by_id,
			      &(struct comment_by_id_args){ .caller = access_of(x), .id = f->id }, fields);
}

enum co_state comment_read(struct exchange *x, void *frame)
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
	return current_conflict(x, &f->current, &statement_comment_by_id,
				&(struct comment_by_id_args){ .caller = access_of(x), .id = f->id },
				&f->precondition);
}

static void refuse(struct exchange *x, struct str outcome)
{
	exchange_fail(x, str_eq_z(outcome, "forbidden") ? ERR_FORBIDDEN : ERR_NOT_FOUND);
}

static bool plan_change(struct exchange *x, struct one_frame *f)
{
	const struct comment_input *in = x->body;

	return ref_uuid(x, 0, &f->id) && precondition_read(x, field_given(&in->given, COMMENT_VERSION),
							   in->version, true, &f->precondition);
}

enum co_state comment_patch(struct exchange *x, void *frame)
{
	struct one_frame *f = frame;
	const struct comment_input *in = x->body;

	co_begin(f);
	if (!plan_change(x, f))
		return CO_FAILED;
	co_db(f, x, f->reply, comment_update, .caller = access_of(x), .id = f->id,
	      .any_version = f->precondition.any, .versions = f->precondition.versions,
	      .content = in->content, .handles = find_handles(x, in->content));
	if (handler_has_outcome(f->reply, "version_conflict"))
		co_call(f, conflict(x, f));
	if (handler_has_outcome(f->reply, "unchanged")) {
		/* Nothing differs, so there is no new version; the answer is what is there. */
		co_call(f, answer_current(x, f, NULL));
		return CO_DONE;
	}
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(refuse(x, handler_outcome(f->reply)));
	if (!answer_row(x, 200, &statement_comment_update, f->reply->result[0], 0, NULL))
		return CO_FAILED;
	co_end();
}

enum co_state comment_delete(struct exchange *x, void *frame)
{
	struct one_frame *f = frame;

	co_begin(f);
	if (!ref_uuid(x, 0, &f->id) || !precondition_read(x, false, 0, false, &f->precondition))
		return CO_FAILED;
	co_db(f, x, f->reply, comment_delete, .caller = access_of(x), .id = f->id,
	      .any_version = f->precondition.any, .versions = f->precondition.versions);
	if (handler_has_outcome(f->reply, "version_conflict"))
		co_call(f, conflict(x, f));
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(refuse(x, handler_outcome(f->reply)));
	x->response.status = 204;
	co_end();
}
