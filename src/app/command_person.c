#include "app/command_person.h"

#include "app/prompt.h"
#include "app/schema_gate.h"

#include <stdio.h>
#include <string.h>

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

static int check(struct person *p, const struct field *field, const char *text, int wrong, struct str *out)
{
	struct field_errors errors = { .arena = &p->arena };

	if (field_check_text(field, str_of(text), str_of(field->name), out, &errors))
		return STATUS_DONE;
	command_failed(p->call, "%s: %.*s", field->name, STR_FMT(errors.first->detail));
	return wrong;
}

static int read_option(struct person *p, const char *name, const struct field *field, struct str *out)
{
	const char *text = command_option(p->call, name);

	if (!text)
		return command_misused(p->call, "--%s is missing", name);
	return check(p, field, text, STATUS_USAGE, out);
}

int person_read_email(struct person *p)
{
	return read_option(p, "email", &email_field, &p->user.email);
}

int person_read_name(struct person *p)
{
	return read_option(p, "name", &name_field, &p->user.name);
}

int person_read_role(struct person *p, bool required)
{
	const char *role = command_option(p->call, "role");

	p->user.role = ROLE_REPORTER;
	if (!role && required)
		return command_misused(p->call, "--role is missing");
	if (role && !role_parse(str_of(role), &p->user.role))
		return command_misused(
			p->call, "--role \"%s\" is none; expected reporter, developer, manager or admin",
			role);
	return STATUS_DONE;
}

int person_read_password(struct person *p)
{
	char error[PROMPT_ERROR_MAX];

	if (!prompt_new_password(p->password, sizeof(p->password), error))
		return command_failed(p->call, "%s", error);
	return check(p, &password_field, p->password, STATUS_FAILED, &p->user.password);
}

bool person_open(struct person *p)
{
	if (direct_open(&p->db, p->config.database_url, p->config.db_connect_timeout, -1) &&
	    schema_require_current(&p->db))
		return true;
	command_failed(p->call, "%s", p->db.error);
	return false;
}

int person_report(struct person *p, enum user_result result, const char *done)
{
	struct str email = p->user.email;

	switch (result) {
	case USER_DONE:
		printf("%s %.*s\n", done, STR_FMT(email));
		return STATUS_DONE;
	case USER_EXISTS:
		command_failed(p->call, "there is a user with the e-mail %.*s already", STR_FMT(email));
		return STATUS_EXISTS;
	case USER_UNKNOWN:
		return command_failed(p->call, "there is no user with the e-mail %.*s", STR_FMT(email));
	case USER_LAST_ADMIN:
		return command_failed(p->call, "%.*s is the last active admin", STR_FMT(email));
	case USER_FAILED:
		break;
	}
	return command_failed(p->call, "%s", p->db.error);
}

int person_end(struct person *p, int status)
{
	direct_close(&p->db);
	config_free(&p->config);
	explicit_bzero(p->password, sizeof(p->password));
	arena_reset(&p->arena);
	return status;
}
