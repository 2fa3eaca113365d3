#include "app/command_help.h"

#include <stdio.h>
#include <string.h>

bool command_is_group(const char *word)
{
	for (const struct command *const *c = commands; *word && *c; c++)
		if (command_word_in(*c, word))
			return true;
	return false;
}

const char *command_word_in(const struct command *command, const char *group)
{
	size_t n = strlen(group);

	if (n == 0)
		return command->name;
	return strncmp(command->name, group, n) == 0 && command->name[n] == ' ' ? command->name + n + 1
										: NULL;
}

static void print(struct buf *out)
{
	fwrite(out->p, 1, out->n, stdout);
	buf_free(out);
}

static void add_options(struct buf *out, const struct command *command)
{
	buf_add_lit(out, "\nOptions:\n");
	for (const struct command_option *o = command->options; o->name; o++) {
		char left[40];

		snprintf(left, sizeof(left), "--%s%s%s", o->name, o->takes ? " " : "",
			 o->takes ? o->takes : "");
		buf_printf(out, "  %-18s %s\n", left, o->doc);
	}
	buf_printf(out, "  %-18s %s\n", "--help", "print this");
}

void command_help(const struct command *command)
{
	struct buf out = { 0 };

	buf_printf(&out, "Usage: bugd %s%s%s [OPTION]...\n\n%s.\n", command->name,
		   command->operand ? " " : "", command->operand ? command->operand : "", command->summary);
	if (command->doc)
		buf_printf(&out, "\n%s\n", command->doc);
	add_options(&out, command);
	if (command->help)
		command->help(&out);
	print(&out);
}

void command_help_group(const char *group)
{
	struct buf out = { 0 };

	buf_printf(&out, "Usage: bugd %s%sCOMMAND [OPTION]...\n\n", group, *group ? " " : "");
	if (!*group)
		buf_add_lit(&out, "bugd is the server of an issue tracker.\n\n");
	buf_add_lit(&out, "Commands:\n");
	for (const struct command *const *c = commands; *c; c++)
		if (command_word_in(*c, group))
			buf_printf(&out, "  %-17s %s\n", (*c)->name, (*c)->summary);
	buf_add_lit(&out, "\n`bugd COMMAND --help` says more about one of them.\n");
	print(&out);
}
