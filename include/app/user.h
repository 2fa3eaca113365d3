/*
 * Users as the command line administers them: by the same statements as the API, blocking (db/direct.h). Nobody in
 * particular does it, which the log of security events shows as the address "local".
 */
#ifndef BUGD_APP_USER_H
#define BUGD_APP_USER_H

#include "base/uuid.h"
#include "db/direct.h"
#include "domain/password.h"
#include "domain/role.h"

struct user {
	struct uuid id;
	struct str email, name, password;
	enum role role;
};

/* USER_FAILED: why is in db->error. */
enum user_result { USER_DONE, USER_EXISTS, USER_UNKNOWN, USER_LAST_ADMIN, USER_FAILED };

/* Creates the user, unless the e-mail is taken: USER_EXISTS. */
enum user_result user_add(struct direct *db, const struct user *user, const struct password_cost *cost);

/*
 * Creates the user when there is none at all, and else does nothing: USER_EXISTS. Any number of processes may do
 * it at once.
 */
enum user_result user_add_first(struct direct *db, const struct user *user, const struct password_cost *cost);

/* Changes a user, found by e-mail; of the last active admin nothing is taken. */
enum user_result user_set_role(struct direct *db, struct str email, enum role role);
enum user_result user_deactivate(struct direct *db, struct str email);

/* Ends all sessions, too. */
enum user_result user_reset_password(struct direct *db, struct str email, struct str password,
				     const struct password_cost *cost);

/* All users as text: e-mail, name, role, is_active, created_at. NULL: db->error says why. */
PGresult *user_list_all(struct direct *db);

#endif
