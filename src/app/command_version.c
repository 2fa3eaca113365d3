#include "app/command.h"
#include "version.h"

#include <stdio.h>

static const struct command_option options[] = { { 0 } };

static int run(const struct command_call *call)
{
	(void)call;
	printf("bugd %s (%s)\n", BUGD_VERSION, BUGD_COMMIT);
	return STATUS_DONE;
}

const struct command command_version = {
	.name = "version",
	.summary = "Print which bugd this is",
	.options = options,
	.run = run,
};
