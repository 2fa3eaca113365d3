/*
 * The gate between the start of `bugd serve` and its database: nothing is asked of a database whose schema is
 * not the one that this bugd was made for.
 *
 * Passing takes a connection of its own: the schema is checked, migrated when MIGRATE_ON_START says so, and
 * an empty users table gets the first admin from BOOTSTRAP_ADMIN_EMAIL. The first try blocks, before the loop
 * runs. When the database is away, more tries follow on a thread, after pauses, until one of them decides.
 */
#ifndef BUGD_APP_SCHEMA_GATE_H
#define BUGD_APP_SCHEMA_GATE_H

#include "app/config.h"
#include "app/user.h"
#include "db/direct.h"

#include <uv.h>

enum gate_result {
	GATE_PASSED,
	GATE_AWAY,    /* the database does not answer; it may later */
	GATE_REFUSED, /* the schema does not fit, or cannot be made to */
};

struct schema_gate {
	/* What a try needs and leaves; a thread sees nothing else. */
	struct gate_try {
		const struct config *config;
		uint64_t connect_timeout_ms;
		int stop_fd; /* an eventfd: eight bytes written to it end the try that is under way */
		struct user admin;
		void (*say)(void *arg, const char *line);
		struct buf said; /* lines that a thread could not log */
		enum gate_result result;
		enum user_result admin_result;
		char error[DIRECT_ERROR_MAX];
	} job;

	uv_loop_t *loop;
	uv_work_t work;
	uv_timer_t pause;
	unsigned attempts;
	bool stopping;
	void (*decided)(struct schema_gate *g); /* on the loop; job.result is not GATE_AWAY */
};

void schema_gate_init(struct schema_gate *g, const struct config *config);

/*
 * One try, blocking for two seconds at most unless there is something to migrate. The reason is g->job.error.
 */
enum gate_result schema_gate_try(struct schema_gate *g);

/* Goes on trying in the background, and calls `decided` once. */
void schema_gate_start(struct schema_gate *g, uv_loop_t *loop, void (*decided)(struct schema_gate *g));

/* Ends the tries: `decided` is not called any more, and the loop lets go of the gate soon. */
void schema_gate_stop(struct schema_gate *g);

/* After the loop's end. */
void schema_gate_free(struct schema_gate *g);

/* For commands: whether the schema is the one of this bugd; if not, db->error says what to do. */
bool schema_require_current(struct direct *db);

#endif
