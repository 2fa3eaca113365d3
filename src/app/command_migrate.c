#include "app/command.h"
#include "app/search_language.h"
#include "db/migrate.h"

#include <stdio.h>
#include <stdlib.h>

static const struct command_option options[] = { COMMAND_ENV_FILE, { 0 } };

static void print_line(void *arg, const char *line)
{
	(void)arg;
	puts(line);
	fflush(stdout);
}

static bool status(struct migrator *m, const struct config *config)
{
	struct migration_list list;

	(void)config;
	if (!migrate_list(m, &list))
		return false;
	printf("%-6s  %-24s  %-7s  %s\n", "NUMBER", "NAME", "STATE", "APPLIED AT");
	for (size_t i = 0; i < list.n; i++) {
		const struct migration *x = &list.v[i];

		printf("%03d     %-24s  %-7s  %s\n", x->number, x->name, migration_state_name(x->state),
		       *x->applied_at ? x->applied_at : "-");
	}
	free(list.v);
	return true;
}

/* Connects, does the work, and says what went wrong. */
static int with_database(const struct command_call *call,
			 bool (*work)(struct migrator *m, const struct config *config))
{
	struct config config;
	struct direct db = { 0 };
	struct migrator m = {
		.db = &db,
		.files = migration_files,
		.file_count = migration_file_count,
		.say = print_line,
	};
	int result = STATUS_FAILED;

	if (command_config(call, CONFIG_NEEDS_DATABASE, &config)) {
		if (direct_open(&db, config.database_url, config.db_connect_timeout, -1) && work(&m, &config))
			result = STATUS_DONE;
		else
			command_failed(call, "%s", db.error);
	}
	direct_close(&db);
	config_free(&config);
	return result;
}

static bool up(struct migrator *m, const struct config *config)
{
	return migrate_up(m) && search_language_apply(m, config->search_language);
}

static bool down(struct migrator *m, const struct config *config)
{
	(void)config;
	return migrate_down(m);
}

static int run_up(const struct command_call *call)
{
	return with_database(call, up);
}

static int run_down(const struct command_call *call)
{
	return with_database(call, down);
}

static int run_status(const struct command_call *call)
{
	return with_database(call, status);
}

const struct command command_migrate_up = {
	.name = "migrate up",
	.summary = "Bring the database's schema up to date",
	.doc = "Applies all pending migrations, each in a transaction of its own. Any number of these may\n"
	       "run at once: one of them does the work, the others wait for it. When SEARCH_LANGUAGE is\n"
	       "another one than before, all issues are indexed anew.",
	.options = options,
	.run = run_up,
};

const struct command command_migrate_down = {
	.name = "migrate down",
	.summary = "Take the last migration back, with all data that only it knows",
	.options = options,
	.run = run_down,
};

const struct command command_migrate_status = {
	.name = "migrate status",
	.summary = "List the migrations: applied, pending, edited since, or unknown to this bugd",
	.options = options,
	.run = run_status,
};
