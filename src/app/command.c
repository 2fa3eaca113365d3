#include "app/command.h"

#include "app/command_help.h"
#include "json/suggest.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct command *const commands[] = {
	&command_serve,           &command_migrate_up,  &command_migrate_down,  &command_migrate_status,
	&command_user_create,     &command_user_list,   &command_user_set_role, &command_user_set_password,
	&command_user_deactivate, &command_maintenance, &command_doctor,        &command_import,
	&command_permissions,     &command_openapi,     &command_version,       NULL,
};

__attribute__((format(printf, 2, 0))) static void complain(const struct command_call *call,
							   const char *format, va_list args)
{
	const char *name = call->command->name;

	fprintf(stderr, "bugd%s%s: ", *name ? " " : "", name);
	vfprintf(stderr, format, args);
}

int command_failed(const struct command_call *call, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(call, format, args);
	va_end(args);
	fputc('\n', stderr);
	return STATUS_FAILED;
}

int command_misused(const struct command_call *call, const char *format, ...)
{
	const char *name = call->command->name;
	va_list args;

	va_start(args, format);
	complain(call, format, args);
	va_end(args);
	fprintf(stderr, "; see `bugd%s%s --help`\n", *name ? " " : "", name);
	return STATUS_USAGE;
}

const char *command_option(const struct command_call *call, const char *name)
{
	for (size_t i = 0; call->command->options[i].name; i++)
		if (strcmp(call->command->options[i].name, name) == 0)
			return call->value[i];
	return NULL;
}

bool command_config(const struct command_call *call, unsigned needs, struct config *config)
{
	struct config_report report;
	bool right = config_load(config, command_option(call, "env-file"), needs, &report);
	struct buf lines[] = { report.warnings, report.errors };

	for (size_t i = 0; i < 2; i++) {
		struct str rest = buf_str(&lines[i]);

		while (rest.n) {
			struct str line = str_cut(&rest, '\n');

			command_failed(call, "%.*s", STR_FMT(line));
		}
	}
	config_report_free(&report);
	return right;
}

/* The place of the option in the table, or -1. `arg` is what follows the dashes, perhaps with "=value". */
static int find_option(const struct command *command, struct str name)
{
	for (int i = 0; command->options[i].name; i++)
		if (str_eq_z(name, command->options[i].name))
			return i;
	return -1;
}

static int unknown_option(const struct command_call *call, struct str name)
{
	struct suggestion meant = suggest_for(name);

	for (const struct command_option *o = call->command->options; o->name; o++)
		suggest_consider(&meant, o->name);
	if (meant.best)
		return command_misused(call, "unknown option --%.*s (is --%s meant?)", STR_FMT(name),
				       meant.best);
	return command_misused(call, "unknown option --%.*s", STR_FMT(name));
}

/* Reads --name, --name=value or --name value at *args, and moves *args behind it. */
static int read_option(struct command_call *call, char ***args)
{
	struct str value = str_of(**args + 2);
	struct str name = str_cut(&value, '=');
	int place = find_option(call->command, name);

	++*args;
	if (place < 0)
		return unknown_option(call, name);
	if (call->value[place])
		return command_misused(call, "--%.*s is given twice", STR_FMT(name));
	if (!call->command->options[place].takes) {
		call->value[place] = "";
		return value.p ? command_misused(call, "--%.*s takes no value", STR_FMT(name)) : STATUS_DONE;
	}
	call->value[place] = value.p ? value.p : *(*args)++;
	if (!call->value[place])
		return command_misused(call, "--%.*s needs a value: --%.*s %s", STR_FMT(name), STR_FMT(name),
				       call->command->options[place].takes);
	return STATUS_DONE;
}

static bool asks_for_help(const char *arg)
{
	return arg && (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0);
}

static int run_command(const struct command *command, char **args)
{
	struct command_call call = { .command = command };

	while (*args) {
		int status;

		if (asks_for_help(*args)) {
			command_help(command);
			return STATUS_DONE;
		}
		if (strncmp(*args, "--", 2) != 0 && command->operand && !call.operand) {
			call.operand = *args++;
			continue;
		}
		if (strncmp(*args, "--", 2) != 0)
			return command_misused(&call, "unexpected \"%s\"", *args);
		status = read_option(&call, &args);
		if (status != STATUS_DONE)
			return status;
	}
	return command->run(&call);
}

/* How many arguments the command's words take up; 0: it is another command. */
static int match_words(const struct command *command, char **args)
{
	struct str words = str_of(command->name);
	int n = 0;

	while (words.p) {
		if (!args[n] || !str_eq_z(str_cut(&words, ' '), args[n]))
			return 0;
		n++;
	}
	return n;
}

/* No command has these words. `first` is the name of a group, or nothing that is known. */
static int no_such_command(char **args)
{
	const char *first = args[0] ? args[0] : "";
	const struct command group = { .name = command_is_group(first) ? first : "" };
	const struct command_call call = { .command = &group };
	const char *given = *group.name ? args[1] : args[0];
	struct suggestion meant = suggest_for(str_of(given));

	if (asks_for_help(given)) {
		command_help_group(group.name);
		return STATUS_DONE;
	}
	if (!given)
		return command_misused(&call, "a command is missing");
	for (const struct command *const *c = commands; *c; c++)
		suggest_consider(&meant, command_word_in(*c, group.name));
	if (meant.best)
		return command_misused(&call, "unknown command \"%s\" (is \"%s\" meant?)", given, meant.best);
	return command_misused(&call, "unknown command \"%s\"", given);
}

static int dispatch(char **args)
{
	if (args[0] && strcmp(args[0], "--version") == 0)
		return run_command(&command_version, args + 1);
	for (const struct command *const *c = commands; *c; c++) {
		int n = match_words(*c, args);

		if (n)
			return run_command(*c, args + n);
	}
	return no_such_command(args);
}

int command_main(int argc, char **argv)
{
	int status = dispatch(argv + (argc > 0));

	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	perror("bugd: standard output");
	return status ? status : STATUS_FAILED;
}
