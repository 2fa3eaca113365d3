/* People: what they change of themselves, and what admins change of them. */
#include "api/answer.h"
#include "api/caller_cache.h"
#include "api/doer.h"
#include "api/guess.h"
#include "api/ref.h"
#include "api/resource.h"
#include "db/row.h"

struct user_input {
	struct field_set given;
	struct str name, role, current_password, new_password;
	bool is_active;
};

enum { INPUT_NAME, INPUT_ROLE, INPUT_ACTIVE };

#define AT(member) .offset = offsetof(struct user_input, member)
#define NAME_FIELD(more_flags)                                                                               \
	{                                                                                                    \
		.name = "name", .type = FIELD_TEXT,                                                          \
		.flags = FIELD_NOT_BLANK | FIELD_SINGLE_LINE | (more_flags), AT(name), .min = 1, .max = 255, \
		.doc = "How others see this person.", .example = "A better name"                             \
	}

static const struct enum_names role_enum = { "user_role", role_names, ROLE_COUNT };

static const struct field patch_fields[] = {
	[INPUT_NAME] = NAME_FIELD(0),
	[INPUT_ROLE] = { .name = "role",
			 .type = FIELD_ENUM,
			 AT(role),
			 .names = &role_enum,
			 .doc = "The global role.",
			 .example = "developer" },
	[INPUT_ACTIVE] = { .name = "is_active",
			   .type = FIELD_BOOL,
			   AT(is_active),
			   .doc = "Whether the user may sign in; false ends all sessions and tokens at once." },
};
static const struct field rename_fields[] = { NAME_FIELD(FIELD_REQUIRED) };
static const struct field password_fields[] = {
	{ .name = "current_password",
	  .type = FIELD_TEXT,
	  .flags = FIELD_REQUIRED | FIELD_SECRET,
	  AT(current_password),
	  .doc = "The password until now.",
	  .example = "correct horse battery staple" },
	{ .name = "new_password",
	  .type = FIELD_TEXT,
	  .flags = FIELD_REQUIRED | FIELD_SECRET | FIELD_BYTES,
	  AT(new_password),
	  .min = PASSWORD_MIN,
	  .max = PASSWORD_MAX,
	  .doc = "12 to 1,024 bytes; no other rule.",
	  .example = "another horse, another battery" },
};

const struct shape user_patch_shape =
	SHAPE(struct user_input, "UserPatch", patch_fields, "What to change; absent fields stay.");
const struct shape user_rename_shape =
	SHAPE(struct user_input, "ProfilePatch", rename_fields, "What to change of one's own profile.");
const struct shape user_password_shape =
	SHAPE(struct user_input, "PasswordChange", password_fields, "A new password.");

/* ---- the own profile ---- */

struct rename_frame {
	struct co co;
	struct db_reply *reply;
};
const size_t user_rename_frame_size = sizeof(struct rename_frame);

enum co_state user_rename(struct exchange *x, void *frame)
{
	struct rename_frame *f = frame;
	const struct user_input *in = x->body;

	co_begin(f);
	co_db(f, x, f->reply, user_rename, .id = caller_of(x)->id, .name = in->name);
	if (PQntuples(f->reply->result[0]) == 0)
		co_fail(exchange_fail(x, ERR_UNAUTHENTICATED));
	if (!answer_row(x, 200, &statement_user_rename, f->reply->result[0], 0, NULL))
		return CO_FAILED;
	co_end();
}

/* ---- the own password ---- */

struct password_frame {
	struct co co;
	struct guess guess;
	struct db_reply *reply;
};
const size_t user_set_password_frame_size = sizeof(struct password_frame);

static void prepare_guess(struct exchange *x, struct password_frame *f)
{
	const struct user_input *in = x->body;

	f->guess.id = &caller_of(x)->id;
	f->guess.password = in->current_password;
	f->guess.next = in->new_password;
}

/* A login that is under way is waited for, so that its session is seen, and ended, too. */
static struct db_reply *change_password(struct exchange *x, const struct guess *g)
{
	struct op *op = change_begin(x);

	db_add(op, &statement_user_lock, &(struct user_lock_args){ .id = caller_of(x)->id });
	db_add(op, &statement_user_set_password,
	       &(struct user_set_password_args){ .by = doer_of(x),
						 .id = caller_of(x)->id,
						 .password_changed_at = &g->password_changed_at,
						 .password_hash = g->made });
	return change_submit(x, op);
}

enum co_state user_set_password(struct exchange *x, void *frame)
{
	struct password_frame *f = frame;

	co_begin(f);
	prepare_guess(x, f);
	co_call(f, guess_run(x, &f->guess));
	if (!f->guess.right)
		co_fail(exchange_fail_field(x, "current_password", "wrong", "This is not the password."));
	f->reply = change_password(x, &f->guess);
	co_await(f, x, &f->reply->wait);
	if (f->reply->err)
		co_fail(handler_db_failed(x, f->reply));
	if (PQntuples(f->reply->result[1]) == 0)
		co_fail(exchange_fail_detail(x, ERR_CONFLICT, "The password was changed at the same time."));
	caller_cache_forget(api_of(x)->callers, &caller_of(x)->id);
	x->response.status = 204;
	co_end();
}

/* ---- others, by admins ---- */

struct patch_frame {
	struct co co;
	struct uuid id;
	struct db_reply *reply;
};
const size_t user_patch_frame_size = sizeof(struct patch_frame);

static struct db_reply *update(struct exchange *x, const struct patch_frame *f)
{
	const struct user_input *in = x->body;
	struct user_update_args args = {
		.by = doer_of(x),
		.id = f->id,
		.name = in->name,
		.role = in->role,
		.is_active = field_given(&in->given, INPUT_ACTIVE) ? &in->is_active : NULL,
	};
	bool takes_power = (args.role.p && !str_eq_z(args.role, role_names[ROLE_ADMIN])) ||
			   (args.is_active && !*args.is_active);
	struct op *op = db_begin(api_of(x)->db, DB_WRITE);

	db_add(op, &statement_user_lock, &(struct user_lock_args){ .id = f->id, .admins = takes_power });
	db_add(op, &statement_user_update, &args);
	return db_submit(api_of(x)->db, op, &x->arena);
}

static void refuse(struct exchange *x, struct str outcome)
{
	if (str_eq_z(outcome, "not_found"))
		exchange_fail(x, ERR_NOT_FOUND);
	else if (str_eq_z(outcome, "last_admin"))
		exchange_fail(x, ERR_LAST_ADMIN);
	else
		exchange_fail(x, ERR_FORBIDDEN);
}

static enum co_state answer(struct exchange *x, const struct db_reply *reply)
{
	const PGresult *r = reply->result[1];
	struct str outcome = row_text(r, 0, 0);

	if (!str_eq_z(outcome, "ok") && !str_eq_z(outcome, "unchanged")) {
		refuse(x, outcome);
		return CO_FAILED;
	}
	return answer_row(x, 200, &statement_user_update, r, 0, NULL) ? CO_DONE : CO_FAILED;
}

enum co_state user_patch(struct exchange *x, void *frame)
{
	struct patch_frame *f = frame;

	co_begin(f);
	if (!ref_uuid(x, 0, &f->id))
		return CO_FAILED;
	f->reply = update(x, f);
	co_await(f, x, &f->reply->wait);
	if (f->reply->err)
		co_fail(handler_db_failed(x, f->reply));
	caller_cache_forget(api_of(x)->callers, &f->id);
	return answer(x, f->reply);
	co_end();
}
