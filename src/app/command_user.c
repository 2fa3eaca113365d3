#include "app/command_person.h"

#include <stdio.h>

/* ---- user create ---- */

static const struct command_option create_options[] = {
	{ "email", "E", "e-mail address, by which the user logs in" },
	{ "name", "N", "name that others see" },
	{ "role", "ROLE", "reporter (the default), developer, manager or admin" },
	{ "admin", NULL, "the same as --role admin" },
	COMMAND_ENV_FILE,
	{ 0 },
};

static int read_create_options(struct person *p)
{
	static int (*const readers[])(struct person *) = { person_read_email, person_read_name };
	bool admin = command_option(p->call, "admin") != NULL;

	if (!command_option(p->call, "email") || !command_option(p->call, "name"))
		return command_misused(p->call, "--%s is missing",
				       command_option(p->call, "email") ? "name" : "email");
	for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++) {
		int status = readers[i](p);

		if (status != STATUS_DONE)
			return status;
	}
	if (admin && command_option(p->call, "role"))
		return command_misused(p->call, "--admin and --role exclude each other");
	if (!admin)
		return person_read_role(p, false);
	p->user.role = ROLE_ADMIN;
	return STATUS_DONE;
}

static int create(struct person *p)
{
	const struct password_cost cost = config_password_cost(&p->config);
	char done[32];

	if (person_read_password(p) != STATUS_DONE || !person_open(p))
		return STATUS_FAILED;
	p->user.id = uuid_v7();
	snprintf(done, sizeof(done), "created %s", role_names[p->user.role]);
	return person_report(p, user_add(&p->db, &p->user, &cost), done);
}

static int run_create(const struct command_call *call)
{
	struct person p = { .call = call };
	int status = read_create_options(&p);

	if (status == STATUS_DONE)
		status = command_config(call, CONFIG_NEEDS_DATABASE, &p.config) ? create(&p) : STATUS_FAILED;
	return person_end(&p, status);
}

const struct command command_user_create = {
	.name = "user create",
	.summary = "Create a user; the password comes from standard input, or is asked for on a terminal",
	.doc = "Ends with 3 when there is a user with this e-mail already.",
	.options = create_options,
	.run = run_create,
};

/* ---- user list ---- */

static const struct command_option list_options[] = { COMMAND_ENV_FILE, { 0 } };

static int list(struct person *p)
{
	PGresult *r;

	if (!person_open(p))
		return STATUS_FAILED;
	r = user_list_all(&p->db);
	if (!r)
		return command_failed(p->call, "%s", p->db.error);
	printf("%-40s %-9s %-8s %-20s %s\n", "EMAIL", "ROLE", "ACTIVE", "CREATED AT", "NAME");
	for (int i = 0; i < PQntuples(r); i++)
		printf("%-40s %-9s %-8s %-20s %s\n", PQgetvalue(r, i, 0), PQgetvalue(r, i, 2),
		       *PQgetvalue(r, i, 3) == 't' ? "yes" : "no", PQgetvalue(r, i, 4), PQgetvalue(r, i, 1));
	PQclear(r);
	return STATUS_DONE;
}

static int run_list(const struct command_call *call)
{
	struct person p = { .call = call };
	bool right = command_config(call, CONFIG_NEEDS_DATABASE, &p.config);

	return person_end(&p, right ? list(&p) : STATUS_FAILED);
}

const struct command command_user_list = {
	.name = "user list",
	.summary = "List all users",
	.options = list_options,
	.run = run_list,
};

/* ---- user set-role, set-password, deactivate ---- */

#define EMAIL_OPTION                                                                                         \
	{                                                                                                    \
		"email", "E", "e-mail address of the user"                                                   \
	}

static const struct command_option email_options[] = { EMAIL_OPTION, COMMAND_ENV_FILE, { 0 } };
static const struct command_option role_options[] = {
	EMAIL_OPTION,
	{ "role", "ROLE", "reporter, developer, manager or admin" },
	COMMAND_ENV_FILE,
	{ 0 },
};

static int set_role(struct person *p)
{
	if (!person_open(p))
		return STATUS_FAILED;
	return person_report(p, user_set_role(&p->db, p->user.email, p->user.role), "changed the role of");
}

static int set_password(struct person *p)
{
	const struct password_cost cost = config_password_cost(&p->config);

	if (person_read_password(p) != STATUS_DONE || !person_open(p))
		return STATUS_FAILED;
	return person_report(p, user_reset_password(&p->db, p->user.email, p->user.password, &cost),
			     "changed the password of");
}

static int deactivate(struct person *p)
{
	if (!person_open(p))
		return STATUS_FAILED;
	return person_report(p, user_deactivate(&p->db, p->user.email), "deactivated");
}

static int run_on_user(const struct command_call *call, int (*act)(struct person *p))
{
	struct person p = { .call = call };
	int status = person_read_email(&p);

	if (status == STATUS_DONE && act == set_role)
		status = person_read_role(&p, true);
	if (status == STATUS_DONE)
		status = command_config(call, CONFIG_NEEDS_DATABASE, &p.config) ? act(&p) : STATUS_FAILED;
	return person_end(&p, status);
}

static int run_set_role(const struct command_call *call)
{
	return run_on_user(call, set_role);
}

static int run_set_password(const struct command_call *call)
{
	return run_on_user(call, set_password);
}

static int run_deactivate(const struct command_call *call)
{
	return run_on_user(call, deactivate);
}

const struct command command_user_set_role = {
	.name = "user set-role",
	.summary = "Change a user's role; it counts at once, in all running servers",
	.options = role_options,
	.run = run_set_role,
};

const struct command command_user_set_password = {
	.name = "user set-password",
	.summary = "Change a user's password, from standard input or a prompt, and end all sessions",
	.options = email_options,
	.run = run_set_password,
};

const struct command command_user_deactivate = {
	.name = "user deactivate",
	.summary = "Take a user's access, with all sessions and tokens, at once",
	.options = email_options,
	.run = run_deactivate,
};
