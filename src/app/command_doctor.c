#include "app/command.h"
#include "app/doctor.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

#define PROCESSES_MAX 1000

static const struct command_option options[] = {
	COMMAND_ENV_FILE,
	{ "processes", "N", "how many processes are to share the database; default: 1" },
	{ "json", NULL, "write one JSON object" },
	{ 0 },
};

/* What is wrong with a setting hides no more than what needs that setting. */
static void look(struct doctor *d, struct config *c, const char *env_file)
{
	struct config_report report;
	char fault[DIRECT_ERROR_MAX];
	bool right = config_load(c, env_file, CONFIG_NEEDS_DATABASE | CONFIG_NEEDS_KEY, &report);

	doctor_settings(d, c, &report, right);
	config_report_free(&report);
	doctor_secrets(d, c, env_file);
	doctor_machine(d, c);
	if (c->database_url && direct_url_check(c->database_url, fault))
		doctor_database(d, c);
}

static int print(const struct doctor *d, bool json)
{
	struct buf out = { 0 };

	if (json)
		doctor_print_json(d, &out);
	else
		doctor_print(d, &out);
	fwrite(out.p, 1, out.n, stdout);
	buf_free(&out);
	return doctor_count(d, FINDING_PROBLEM) ? STATUS_FAILED : STATUS_DONE;
}

static int run(const struct command_call *call)
{
	const char *processes = command_option(call, "processes");
	int64_t n = 1;
	struct config config;
	struct doctor *d;
	int status;

	if (processes && (!str_to_i64(str_of(processes), &n) || n < 1 || n > PROCESSES_MAX))
		return command_misused(
			call, "--processes: \"%s\" is not allowed; expected a whole number from 1 to %d",
			processes, PROCESSES_MAX);
	d = mem_zalloc(1, sizeof(*d));
	d->processes = (unsigned)n;
	look(d, &config, command_option(call, "env-file"));
	status = print(d, command_option(call, "json") != NULL);
	doctor_free(d);
	free(d);
	config_free(&config);
	return status;
}

const struct command command_doctor = {
	.name = "doctor",
	.summary = "Look for what is wrong with settings, machine and database, and say how to mend it",
	.doc = "Changes nothing. Run it as the account of `bugd serve`, with its settings. It ends with 0 when there is\n"
	       "no problem, whatever it warns of, and with 1 when there is one. Secrets are never shown.",
	.options = options,
	.run = run,
};
