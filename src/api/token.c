/* One's own personal access tokens. */
#include "api/answer.h"
#include "api/caller_cache.h"
#include "api/doer.h"
#include "api/list.h"
#include "api/ref.h"
#include "api/resource.h"
#include "base/clock.h"
#include "db/row.h"
#include "domain/opaque.h"

#define TOKENS_MAX         100 /* a user may have */
#define TOKEN_PROJECTS_MAX 50  /* a token may be limited to */

/* ---- list ---- */

#define DEFAULT_SORT "-created_at"

struct token_list_query {
	struct field_set given;
	struct list_query list;
};

static const struct enum_names order_enum = { "token_order", token_list_order_names, TOKEN_LIST_ORDERS };
static const struct field list_fields[] = { LIST_FIELDS(struct token_list_query, order_enum, DEFAULT_SORT) };
const struct shape token_list_query_shape =
	SHAPE(struct token_list_query, "TokenListQuery", list_fields, "How to list tokens.");

static const struct list_kind kind = LIST_KIND(token_list, TOKEN_LIST, DEFAULT_SORT);

struct list_frame {
	struct co co;
	struct list_run run;
	struct token_list_args args;
};
const size_t token_list_frame_size = sizeof(struct list_frame);

static bool plan(struct exchange *x, struct list_frame *f, const struct token_list_query *q)
{
	f->args.viewer = caller_of(x)->id;
	return list_plan(x, &f->run, &kind, &q->list);
}

enum co_state token_list(struct exchange *x, void *frame)
{
	struct list_frame *f = frame;

	co_begin(f);
	if (!plan(x, f, x->query))
		return CO_FAILED;
	co_call(f, list_answer(x, &f->run, &f->args, &f->args.limit, &f->args.offset));
	co_end();
}

/* ---- create ---- */

struct token_input {
	struct field_set given;
	struct str name;
	struct field_values scopes, project_ids;
	int64_t expires_at;
};

enum { INPUT_NAME, INPUT_SCOPES, INPUT_PROJECTS, INPUT_EXPIRES };

static const struct enum_names scope_enum = { "token_scope", scope_names, SCOPE_COUNT };

#define AT(member) .offset = offsetof(struct token_input, member)
static const struct field create_fields[] = {
	[INPUT_NAME] = { .name = "name",
			 .type = FIELD_TEXT,
			 .flags = FIELD_REQUIRED | FIELD_NOT_BLANK | FIELD_SINGLE_LINE,
			 AT(name),
			 .min = 1,
			 .max = 100,
			 .doc = "What it is for.",
			 .example = "Nightly import" },
	[INPUT_SCOPES] = { .name = "scopes",
			   .type = FIELD_ENUM,
			   .flags = FIELD_REQUIRED | FIELD_REPEATED,
			   AT(scopes),
			   .min = 1,
			   .max = SCOPE_COUNT,
			   .names = &scope_enum,
			   .doc = "What it may do, as far as its owner's role allows.",
			   .example = "issues:read" },
	[INPUT_PROJECTS] = { .name = "project_ids",
			     .type = FIELD_UUID,
			     .flags = FIELD_REPEATED | FIELD_NULLABLE,
			     AT(project_ids),
			     .min = 1,
			     .max = TOKEN_PROJECTS_MAX,
			     .doc = "The projects that it is limited to; null: none, it may act in all." },
	[INPUT_EXPIRES] = { .name = "expires_at",
			    .type = FIELD_TIMESTAMP,
			    .flags = FIELD_NULLABLE,
			    AT(expires_at),
			    .doc = "When it stops; null: never.",
			    .example = "2027-11-20T00:00:00Z" },
};

const struct shape token_create_shape =
	SHAPE(struct token_input, "TokenCreate", create_fields, "A new personal access token.");

struct create_frame {
	struct co co;
	struct uuid id;
	char token[OPAQUE_MAX];
	struct db_reply *reply;
};
const size_t token_create_frame_size = sizeof(struct create_frame);

static bool is_given(const struct token_input *in, int place)
{
	return field_given(&in->given, place) && !field_null(&in->given, place);
}

/* What needs no project cannot be limited to some. */
static bool scopes_fit(struct exchange *x, const struct token_input *in)
{
	const struct str *scopes = in->scopes.v;

	for (size_t i = 0; is_given(in, INPUT_PROJECTS) && i < in->scopes.n; i++) {
		if (!str_starts(scopes[i], STR("issues:")) && !str_starts(scopes[i], STR("projects:"))) {
			exchange_fail_field(x, "scopes", "conflict",
					    "A token that is limited to projects has scopes of issues and "
					    "projects only.");
			return false;
		}
	}
	return true;
}

static bool expiry_fits(struct exchange *x, const struct token_input *in)
{
	if (!is_given(in, INPUT_EXPIRES) || in->expires_at > clock_now_us())
		return true;
	exchange_fail_field(x, "expires_at", "out_of_range", "A token expires in the future.");
	return false;
}

static bool input_fits(struct exchange *x)
{
	bool scopes = scopes_fit(x, x->body);

	return expiry_fits(x, x->body) && scopes;
}

static struct db_reply *create(struct exchange *x, struct create_frame *f)
{
	const struct token_input *in = x->body;
	const struct db_array projects = { in->project_ids.v, in->project_ids.n };
	uint8_t hash[OPAQUE_HASH_LEN];

	f->id = uuid_v7();
	opaque_make(OPAQUE_PERSONAL, f->token);
	opaque_hash(str_of(f->token), hash);
	return change_run(x, &statement_token_create,
			  &(struct token_create_args){
				  .caller = access_of(x),
				  .by = doer_of(x),
				  .id = f->id,
				  .hash = { (const char *)hash, sizeof(hash) },
				  .name = in->name,
				  .scopes = { in->scopes.v, in->scopes.n },
				  .project_ids = is_given(in, INPUT_PROJECTS) ? &projects : NULL,
				  .expires_at = is_given(in, INPUT_EXPIRES) ? &in->expires_at : NULL,
				  .most = TOKENS_MAX,
			  });
}

static void refuse(struct exchange *x, struct str outcome)
{
	if (str_eq_z(outcome, "too_many"))
		exchange_fail(x, ERR_TOO_MANY_TOKENS);
	else
		exchange_fail_field(x, "project_ids", "unknown", "One of these projects is not there.");
}

/* The only answer that ever holds the token. */
static void answer_created(struct exchange *x, const struct create_frame *f)
{
	const PGresult *r = f->reply->result[0];
	struct json j = response_json(&x->response, 201);

	json_object_begin(&j);
	row_write_fields(&j, row_shape(&statement_token_create, r), r, 0, UINT64_MAX);
	json_key_raw(&j, JSON_KEY("token"));
	json_str(&j, str_of(f->token));
	json_object_end(&j);
	answer_location(x, "users/me/tokens", &f->id);
}

enum co_state token_create(struct exchange *x, void *frame)
{
	struct create_frame *f = frame;

	co_begin(f);
	if (!input_fits(x))
		return CO_FAILED;
	f->reply = create(x, f);
	co_await(f, x, &f->reply->wait);
	if (f->reply->err)
		co_fail(handler_db_failed(x, f->reply));
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(refuse(x, handler_outcome(f->reply)));
	answer_created(x, f);
	co_end();
}

/* ---- delete ---- */

struct delete_frame {
	struct co co;
	struct uuid id;
	struct db_reply *reply;
};
const size_t token_delete_frame_size = sizeof(struct delete_frame);

enum co_state token_delete(struct exchange *x, void *frame)
{
	struct delete_frame *f = frame;

	co_begin(f);
	if (!ref_uuid(x, 0, &f->id))
		return CO_FAILED;
	co_db(f, x, f->reply, token_delete, .by = doer_of(x), .id = f->id);
	caller_cache_forget(api_of(x)->callers, &f->id);
	if (PQntuples(f->reply->result[0]) == 0)
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	x->response.status = 204;
	co_end();
}
