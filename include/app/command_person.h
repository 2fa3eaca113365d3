/* What the commands about users share: texts checked as the API checks them, and the database. */
#ifndef BUGD_APP_COMMAND_PERSON_H
#define BUGD_APP_COMMAND_PERSON_H

#include "app/command.h"
#include "app/user.h"
#include "json/schema.h"

/* A call on its way: what it reads lives in the arena. Zeroed but for `call` before its first use. */
struct person {
	const struct command_call *call;
	struct arena arena;
	struct config config;
	struct direct db;
	struct user user;
	char password[2 * PASSWORD_MAX];
};

/* Each returns STATUS_DONE, or says what is wrong. */
int person_read_email(struct person *p);
int person_read_name(struct person *p);
/* --role; `required`, or else reporter. */
int person_read_role(struct person *p, bool required);
int person_read_password(struct person *p); /* from standard input or a prompt */

/* Reads the settings and connects to a database whose schema fits. False: said why. */
bool person_open(struct person *p);

/* Says how it went; `done` is what was done. The exit status. */
int person_report(struct person *p, enum user_result result, const char *done);

/* Wipes and frees everything; passes the status through. */
int person_end(struct person *p, int status);

#endif
