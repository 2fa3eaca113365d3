#include "app/user.h"

#include "domain/email.h"
#include "statements.h"

#include <string.h>

/* The first arguments of each statement that changes something: "by doer". */
#define DOER STR_NONE, STR_NONE, STR("local"), STR("bugd")

static bool begin(struct direct *db)
{
	return direct_run(db, "BEGIN");
}

/* Commits when it went well. A connection that was lost has nothing to roll back. */
static enum user_result end(struct direct *db, enum user_result result)
{
	struct direct keep = *db;

	if (result == USER_DONE)
		return direct_run(db, "COMMIT") ? USER_DONE : USER_FAILED;
	if (!db->pg)
		return result;
	direct_run(db, "ROLLBACK");
	memcpy(db->error, keep.error, sizeof(db->error));
	memcpy(db->sqlstate, keep.sqlstate, sizeof(db->sqlstate));
	db->passing = keep.passing;
	return result;
}

/* The address in lower case, as it is stored; absent: it is longer than any. */
static struct str normalised(struct str email, char out[EMAIL_MAX])
{
	if (email.n > EMAIL_MAX)
		return STR_NONE;
	email_normalise(email, out);
	return (struct str){ out, email.n };
}

static bool hash(struct direct *db, struct str password, const struct password_cost *cost,
		 char out[PASSWORD_HASH_MAX])
{
	return password_hash(password, cost, out) ||
	       direct_fail(db, "the password could not be hashed: there is not enough memory");
}

/* ---- new ones ---- */

static enum user_result insert(struct direct *db, const struct user *user, const char *password_hash)
{
	char id[UUID_TEXT_LEN], email[EMAIL_MAX];
	struct str params[] = {
		DOER,
		STR("user_created"),
		{ id, sizeof(id) },
		normalised(user->email, email),
		user->name,
		str_of(role_names[user->role]),
		str_of(password_hash),
	};
	enum user_result result = USER_FAILED;
	PGresult *r;

	uuid_format(&user->id, id);
	r = direct_query(db, statement_user_create.text, params, sizeof(params) / sizeof(*params));
	if (r)
		result = strcmp(PQgetvalue(r, 0, 0), "ok") == 0 ? USER_DONE : USER_EXISTS;
	PQclear(r);
	return result;
}

enum user_result user_add(struct direct *db, const struct user *user, const struct password_cost *cost)
{
	char password_hash[PASSWORD_HASH_MAX];

	if (!hash(db, user->password, cost, password_hash))
		return USER_FAILED;
	return insert(db, user, password_hash);
}

static enum user_result any_user(struct direct *db)
{
	PGresult *r = direct_query(db, "SELECT FROM users LIMIT 1", NULL, 0);
	enum user_result result = !r ? USER_FAILED : PQntuples(r) ? USER_EXISTS : USER_UNKNOWN;

	PQclear(r);
	return result;
}

enum user_result user_add_first(struct direct *db, const struct user *user, const struct password_cost *cost)
{
	enum user_result result = any_user(db);

	if (result != USER_UNKNOWN)
		return result;
	/* One process at a time looks again, and creates. */
	if (!begin(db) || !direct_run(db, "SELECT pg_advisory_xact_lock(hashtext('bugd first admin'))"))
		return end(db, USER_FAILED);
	result = any_user(db);
	return end(db, result == USER_UNKNOWN ? user_add(db, user, cost) : result);
}

/* ---- changes ---- */

static enum user_result find(struct direct *db, struct str email, char id[UUID_TEXT_LEN])
{
	char lower[EMAIL_MAX];
	struct str param = normalised(email, lower);
	PGresult *r = direct_query(db, "SELECT id FROM users WHERE email = $1", &param, 1);
	enum user_result result = !r ? USER_FAILED : PQntuples(r) ? USER_DONE : USER_UNKNOWN;

	if (result == USER_DONE)
		memcpy(id, PQgetvalue(r, 0, 0), UUID_TEXT_LEN);
	PQclear(r);
	return result;
}

static bool lock(struct direct *db, struct str id, bool admins)
{
	struct str params[] = { id, admins ? STR("true") : STR("false") };
	PGresult *r = direct_query(db, statement_user_lock.text, params, 2);

	PQclear(r);
	return r != NULL;
}

static enum user_result change(struct direct *db, struct str id, struct str role, struct str is_active)
{
	struct str params[] = { DOER, id, STR_NONE, role, is_active };
	enum user_result result = USER_FAILED;
	PGresult *r;

	if (!lock(db, id, true))
		return USER_FAILED;
	r = direct_query(db, statement_user_update.text, params, sizeof(params) / sizeof(*params));
	if (r)
		result = strcmp(PQgetvalue(r, 0, 0), "last_admin") == 0 ? USER_LAST_ADMIN : USER_DONE;
	PQclear(r);
	return result;
}

static enum user_result find_and_change(struct direct *db, struct str email, struct str role,
					struct str is_active)
{
	char id[UUID_TEXT_LEN];
	enum user_result result = find(db, email, id);

	if (result != USER_DONE)
		return result;
	if (!begin(db))
		return USER_FAILED;
	return end(db, change(db, (struct str){ id, sizeof(id) }, role, is_active));
}

enum user_result user_set_role(struct direct *db, struct str email, enum role role)
{
	return find_and_change(db, email, str_of(role_names[role]), STR_NONE);
}

enum user_result user_deactivate(struct direct *db, struct str email)
{
	return find_and_change(db, email, STR_NONE, STR("false"));
}

static enum user_result store_password(struct direct *db, struct str id, const char *password_hash)
{
	struct str params[] = { DOER, id, STR_NONE, str_of(password_hash) };
	PGresult *r;

	if (!lock(db, id, false))
		return USER_FAILED;
	r = direct_query(db, statement_user_set_password.text, params, sizeof(params) / sizeof(*params));
	PQclear(r);
	return r ? USER_DONE : USER_FAILED;
}

enum user_result user_reset_password(struct direct *db, struct str email, struct str password,
				     const struct password_cost *cost)
{
	char id[UUID_TEXT_LEN], password_hash[PASSWORD_HASH_MAX];
	enum user_result result = find(db, email, id);

	if (result != USER_DONE)
		return result;
	if (!hash(db, password, cost, password_hash) || !begin(db))
		return USER_FAILED;
	return end(db, store_password(db, (struct str){ id, sizeof(id) }, password_hash));
}

PGresult *user_list_all(struct direct *db)
{
	return direct_query(db,
			    "SELECT email, name, role, is_active, to_char(created_at AT TIME ZONE 'UTC',"
			    " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM users ORDER BY created_at, id",
			    NULL, 0);
}
