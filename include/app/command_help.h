/*
 * What `--help` prints, made from the table of commands; and the groups that the first words of commands
 * form.
 */
#ifndef BUGD_APP_COMMAND_HELP_H
#define BUGD_APP_COMMAND_HELP_H

#include "app/command.h"

/* All commands; ended by NULL. */
extern const struct command *const commands[];

/* Whether commands of several words begin with this one: "migrate". */
bool command_is_group(const char *word);

/*
 * The command's name within the group: "up" in "migrate", its whole name in "". NULL: it is not of the group.
 */
const char *command_word_in(const struct command *command, const char *group);

void command_help(const struct command *command);
void command_help_group(const char *group);

#endif
