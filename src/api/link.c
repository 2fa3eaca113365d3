/* Links between issues: /issues/{id}/links. */
#include "api/answer.h"
#include "api/list.h"
#include "api/place.h"
#include "api/ref.h"
#include "api/resource_planning.h"

#include <stdio.h>
#include <string.h>

/* As in SQL; those behind them are the same seen from the other end, and cannot be asked for in that form. */
static const char *const type_names[] = { "blocks", "relates_to", "duplicates", "blocked_by",
					  "duplicated_by" };
static const struct enum_names type_enum = { "link_type", type_names, 3 };
const struct enum_names link_seen_enum = { "link_seen", type_names, 5 };

/* ---- list ---- */

#define DEFAULT_SORT "created_at"

struct link_list_query {
	struct field_set given;
	struct list_query list;
	struct field_values type;
};

static const struct enum_names order_enum = { "link_order", link_list_order_names, LINK_LIST_ORDERS };

static const struct field list_fields[] = {
	LIST_FIELDS(struct link_list_query, order_enum, DEFAULT_SORT),
	{ .name = "type",
	  .type = FIELD_ENUM,
	  .flags = FIELD_REPEATED,
	  .offset = offsetof(struct link_list_query, type),
	  .min = 1,
	  .max = 100,
	  .names = &link_seen_enum,
	  .doc = "Any of these types, as this issue sees them.",
	  .example = "blocked_by" },
};

const struct shape link_list_query_shape =
	SHAPE(struct link_list_query, "LinkListQuery", list_fields, "Which links to list, and how.");

static const struct list_kind kind = LIST_KIND(link_list, LINK_LIST, DEFAULT_SORT);

struct list_frame {
	struct co co;
	struct place place;
	struct list_run run;
	struct link_list_args args;
};
const size_t link_list_frame_size = sizeof(struct list_frame);

static bool plan(struct exchange *x, struct list_frame *f)
{
	const struct link_list_query *q = x->query;

	f->args.caller = access_of(x);
	f->args.issue_id = f->place.id;
	f->args.types = (struct db_array){ q->type.v, q->type.n };
	if (!list_plan(x, &f->run, &kind, &q->list))
		return false;
	if (q->type.n)
		f->run.choice.options |= OPTION(LINK_LIST_TYPES);
	return true;
}

enum co_state link_list(struct exchange *x, void *frame)
{
	struct list_frame *f = frame;

	co_begin(f);
	co_call(f, place_issue(x, &f->place));
	if (!plan(x, f))
		return CO_FAILED;
	co_call(f, list_answer(x, &f->run, &f->args, &f->args.limit, &f->args.offset));
	co_end();
}

/* ---- create ---- */

struct link_input {
	struct field_set given;
	struct str type, issue_id;
};

static const struct field create_fields[] = {
	{ .name = "type",
	  .type = FIELD_ENUM,
	  .flags = FIELD_REQUIRED,
	  .offset = offsetof(struct link_input, type),
	  .names = &type_enum,
	  .doc = "What the issue of the path is to the other one.",
	  .example = "blocks" },
	{ .name = "issue_id",
	  .type = FIELD_REF,
	  .flags = FIELD_REQUIRED,
	  .offset = offsetof(struct link_input, issue_id),
	  .doc = "The other issue, by id or key.",
	  .example = "WEB-13" },
};

const struct shape link_create_shape =
	SHAPE(struct link_input, "LinkCreate", create_fields, "A new link to another issue.");

struct link_frame {
	struct co co;
	struct ref ref, other;
	struct uuid id;
	struct db_reply *reply;
};
const size_t link_create_frame_size = sizeof(struct link_frame);
const size_t link_read_frame_size = sizeof(struct link_frame);
const size_t link_delete_frame_size = sizeof(struct link_frame);

static void unknown_issue(struct exchange *x)
{
	exchange_fail_field(x, "issue_id", "unknown", "There is no such issue.");
}

static void refused(struct exchange *x, struct str outcome)
{
	if (str_eq_z(outcome, "unknown_issue"))
		unknown_issue(x);
	else if (str_eq_z(outcome, "self"))
		exchange_fail_field(x, "issue_id", "conflict", "An issue is not linked to itself.");
	else if (str_eq_z(outcome, "exists"))
		exchange_fail(x, ERR_LINK_EXISTS);
	else if (str_eq_z(outcome, "cycle"))
		exchange_fail(x, ERR_LINK_CYCLE);
	else
		exchange_fail(x, str_eq_z(outcome, "forbidden") ? ERR_FORBIDDEN : ERR_NOT_FOUND);
}

/* Two that are made at the same time are told apart by the constraint. */
static void create_failed(struct exchange *x, const struct db_reply *reply)
{
	if (!reply->err)
		refused(x, handler_outcome(reply));
	else if (strcmp(reply->constraint, "issue_links_key") == 0)
		exchange_fail(x, ERR_LINK_EXISTS);
	else
		handler_db_failed(x, reply);
}

static struct db_reply *create(struct exchange *x, struct link_frame *f)
{
	const struct link_input *in = x->body;

	f->id = uuid_v7();
	return change_run(x, &statement_link_create,
			  &(struct link_create_args){
				  .caller = access_of(x),
				  .issue_id = REF_ID(&f->ref),
				  .key = REF_KEY(&f->ref),
				  .other_id = REF_ID(&f->other),
				  .other_key = REF_KEY(&f->other),
				  .type = in->type,
				  .id = f->id,
				  .event_id = uuid_v7(),
				  .other_event_id = uuid_v7(),
			  });
}

/* Where the new link is, seen from the issue of the path. */
static void answer_place(struct exchange *x, const struct link_frame *f)
{
	char issue[UUID_TEXT_LEN + 1] = { 0 }, collection[sizeof("issues//links") + UUID_TEXT_LEN];

	if (f->ref.is_id)
		uuid_format(&f->ref.id, issue);
	snprintf(collection, sizeof(collection), "issues/%s/links", f->ref.is_id ? issue : f->ref.key);
	answer_location(x, collection, &f->id);
}

enum co_state link_create(struct exchange *x, void *frame)
{
	struct link_frame *f = frame;
	const struct link_input *in = x->body;

	co_begin(f);
	if (!ref_issue(x, &f->ref))
		return CO_FAILED;
	if (!ref_parse_issue(in->issue_id, &f->other))
		co_fail(unknown_issue(x));
	f->reply = create(x, f);
	co_await(f, x, &f->reply->wait);
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(create_failed(x, f->reply));
	if (!answer_row(x, 201, &statement_link_create, f->reply->result[0], 0, NULL))
		return CO_FAILED;
	answer_place(x, f);
	co_end();
}

/* ---- one link ---- */

static bool read_path(struct exchange *x, struct link_frame *f)
{
	return ref_issue(x, &f->ref) && ref_uuid(x, 1, &f->id);
}

enum co_state link_read(struct exchange *x, void *frame)
{
	struct link_frame *f = frame;
	const struct read_query *query = x->query;

	co_begin(f);
	if (!read_path(x, f))
		return CO_FAILED;
	co_db(f, x, f->reply, link_by_id, .caller = access_of(x), .issue_id = REF_ID(&f->ref),
	      .key = REF_KEY(&f->ref), .id = f->id);
	if (PQntuples(f->reply->result[0]) == 0)
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	if (!answer_row(x, 200, &statement_link_by_id, f->reply->result[0], 0, &query->fields))
		return CO_FAILED;
	co_end();
}

enum co_state link_delete(struct exchange *x, void *frame)
{
	struct link_frame *f = frame;

	co_begin(f);
	if (!read_path(x, f))
		return CO_FAILED;
	co_db(f, x, f->reply, link_delete, .caller = access_of(x), .issue_id = REF_ID(&f->ref),
	      .key = REF_KEY(&f->ref), .id = f->id, .event_id = uuid_v7(), .other_event_id = uuid_v7());
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(refused(x, handler_outcome(f->reply)));
	x->response.status = 204;
	co_end();
}
