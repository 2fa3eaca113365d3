#include "app/command.h"
#include "app/prompt.h"
#include "app/schema_gate.h"
#include "app/user.h"
#include "json/schema.h"

#include <stdio.h>
#include <string.h>

static const struct command_option options[] = {
	{ "email", "E", "e-mail address, by which the user logs in" },
	{ "name", "N", "name that others see" },
	{ "role", "ROLE", "reporter (the default), developer, manager or admin" },
	{ "admin", NULL, "the same as --role admin" },
	COMMAND_ENV_FILE,
	{ 0 },
};

/* As POST /auth/register has them. */
static const struct field email_field = { .name = "--email", .type = FIELD_EMAIL };
static const struct field name_field = {
	.name = "--name",
	.type = FIELD_TEXT,
	.flags = FIELD_NOT_BLANK | FIELD_SINGLE_LINE,
	.min = 1,
	.max = 255,
};
static const struct field password_field = {
	.name = "the password",
	.type = FIELD_TEXT,
	.flags = FIELD_SECRET | FIELD_BYTES,
	.min = PASSWORD_MIN,
	.max = PASSWORD_MAX,
};

/* A call on its way: what it reads lives in the arena. */
struct creation {
	const struct command_call *call;
	struct arena arena;
	struct config config;
	struct user user;
	char password[2 * PASSWORD_MAX];
};

/* Checks a text as the API does. False: said what is wrong. */
static bool check(struct creation *c, const struct field *field, const char *text, struct str *out)
{
	struct field_errors errors = { .arena = &c->arena };

	if (field_check_text(field, str_of(text), str_of(field->name), out, &errors))
		return true;
	command_failed(c->call, "%s: %.*s", field->name, STR_FMT(errors.first->detail));
	return false;
}

static int read_role(struct creation *c)
{
	const char *role = command_option(c->call, "role");
	bool admin = command_option(c->call, "admin") != NULL;

	c->user.role = admin ? ROLE_ADMIN : ROLE_REPORTER;
	if (admin && role)
		return command_misused(c->call, "--admin and --role exclude each other");
	if (role && !role_parse(str_of(role), &c->user.role))
		return command_misused(
			c->call, "--role \"%s\" is none; expected reporter, developer, manager or admin",
			role);
	return STATUS_DONE;
}

static int read_options(struct creation *c)
{
	static const char *const required[] = { "email", "name" };

	for (size_t i = 0; i < 2; i++)
		if (!command_option(c->call, required[i]))
			return command_misused(c->call, "--%s is missing", required[i]);
	if (!check(c, &email_field, command_option(c->call, "email"), &c->user.email) ||
	    !check(c, &name_field, command_option(c->call, "name"), &c->user.name))
		return STATUS_USAGE;
	return read_role(c);
}

static bool read_password(struct creation *c)
{
	char error[PROMPT_ERROR_MAX];

	if (!prompt_new_password(c->password, sizeof(c->password), error)) {
		command_failed(c->call, "%s", error);
		return false;
	}
	return check(c, &password_field, c->password, &c->user.password);
}

static int report(struct creation *c, enum user_result result, const char *error)
{
	switch (result) {
	case USER_CREATED:
		printf("created %s %.*s\n", role_names[c->user.role], STR_FMT(c->user.email));
		return STATUS_DONE;
	case USER_EXISTS:
		command_failed(c->call, "there is a user with the e-mail %.*s already",
			       STR_FMT(c->user.email));
		return STATUS_EXISTS;
	case USER_FAILED:
		break;
	}
	return command_failed(c->call, "%s", error);
}

static int create(struct creation *c)
{
	const struct password_cost cost = config_password_cost(&c->config);
	enum user_result result = USER_FAILED;
	struct direct db;

	c->user.id = uuid_v7();
	if (direct_open(&db, c->config.database_url, c->config.db_connect_timeout, -1) &&
	    schema_require_current(&db))
		result = user_create(&db, &c->user, &cost);
	direct_close(&db);
	return report(c, result, db.error);
}

static int run(const struct command_call *call)
{
	struct creation c = { .call = call };
	int status = read_options(&c);

	if (status == STATUS_DONE) {
		status = STATUS_FAILED;
		if (command_config(call, CONFIG_NEEDS_DATABASE, &c.config) && read_password(&c))
			status = create(&c);
		config_free(&c.config);
	}
	explicit_bzero(c.password, sizeof(c.password));
	arena_reset(&c.arena);
	return status;
}

const struct command command_user_create = {
	.name = "user create",
	.summary = "Create a user; the password comes from standard input, or is asked for on a terminal",
	.doc = "Ends with 3 when there is a user with this e-mail already.",
	.options = options,
	.run = run,
};
