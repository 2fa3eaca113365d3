#include "app/command.h"
#include "db/direct.h"

#include <stdio.h>
#include <stdlib.h>

#define ROWS "10000"

static const struct command_option options[] = { COMMAND_ENV_FILE, { 0 } };

static struct str number(char out[32], uint64_t ms)
{
	snprintf(out, 32, "%llu", (unsigned long long)ms);
	return str_of(out);
}

/* One transaction. Returns how many rows it removed; -1: it failed. */
static long long purge(struct direct *db, const struct config *c)
{
	char deleted[32], logged[32], told[32];
	const struct str params[] = { number(deleted, c->purge_after), number(logged, c->audit_retention),
				      number(told, c->notification_retention) };
	PGresult *r = direct_query(db,
				   "SELECT what, removed FROM purge($1::bigint * interval '1 millisecond', "
				   "$2::bigint * interval '1 millisecond', " ROWS ") WHERE removed > 0 "
				   "UNION ALL SELECT what, removed FROM purge_notifications("
				   "$3::bigint * interval '1 millisecond', " ROWS ") WHERE removed > 0",
				   params, 3);
	long long all = 0;

	if (!r)
		return -1;
	for (int i = 0; i < PQntuples(r); i++) {
		all += atoll(PQgetvalue(r, i, 1));
		printf("removed %s: %s\n", PQgetvalue(r, i, 0), PQgetvalue(r, i, 1));
		fflush(stdout);
	}
	PQclear(r);
	return all;
}

static bool maintain(struct direct *db, const struct config *c)
{
	long long n, all = 0;

	while ((n = purge(db, c)) > 0)
		all += n;
	if (n < 0)
		return false;
	printf(all ? "nothing more is over\n" : "nothing is over\n");
	/* What PostgreSQL knows of the tables is the ground of its plans. */
	return direct_run(db, "ANALYZE");
}

static int run(const struct command_call *call)
{
	struct config config;
	struct direct db = { 0 };
	int result = STATUS_FAILED;

	if (command_config(call, CONFIG_NEEDS_DATABASE, &config)) {
		if (direct_open(&db, config.database_url, config.db_connect_timeout, -1) &&
		    maintain(&db, &config))
			result = STATUS_DONE;
		else
			command_failed(call, "%s", db.error);
	}
	direct_close(&db);
	config_free(&config);
	return result;
}

const struct command command_maintenance = {
	.name = "maintenance",
	.summary = "Remove what is over, at once",
	.doc = "Deleted issues and projects after PURGE_AFTER, security events after AUDIT_RETENTION, notifications\n"
	       "after NOTIFICATION_RETENTION, sessions, tokens and keys that are over. `bugd serve` does it by itself,\n"
	       "every hour.",
	.options = options,
	.run = run,
};
