#include "app/command.h"
#include "app/serve.h"

static const struct command_option options[] = { COMMAND_ENV_FILE, { 0 } };

static int run(const struct command_call *call)
{
	struct config config;
	char error[SERVE_ERROR_MAX] = "";
	bool served = command_config(call, CONFIG_NEEDS_DATABASE | CONFIG_NEEDS_KEY, &config) &&
		      serve(&config, command_option(call, "env-file"), error);

	config_free(&config);
	if (*error)
		command_failed(call, "%s", error);
	return served ? STATUS_DONE : STATUS_FAILED;
}

static void help(struct buf *out)
{
	buf_add_lit(out, "\nSettings, from the environment or the .env file:\n");
	config_help(out);
}

const struct command command_serve = {
	.name = "serve",
	.summary = "Serve the API over HTTP",
	.doc = "Ends on SIGTERM and SIGINT, after the requests that are running; at once on a second signal.\n"
	       "SIGHUP reads the settings again: those that are marked so change, and the log names others that differ.",
	.options = options,
	.run = run,
	.help = help,
};
