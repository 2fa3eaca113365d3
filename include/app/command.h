/*
 * The command line: a table of commands, each with its options; `--help` and the messages for wrong usage
 * come from it. To add a command, write src/app/command_NAME.c and add a line in command.c.
 *
 * A command's exit status: 0, 1 when it failed, 2 for wrong usage; others where its help says so.
 */
#ifndef BUGD_APP_COMMAND_H
#define BUGD_APP_COMMAND_H

#include "app/config.h"

#include <stdbool.h>

enum { STATUS_DONE, STATUS_FAILED, STATUS_USAGE, STATUS_EXISTS };

#define COMMAND_OPTIONS_MAX 8

/* --name, or --name VALUE. A table of them ends with a row of zeros. */
struct command_option {
	const char *name;
	const char *takes; /* what its value is: "FILE"; NULL: a switch */
	const char *doc;
};

/* A row for all commands that read the settings. */
#define COMMAND_ENV_FILE                                                                                     \
	{                                                                                                    \
		"env-file", "FILE", "settings beside the environment; default: .env, if there is one"        \
	}

struct command_call;

struct command {
	const char *name; /* its words: "migrate up" */
	const char *summary;
	const char *doc;     /* more for its own help; may be NULL */
	const char *operand; /* what may stand beside the options: "FILE"; NULL: nothing may */
	const struct command_option *options;
	int (*run)(const struct command_call *call); /* returns the exit status */
	void (*help)(struct buf *out);               /* what its help ends with; may be NULL */
};

/* A command as it was called. */
struct command_call {
	const struct command *command;
	const char *value[COMMAND_OPTIONS_MAX]; /* by place in the table; "" for a switch; NULL: not given */
	const char *operand;                    /* NULL: not given */
};

extern const struct command command_serve, command_migrate_up, command_migrate_down, command_migrate_status,
	command_user_create, command_user_list, command_user_set_role, command_user_set_password,
	command_user_deactivate, command_maintenance, command_doctor, command_import, command_permissions,
	command_openapi, command_version;

/* Runs what the command line asks for. */
int command_main(int argc, char **argv);

/* The value of an option of the command's table; NULL when it was not given. */
const char *command_option(const struct command_call *call, const char *name);

/*
 * Reads the settings, prints warnings, and all errors when there are any. False: the command fails. The
 * config is to be freed in either case.
 */
bool command_config(const struct command_call *call, unsigned needs, struct config *config);

/* Prints "bugd NAME: message" on standard error. */
int command_failed(const struct command_call *call, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The same, and where help is. */
int command_misused(const struct command_call *call, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
