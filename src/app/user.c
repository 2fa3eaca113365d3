#include "app/user.h"

#include "domain/email.h"

static enum user_result insert(struct direct *db, const char *sql, const struct user *user,
			       const struct password_cost *cost)
{
	char id[UUID_TEXT_LEN], email[EMAIL_MAX], hash[PASSWORD_HASH_MAX];
	struct str params[] = {
		{ id, sizeof(id) }, { email, user->email.n }, user->name, str_of(role_names[user->role]),
		{ hash, 0 },
	};
	enum user_result result = USER_FAILED;
	PGresult *r;

	if (user->email.n > sizeof(email) || !password_hash(user->password, cost, hash)) {
		direct_fail(db, "the password could not be hashed: there is not enough memory");
		return USER_FAILED;
	}
	params[4] = str_of(hash);
	uuid_format(&user->id, id);
	email_normalise(user->email, email);
	r = direct_query(db, sql, params, 5);
	if (r)
		result = PQntuples(r) > 0 ? USER_CREATED : USER_EXISTS;
	PQclear(r);
	return result;
}

enum user_result user_create(struct direct *db, const struct user *user, const struct password_cost *cost)
{
	return insert(db,
		      "INSERT INTO users (id, email, name, role, password_hash) VALUES ($1, $2, $3, $4, $5)"
		      " ON CONFLICT (email) DO NOTHING RETURNING id",
		      user, cost);
}

enum user_result user_create_first(struct direct *db, const struct user *user,
				   const struct password_cost *cost)
{
	PGresult *r = direct_query(db, "SELECT FROM users LIMIT 1", NULL, 0);
	bool any = r && PQntuples(r) > 0;

	PQclear(r);
	if (!r || any)
		return r ? USER_EXISTS : USER_FAILED;
	/* Another process may have been faster since; all of them have the same e-mail in their settings. */
	return insert(db,
		      "INSERT INTO users (id, email, name, role, password_hash)"
		      " SELECT $1::uuid, $2, $3, $4::user_role, $5 WHERE NOT EXISTS (SELECT FROM users)"
		      " ON CONFLICT (email) DO NOTHING RETURNING id",
		      user, cost);
}
