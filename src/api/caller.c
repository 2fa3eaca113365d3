#include "api/caller.h"

#include "api/handler.h"
#include "api/idempotency.h"
#include "api/rate_limit.h"
#include "api/reading.h"
#include "api/token_use.h"
#include "base/clock.h"
#include "base/mem.h"
#include "db/row.h"
#include "domain/opaque.h"

#include <stdlib.h>
#include <string.h>

struct str caller_role(const struct caller *c)
{
	return str_of(role_names[c->role]);
}

/* ---- the credential ---- */

/* The token of "Authorization: Bearer …" (RFC 6750, section 2.1); absent unless there is exactly one field. */
static struct str bearer_token(const struct exchange *x)
{
	struct str v;

	if (request_header_count(&x->request, "authorization") != 1)
		return STR_NONE;
	v = request_header(&x->request, "authorization");
	if (v.n < 7 || !str_ieq_z((struct str){ v.p, 7 }, "Bearer "))
		return STR_NONE;
	return str_trim((struct str){ v.p + 7, v.n - 7 });
}

static bool read_credential(const struct exchange *x, struct credential *out)
{
	struct str token = bearer_token(x);
	struct jwt_claims claims;

	out->personal = opaque_valid(token, OPAQUE_PERSONAL);
	if (out->personal) {
		opaque_hash(token, out->key);
		return true;
	}
	if (!jwt_verify(api_of(x)->keys, token, clock_now_us() / 1000000, &claims))
		return false;
	memcpy(out->key, claims.sid.b, sizeof(claims.sid));
	memcpy(out->key + sizeof(claims.sid), claims.sub.b, sizeof(claims.sub));
	return true;
}

static struct db_reply *ask_for_standing(struct exchange *x, const struct credential *credential)
{
	struct api *api = api_of(x);
	struct session_state_args session;

	if (credential->personal)
		return db_run(api->db, &x->arena, &statement_token_state,
			      &(struct token_state_args){
				      .hash = { (const char *)credential->key, sizeof(credential->key) } });
	memcpy(session.id.b, credential->key, sizeof(session.id));
	memcpy(session.user_id.b, credential->key + sizeof(session.id), sizeof(session.user_id));
	return db_run(api->db, &x->arena, &statement_session_state, &session);
}

/* ---- what it stands for ---- */

/* Ids separated by spaces, into the heap. */
static struct db_array read_projects(struct str list)
{
	struct db_array out = { 0 };
	struct uuid *ids = list.p ? mem_zalloc(list.n / UUID_TEXT_LEN + 1, sizeof(*ids)) : NULL;

	while (list.p && uuid_parse(str_cut(&list, ' '), &ids[out.n]))
		out.n++;
	out.v = ids;
	return out;
}

static bool read_session(const PGresult *r, const struct credential *credential, struct standing *out)
{
	memcpy(out->id.b, credential->key, sizeof(out->id));
	memcpy(out->user.b, credential->key + sizeof(out->id), sizeof(out->user));
	out->expires_at = row_timestamp(r, 0, 1);
	return role_parse(row_text(r, 0, 0), &out->role);
}

static bool read_personal(const PGresult *r, struct standing *out)
{
	out->personal = true;
	out->id = row_uuid(r, 0, 0);
	out->user = row_uuid(r, 0, 1);
	out->expires_at = row_is_null(r, 0, 3) ? INT64_MAX : row_timestamp(r, 0, 3);
	out->scopes = scope_set_parse(row_text(r, 0, 4));
	if (!role_parse(row_text(r, 0, 2), &out->role))
		return false;
	out->only = read_projects(row_text(r, 0, 5));
	return true;
}

static bool read_standing(const struct db_reply *reply, const struct credential *credential,
			  struct standing *out)
{
	const PGresult *r = reply->result[0];

	if (PQntuples(r) != 1)
		return false;
	return credential->personal ? read_personal(r, out) : read_session(r, credential, out);
}

/* ---- whether it is enough ---- */

static const struct db_array *copy_projects(struct exchange *x, const struct db_array *only)
{
	struct db_array *copy;
	struct uuid *ids;

	if (!only->v)
		return NULL;
	copy = arena_new(&x->arena, struct db_array);
	ids = arena_array(&x->arena, struct uuid, only->n);
	memcpy(ids, only->v, only->n * sizeof(*ids));
	*copy = (struct db_array){ ids, only->n };
	return copy;
}

static const struct caller *admit(struct exchange *x, const struct standing *s)
{
	struct caller *c = arena_new(&x->arena, struct caller);
	char text[UUID_TEXT_LEN];

	*c = (struct caller){ .id = s->user,
			      .session = s->id,
			      .personal = s->personal,
			      .role = s->role,
			      .only = copy_projects(x, &s->only) };
	uuid_format(&s->user, text);
	x->user = arena_str(&x->arena, (struct str){ text, sizeof(text) });
	x->context = c;
	return c;
}

static enum err judge(const struct exchange *x, const struct standing *s, const struct caller *c)
{
	enum permission permission = (enum permission)x->route->permission;
	bool global = permission_place(permission) == PLACE_TRACKER;

	if (s->personal && !scope_set_has(s->scopes, permission_scope(permission)))
		return ERR_SCOPE;
	/* A token that is limited to projects does nothing outside of them. */
	if (global && c->only && permission_scope(permission) != SCOPE_ANY)
		return ERR_FORBIDDEN;
	return global && !role_may(c->role, permission) ? ERR_FORBIDDEN : ERR_NONE;
}

static enum co_state permit(struct exchange *x, struct standing *s)
{
	enum err refused = judge(x, s, admit(x, s));

	if (s->personal)
		token_use_note(api_of(x)->token_use, s);
	if (!rate_limit_admit(x, x->context))
		return CO_FAILED;
	reading_begin(x);
	if (refused == ERR_NONE)
		return idempotency_begin(x) ? CO_DONE : CO_FAILED;
	if (refused == ERR_FORBIDDEN && role_may(s->role, (enum permission)x->route->permission))
		exchange_fail_detail(x, refused,
				     "The token is limited to projects, and this is in none of them.");
	else
		exchange_fail(x, refused);
	return CO_FAILED;
}

void caller_add_challenge(struct exchange *x)
{
	enum scope scope = permission_scope((enum permission)x->route->permission);

	if (scope < SCOPE_COUNT)
		response_header_printf(&x->response, "WWW-Authenticate",
				       "Bearer realm=\"bugd\", error=\"insufficient_scope\", scope=\"%s\"",
				       scope_names[scope]);
}

struct str caller_lacks(struct exchange *x)
{
	enum permission permission = (enum permission)x->route->permission;
	enum scope scope = permission_scope(permission);

	if (x->problem.err != ERR_SCOPE)
		return arena_printf(&x->arena, "From the role %s on one may %s.",
				    role_names[permission_lowest(permission)], permission_doc(permission));
	if (scope >= SCOPE_COUNT)
		return STR("No personal access token may do this; it takes signing in.");
	return arena_printf(&x->arena, "The token needs the scope %s.", scope_names[scope]);
}

/* ---- the gate ---- */

/* One who shows no token, or a wrong one, may not try for ever. */
static void refuse_stranger(struct exchange *x)
{
	if (rate_limit_stranger(x))
		exchange_fail(x, ERR_UNAUTHENTICATED);
}

struct gate_frame {
	struct co co;
	struct credential credential;
	struct standing *known, fresh; /* known is not used behind the await */
	struct db_reply *reply;
	uint64_t mark;
};

const size_t caller_gate_frame_size = sizeof(struct gate_frame);

enum co_state caller_gate(struct exchange *x, void *frame)
{
	struct gate_frame *f = frame;
	struct caller_cache *cache = api_of(x)->callers;
	enum co_state verdict;

	co_begin(f);
	if (x->route->permission == PERM_PUBLIC)
		return rate_limit_admit(x, NULL) && idempotency_begin(x) ? CO_DONE : CO_FAILED;
	if (!read_credential(x, &f->credential))
		co_fail(refuse_stranger(x));
	f->known = caller_cache_find(cache, &f->credential);
	if (f->known)
		return permit(x, f->known);
	f->mark = caller_cache_mark(cache);
	f->reply = ask_for_standing(x, &f->credential);
	co_await(f, x, &f->reply->wait);
	if (f->reply->err)
		co_fail(handler_db_failed(x, f->reply));
	if (!read_standing(f->reply, &f->credential, &f->fresh))
		co_fail(refuse_stranger(x));
	verdict = permit(x, &f->fresh);
	caller_cache_keep(cache, &f->credential, &f->fresh, f->mark);
	return verdict;
	co_end();
}
