/*
 * Users that are made without the API: by `bugd user create`, and the first admin. Blocking, see db/direct.h.
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

enum user_result { USER_CREATED, USER_EXISTS, USER_FAILED };

/* Creates the user, unless the e-mail is taken. A failure is in db->error. */
enum user_result user_create(struct direct *db, const struct user *user, const struct password_cost *cost);

/*
 * Creates the user when there is none at all, and else does nothing: USER_EXISTS. Any number of processes may
 * do it at once.
 */
enum user_result user_create_first(struct direct *db, const struct user *user,
				   const struct password_cost *cost);

#endif
