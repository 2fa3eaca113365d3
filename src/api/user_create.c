/* New people: who register themselves, and whom an admin creates. */
#include "api/answer.h"
#include "api/doer.h"
#include "api/hash_job.h"
#include "api/resource.h"
#include "db/row.h"
#include "domain/password.h"

struct newcomer {
	struct field_set given;
	struct str email, password, name, role;
};

#define AT(member) .offset = offsetof(struct newcomer, member)

/* What both bodies have. */
#define NEWCOMER_FIELDS                                                                                      \
	{ .name = "email",                                                                                   \
	  .type = FIELD_EMAIL,                                                                               \
	  .flags = FIELD_REQUIRED,                                                                           \
	  AT(email),                                                                                         \
	  .doc = "The e-mail; upper and lower case are the same.",                                           \
	  .example = "user@example.org" },                                                                   \
		{ .name = "password",                                                                        \
		  .type = FIELD_TEXT,                                                                        \
		  .flags = FIELD_REQUIRED | FIELD_SECRET | FIELD_BYTES,                                      \
		  AT(password),                                                                              \
		  .min = PASSWORD_MIN,                                                                       \
		  .max = PASSWORD_MAX,                                                                       \
		  .doc = "12 to 1,024 bytes; no other rule.",                                                \
		  .example = "correct horse battery staple" },                                               \
	{                                                                                                    \
		.name = "name", .type = FIELD_TEXT,                                                          \
		.flags = FIELD_REQUIRED | FIELD_NOT_BLANK | FIELD_SINGLE_LINE, AT(name), .min = 1,           \
		.max = 255, .doc = "How others see this person.", .example = "A new user"                    \
	}

static const struct enum_names role_enum = { "user_role", role_names, ROLE_COUNT };

static const struct field register_fields[] = { NEWCOMER_FIELDS };
static const struct field create_fields[] = {
	NEWCOMER_FIELDS,
	{ .name = "role",
	  .type = FIELD_ENUM,
	  AT(role),
	  .names = &role_enum,
	  .doc = "The global role; reporter unless told.",
	  .example = "developer" },
};

const struct shape register_shape = SHAPE(struct newcomer, "Register", register_fields, "A new user.");
const struct shape user_create_shape =
	SHAPE(struct newcomer, "UserCreate", create_fields, "A new user, created by an admin.");

struct create_frame {
	struct co co;
	struct work work;
	struct uuid id;
	struct db_reply *reply;
};
const size_t auth_register_frame_size = sizeof(struct create_frame);
const size_t user_create_frame_size = sizeof(struct create_frame);

static struct hash_job *hash_password(const struct exchange *x)
{
	const struct newcomer *in = x->body;

	return hash_job_new(&api_of(x)->config.password_cost, in->password);
}

static struct db_reply *insert_user(struct exchange *x, struct create_frame *f)
{
	const struct newcomer *in = x->body;
	const struct hash_job *job = f->work.result;
	struct user_create_args args = {
		.by = doer_of(x),
		.event = caller_of(x) ? STR("user_created") : STR("user_registered"),
		.id = f->id = uuid_v7(),
		.email = in->email,
		.name = in->name,
		.role = in->role.p ? in->role : STR("reporter"),
		.password_hash = str_of(job->made),
	};
	struct db_reply *reply = job->failed ? NULL : change_run(x, &statement_user_create, &args);

	work_release(&f->work);
	return reply;
}

static void refuse(struct exchange *x, struct str outcome)
{
	exchange_fail(x, str_eq_z(outcome, "email_taken") ? ERR_EMAIL_TAKEN : ERR_FORBIDDEN);
}

enum co_state user_create(struct exchange *x, void *frame)
{
	struct create_frame *f = frame;

	co_begin(f);
	co_work(f, x, f->work, &api_of(x)->hashing, hash_job_run, hash_password(x), sizeof(struct hash_job));
	f->reply = insert_user(x, f);
	if (!f->reply)
		co_fail(exchange_fail(x, ERR_INTERNAL));
	co_await(f, x, &f->reply->wait);
	if (f->reply->err)
		co_fail(handler_db_failed(x, f->reply));
	if (!handler_has_outcome(f->reply, "ok"))
		co_fail(refuse(x, handler_outcome(f->reply)));
	if (!answer_row(x, 201, &statement_user_create, f->reply->result[0], 0, NULL))
		return CO_FAILED;
	answer_location(x, "users", &f->id);
	co_end();
}

enum co_state auth_register(struct exchange *x, void *frame)
{
	struct create_frame *f = frame;

	if (f->co.line == 0 && !api_of(x)->config.registration_open) {
		exchange_fail_detail(x, ERR_REGISTRATION_CLOSED, "An admin has to create the account.");
		return CO_FAILED;
	}
	return user_create(x, frame);
}
