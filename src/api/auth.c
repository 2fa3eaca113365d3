/* Signing in, staying signed in, signing out. */
#include "api/answer.h"
#include "api/caller_cache.h"
#include "api/doer.h"
#include "api/guess.h"
#include "api/resource.h"
#include "base/clock.h"
#include "base/log.h"
#include "db/row.h"
#include "domain/opaque.h"

#include <string.h>

/* ---- the pair of tokens ---- */

/* A new refresh token and its hash, in the exchange's arena. */
static struct str make_refresh_token(struct exchange *x, struct str *hash)
{
	char *token = arena_alloc(&x->arena, OPAQUE_MAX);
	uint8_t *digest = arena_alloc(&x->arena, OPAQUE_HASH_LEN);

	opaque_make(OPAQUE_REFRESH, token);
	opaque_hash(str_of(token), digest);
	*hash = (struct str){ (const char *)digest, OPAQUE_HASH_LEN };
	return str_of(token);
}

static int64_t session_end_time(const struct exchange *x)
{
	return clock_now_us() + (int64_t)api_of(x)->config.refresh_token_ttl_ms * 1000;
}

static void answer_tokens(struct exchange *x, const struct uuid *user, const struct uuid *session,
			  struct str refresh_token)
{
	const struct api *api = api_of(x);
	int64_t now = clock_now_us() / 1000000;
	int64_t ttl = (int64_t)(api->config.access_token_ttl_ms / 1000);
	struct jwt_claims claims = {
		.sub = *user, .sid = *session, .jti = uuid_v7(), .iat = now, .exp = now + ttl
	};
	struct buf token = { 0 };
	struct json j;

	jwt_sign(api->keys, &claims, &token);
	j = response_json(&x->response, 200);
	json_object_begin(&j);
	json_key_raw(&j, JSON_KEY("access_token"));
	json_str(&j, buf_str(&token));
	json_key_raw(&j, JSON_KEY("token_type"));
	json_str(&j, STR("Bearer"));
	json_key_raw(&j, JSON_KEY("expires_in"));
	json_int(&j, ttl);
	json_key_raw(&j, JSON_KEY("refresh_token"));
	json_str(&j, refresh_token);
	json_object_end(&j);
	explicit_bzero(token.p, token.n);
	buf_free(&token);
}

/* ---- login ---- */

struct credentials {
	struct field_set given;
	struct str email, password;
};

static const struct field login_fields[] = {
	{ .name = "email",
	  .type = FIELD_EMAIL,
	  .flags = FIELD_REQUIRED,
	  .offset = offsetof(struct credentials, email),
	  .doc = "The e-mail; upper and lower case are the same.",
	  .example = "user@example.org" },
	{ .name = "password",
	  .type = FIELD_TEXT,
	  .flags = FIELD_REQUIRED | FIELD_SECRET,
	  .offset = offsetof(struct credentials, password),
	  .doc = "The password.",
	  .example = "correct horse battery staple" },
};
const struct shape login_shape = SHAPE(struct credentials, "Login", login_fields, "Who signs in.");

struct login_frame {
	struct co co;
	struct guess guess;
	struct uuid session;
	struct str refresh_token;
	struct db_reply *reply;
};
const size_t auth_login_frame_size = sizeof(struct login_frame);

static void prepare_guess(struct exchange *x, struct login_frame *f)
{
	const struct credentials *in = x->body;

	f->guess.email = in->email;
	f->guess.password = in->password;
}

static struct db_reply *begin_session(struct exchange *x, struct login_frame *f)
{
	const struct guess *g = &f->guess;
	struct session_begin_args args = {
		.by = doer_of(x),
		.id = f->session = uuid_v7(),
		.user_id = g->user,
		.password_changed_at = g->password_changed_at,
		.origin = str_of(g->origin),
		.expires_at = session_end_time(x),
		.usual_key = g->usual_key,
		.new_hash = g->made,
	};

	f->refresh_token = make_refresh_token(x, &args.refresh_hash);
	return change_run(x, &statement_session_begin, &args);
}

enum co_state auth_login(struct exchange *x, void *frame)
{
	struct login_frame *f = frame;

	co_begin(f);
	prepare_guess(x, f);
	co_call(f, guess_run(x, &f->guess));
	if (!f->guess.right)
		co_fail(exchange_fail(x, ERR_BAD_CREDENTIALS));
	f->reply = begin_session(x, f);
	co_await(f, x, &f->reply->wait);
	if (f->reply->err)
		co_fail(handler_db_failed(x, f->reply));
	if (PQntuples(f->reply->result[0]) == 0)
		co_fail(exchange_fail(x, ERR_BAD_CREDENTIALS));
	answer_tokens(x, &f->guess.user, &f->session, f->refresh_token);
	co_end();
}

/* ---- refresh ---- */

struct refresh_input {
	struct field_set given;
	struct str refresh_token;
};

static const struct field refresh_fields[] = {
	{ .name = "refresh_token",
	  .type = FIELD_TEXT,
	  .flags = FIELD_REQUIRED | FIELD_SECRET,
	  .offset = offsetof(struct refresh_input, refresh_token),
	  .doc = "The last one that was given out." },
};
const struct shape refresh_shape =
	SHAPE(struct refresh_input, "Refresh", refresh_fields, "What a new pair of tokens is given for.");

struct refresh_frame {
	struct co co;
	struct str refresh_token;
	struct db_reply *reply;
};
const size_t auth_refresh_frame_size = sizeof(struct refresh_frame);

static struct db_reply *rotate(struct exchange *x, struct refresh_frame *f)
{
	const struct refresh_input *in = x->body;
	uint8_t hash[OPAQUE_HASH_LEN];
	char origin[THROTTLE_ORIGIN_MAX];
	struct session_refresh_args args = {
		.by = doer_of(x),
		.hash = { (const char *)hash, sizeof(hash) },
		.expires_at = session_end_time(x),
	};

	opaque_hash(in->refresh_token, hash);
	throttle_origin(x->request.client, origin);
	args.origin = str_of(origin);
	f->refresh_token = make_refresh_token(x, &args.fresh_hash);
	return change_run(x, &statement_session_refresh, &args);
}

static void log_reuse(const struct exchange *x, const struct uuid *session)
{
	char text[UUID_TEXT_LEN];

	uuid_format(session, text);
	log_begin(LOG_WARN, "auth", "a refresh token was used twice; its session is ended");
	log_str("session", (struct str){ text, sizeof(text) });
	log_str("request_id", x->request_id);
	log_end();
}

/* Somebody has a copy: the session was ended. */
static void reused(struct exchange *x, const PGresult *r)
{
	struct uuid session = row_uuid(r, 0, 1);

	caller_cache_forget(api_of(x)->callers, &session);
	log_reuse(x, &session);
}

/* Unknown, used, of a session that is over: they all look the same. */
static enum co_state answer_refresh(struct exchange *x, const struct refresh_frame *f)
{
	const PGresult *r = f->reply->result[0];
	struct uuid session, user;

	if (PQntuples(r) == 0 || !row_bool(r, 0, 0)) {
		if (PQntuples(r))
			reused(x, r);
		exchange_fail(x, ERR_BAD_REFRESH);
		return CO_FAILED;
	}
	session = row_uuid(r, 0, 1);
	user = row_uuid(r, 0, 2);
	answer_tokens(x, &user, &session, f->refresh_token);
	return CO_DONE;
}

static bool looks_right(struct exchange *x)
{
	const struct refresh_input *in = x->body;

	if (opaque_valid(in->refresh_token, OPAQUE_REFRESH))
		return true;
	exchange_fail(x, ERR_BAD_REFRESH);
	return false;
}

enum co_state auth_refresh(struct exchange *x, void *frame)
{
	struct refresh_frame *f = frame;

	co_begin(f);
	if (!looks_right(x))
		return CO_FAILED;
	f->reply = rotate(x, f);
	co_await(f, x, &f->reply->wait);
	if (f->reply->err)
		co_fail(handler_db_failed(x, f->reply));
	return answer_refresh(x, f);
	co_end();
}

/* ---- logout ---- */

struct logout_frame {
	struct co co;
	struct db_reply *reply;
};
const size_t auth_logout_frame_size = sizeof(struct logout_frame);

enum co_state auth_logout(struct exchange *x, void *frame)
{
	struct logout_frame *f = frame;

	co_begin(f);
	co_change(f, x, f->reply, session_end, .by = doer_of(x), .id = caller_of(x)->session,
		  .event = STR("logout"));
	caller_cache_forget(api_of(x)->callers, &caller_of(x)->session);
	x->response.status = 204;
	co_end();
}
