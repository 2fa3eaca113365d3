/* Registration and login. */
#include "api/answer.h"
#include "api/resource.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "domain/password.h"

#include <string.h>

struct credentials {
	struct field_set given;
	struct str email, password, name;
};

#define AT(member) .offset = offsetof(struct credentials, member)

#define EMAIL_FIELD                                                                                          \
	{                                                                                                    \
		.name = "email", .type = FIELD_EMAIL, .flags = FIELD_REQUIRED, AT(email),                    \
		.doc = "The e-mail; upper and lower case are the same.", .example = "user@example.org"       \
	}

static const struct field register_fields[] = {
	EMAIL_FIELD,
	{ .name = "password",
	  .type = FIELD_TEXT,
	  .flags = FIELD_REQUIRED | FIELD_SECRET | FIELD_BYTES,
	  AT(password),
	  .min = PASSWORD_MIN,
	  .max = PASSWORD_MAX,
	  .doc = "12 to 1,024 bytes; no other rule.",
	  .example = "correct horse battery staple" },
	{ .name = "name",
	  .type = FIELD_TEXT,
	  .flags = FIELD_REQUIRED | FIELD_NOT_BLANK | FIELD_SINGLE_LINE,
	  AT(name),
	  .min = 1,
	  .max = 255,
	  .doc = "How others see this person.",
	  .example = "A new user" },
};

static const struct field login_fields[] = {
	EMAIL_FIELD,
	{ .name = "password",
	  .type = FIELD_TEXT,
	  .flags = FIELD_REQUIRED | FIELD_SECRET,
	  AT(password),
	  .doc = "The password.",
	  .example = "correct horse battery staple" },
};

const struct shape register_shape = SHAPE(struct credentials, "Register", register_fields, "A new user.");
const struct shape login_shape = SHAPE(struct credentials, "Login", login_fields, "Who signs in.");

/* What a thread hashes or verifies; it owns its copy of the password. */
struct hash_job {
	struct password_cost cost;
	char hash[PASSWORD_HASH_MAX]; /* verified against, or made */
	bool ok;
	size_t password_length;
	char password[PASSWORD_MAX];
};

static struct hash_job *new_job(struct str password)
{
	struct hash_job *job = mem_zalloc(1, sizeof(*job));

	job->password_length = password.n < PASSWORD_MAX ? password.n : PASSWORD_MAX;
	memcpy(job->password, password.p, job->password_length);
	return job;
}

static void run_hash(void *input)
{
	struct hash_job *job = input;

	job->ok = password_hash((struct str){ job->password, job->password_length }, &job->cost, job->hash);
}

static void run_verify(void *input)
{
	struct hash_job *job = input;

	job->ok = password_verify(str_of(job->hash), (struct str){ job->password, job->password_length });
}

/* ---- register ---- */

struct register_frame {
	struct co co;
	struct work work;
	struct hash_job *job;
	struct uuid id;
	struct db_reply *reply;
};
const size_t auth_register_frame_size = sizeof(struct register_frame);

static struct hash_job *register_job(const struct exchange *x)
{
	const struct credentials *in = x->body;
	struct hash_job *job = new_job(in->password);

	job->cost = api_of(x)->config.password_cost;
	return job;
}

static void copy_hash(struct exchange *x, struct work *work, struct str *out, bool *ok)
{
	const struct hash_job *job = work->result;

	*ok = job->ok;
	*out = arena_str(&x->arena, str_of(job->hash));
	work_release(work);
}

static struct db_reply *insert_user(struct exchange *x, struct register_frame *f)
{
	const struct credentials *in = x->body;
	struct user_register_args args = { .email = in->email, .name = in->name, .role = STR("reporter") };
	bool ok;

	copy_hash(x, &f->work, &args.password_hash, &ok);
	if (!ok)
		return NULL;
	f->id = args.id = uuid_v7();
	return db_run(api_of(x)->db, &x->arena, &statement_user_register, &args);
}

enum co_state auth_register(struct exchange *x, void *frame)
{
	struct register_frame *f = frame;

	co_begin(f);
	if (!api_of(x)->config.registration_open)
		co_fail(exchange_fail(x, ERR_REGISTRATION_CLOSED));
	co_work(f, x, f->work, &api_of(x)->hashing, run_hash, register_job(x), sizeof(struct hash_job));
	f->reply = insert_user(x, f);
	if (!f->reply)
		co_fail(exchange_fail(x, ERR_INTERNAL));
	co_await(f, x, &f->reply->wait);
	if (f->reply->err)
		co_fail(handler_db_failed(x, f->reply));
	if (PQntuples(f->reply->result[0]) == 0)
		co_fail(exchange_fail(x, ERR_EMAIL_TAKEN));
	if (!answer_row(x, 201, &statement_user_register, f->reply->result[0], 0, NULL))
		return CO_FAILED;
	answer_location(x, "users", &f->id);
	co_end();
}

/* ---- login ---- */

struct login_frame {
	struct co co;
	struct work work;
	struct db_reply *reply;
	struct uuid user;
	bool known;
};
const size_t auth_login_frame_size = sizeof(struct login_frame);

/* An unknown e-mail costs the same work as a wrong password, so that nobody can tell them apart. */
static struct hash_job *login_job(const struct exchange *x, struct login_frame *f)
{
	const struct credentials *in = x->body;
	const PGresult *r = f->reply->result[0];
	struct hash_job *job = new_job(in->password);
	struct str hash = str_of(api_of(x)->nobody_hash);

	f->known = PQntuples(r) == 1 && row_bool(r, 0, 2) && in->password.n <= PASSWORD_MAX;
	if (PQntuples(r) == 1) {
		f->user = row_uuid(r, 0, 0);
		hash = row_text(r, 0, 1);
	}
	if (hash.n < sizeof(job->hash))
		memcpy(job->hash, hash.p, hash.n);
	return job;
}

static bool verified(struct login_frame *f)
{
	const struct hash_job *job = f->work.result;
	bool ok = f->known && job->ok;

	work_release(&f->work);
	return ok;
}

static void answer_tokens(struct exchange *x, const struct uuid *user)
{
	const struct api *api = api_of(x);
	int64_t now = clock_now_us() / 1000000;
	int64_t ttl = (int64_t)(api->config.access_token_ttl_ms / 1000);
	struct jwt_claims claims = {
		.sub = *user, .sid = uuid_v7(), .jti = uuid_v7(), .iat = now, .exp = now + ttl
	};
	struct buf token = { 0 };
	struct json j;

	jwt_sign(api->keys, &claims, &token);
	response_header(&x->response, "Cache-Control", STR("no-store"));
	j = response_json(&x->response, 200);
	json_object_begin(&j);
	json_key_raw(&j, JSON_KEY("access_token"));
	json_str(&j, buf_str(&token));
	json_key_raw(&j, JSON_KEY("token_type"));
	json_str(&j, STR("Bearer"));
	json_key_raw(&j, JSON_KEY("expires_in"));
	json_int(&j, ttl);
	json_object_end(&j);
	explicit_bzero(token.p, token.n);
	buf_free(&token);
}

enum co_state auth_login(struct exchange *x, void *frame)
{
	struct login_frame *f = frame;
	const struct credentials *in = x->body;

	co_begin(f);
	co_db(f, x, f->reply, user_for_login, .email = in->email);
	co_work(f, x, f->work, &api_of(x)->hashing, run_verify, login_job(x, f), sizeof(struct hash_job));
	if (!verified(f))
		co_fail(exchange_fail(x, ERR_BAD_CREDENTIALS));
	answer_tokens(x, &f->user);
	co_end();
}
