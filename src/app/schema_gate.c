#include "app/schema_gate.h"

#include "app/search_language.h"
#include "base/log.h"
#include "base/rand.h"
#include "db/migrate.h"

#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define FIRST_TRY_MS   2000
#define PAUSE_FIRST_MS UINT64_C(100)
#define PAUSE_MOST_MS  UINT64_C(1000)

static struct migrator migrator_of(struct direct *db)
{
	return (struct migrator){ .db = db, .files = migration_files, .file_count = migration_file_count };
}

bool schema_require_current(struct direct *db)
{
	struct migrator m = migrator_of(db);
	struct schema schema;

	if (!migrate_check(&m, &schema))
		return false;
	return schema.state == SCHEMA_CURRENT || direct_fail(db, "%s", schema.text);
}

/* What is done to the schema takes as long as it takes. */
static bool migrate(struct gate_try *job, struct migrator *m, const struct schema *schema)
{
	uint64_t bound = m->db->timeout_ms;
	bool done;

	m->db->timeout_ms = 0;
	done = (schema->state == SCHEMA_CURRENT || migrate_up(m)) &&
	       search_language_apply(m, job->config->search_language);
	m->db->timeout_ms = bound;
	return done;
}

static bool bring_up_to_date(struct gate_try *job, struct direct *db)
{
	struct migrator m = migrator_of(db);
	struct schema schema;

	if (!migrate_check(&m, &schema))
		return false;
	m.say = job->say;
	m.arg = job;
	if (schema.state != SCHEMA_CURRENT && schema.state != SCHEMA_OLDER)
		return direct_fail(db, "%s", schema.text);
	if (job->config->migrate_on_start)
		return migrate(job, &m, &schema);
	if (schema.state == SCHEMA_OLDER)
		return direct_fail(db, "%s, or set MIGRATE_ON_START=true", schema.text);
	return search_language_compare(&m, job->config->search_language);
}

static bool create_first_admin(struct gate_try *job, struct direct *db)
{
	const struct password_cost cost = config_password_cost(job->config);

	if (!job->admin.email.p)
		return true;
	job->admin_result = user_add_first(db, &job->admin, &cost);
	return job->admin_result != USER_FAILED;
}

/* Blocking; on the main thread or on one of libuv's. */
static void try_to_pass(struct gate_try *job)
{
	struct direct db;

	job->result = GATE_PASSED;
	if (direct_open(&db, job->config->database_url, job->connect_timeout_ms, job->stop_fd)) {
		db.timeout_ms = job->connect_timeout_ms;
		if (bring_up_to_date(job, &db) && create_first_admin(job, &db)) {
			direct_close(&db);
			return;
		}
	}
	job->result = db.passing ? GATE_AWAY : GATE_REFUSED;
	memcpy(job->error, db.error, sizeof(job->error));
	direct_close(&db);
}

static void say_now(void *arg, const char *line)
{
	(void)arg;
	log_event(LOG_INFO, "migrate", "migration", "%s", line);
	log_flush();
}

/* The log belongs to the loop's thread. */
static void say_later(void *arg, const char *line)
{
	struct gate_try *job = arg;

	buf_printf(&job->said, "%s\n", line);
}

static void log_what_was_said(struct gate_try *job)
{
	struct str rest = buf_str(&job->said);

	while (rest.n) {
		struct str line = str_cut(&rest, '\n');

		log_event(LOG_INFO, "migrate", "migration", "%.*s", STR_FMT(line));
	}
	buf_free(&job->said);
}

static void log_outcome(struct schema_gate *g)
{
	struct gate_try *job = &g->job;

	log_what_was_said(job);
	if (job->result == GATE_PASSED && job->admin_result == USER_DONE)
		log_event(LOG_INFO, "app", "first admin created", "%.*s", STR_FMT(job->admin.email));
}

void schema_gate_init(struct schema_gate *g, const struct config *config)
{
	*g = (struct schema_gate){
		.job = {
			.config = config,
			.stop_fd = eventfd(0, EFD_CLOEXEC),
			.admin_result = USER_EXISTS,
			.admin = {
				.id = uuid_v7(),
				.email = str_of(config->bootstrap_admin_email),
				.name = STR("Admin"),
				.password = str_of(config->bootstrap_admin_password),
				.role = ROLE_ADMIN,
			},
		},
	};
}

enum gate_result schema_gate_try(struct schema_gate *g)
{
	uint64_t bound = g->job.config->db_connect_timeout;

	g->job.connect_timeout_ms = bound < FIRST_TRY_MS ? bound : FIRST_TRY_MS;
	g->job.say = say_now;
	try_to_pass(&g->job);
	log_outcome(g);
	return g->job.result;
}

static void on_thread(uv_work_t *work)
{
	struct schema_gate *g = work->data;

	try_to_pass(&g->job);
}

static void try_again_later(struct schema_gate *g);

static void end_tries(struct schema_gate *g)
{
	g->stopping = true;
	uv_close((uv_handle_t *)&g->pause, NULL);
}

static void try_done(uv_work_t *work, int status)
{
	struct schema_gate *g = work->data;

	if (g->stopping || status == UV_ECANCELED) {
		log_what_was_said(&g->job);
		return;
	}
	log_outcome(g);
	if (g->job.result == GATE_AWAY) {
		try_again_later(g);
		return;
	}
	end_tries(g);
	g->decided(g);
}

static void pause_over(uv_timer_t *timer)
{
	struct schema_gate *g = timer->data;

	uv_queue_work(g->loop, &g->work, on_thread, try_done);
}

static void try_again_later(struct schema_gate *g)
{
	uint64_t pause = PAUSE_FIRST_MS << (g->attempts < 4 ? g->attempts : 4);

	/* Once, and then now and again. */
	if (g->attempts % 32 == 0)
		log_event(LOG_WARN, "app", "the database is away", "%s", g->job.error);
	if (pause > PAUSE_MOST_MS)
		pause = PAUSE_MOST_MS;
	/* Jitter, so that processes that lost the database together do not come back in step. */
	pause = pause / 2 + rand_u64() % (pause / 2 + 1);
	g->attempts++;
	uv_timer_start(&g->pause, pause_over, pause, 0);
}

void schema_gate_start(struct schema_gate *g, uv_loop_t *loop, void (*decided)(struct schema_gate *g))
{
	g->loop = loop;
	g->decided = decided;
	g->job.connect_timeout_ms = g->job.config->db_connect_timeout;
	g->job.say = say_later;
	g->work.data = g;
	g->pause.data = g;
	uv_timer_init(loop, &g->pause);
	try_again_later(g);
}

void schema_gate_stop(struct schema_gate *g)
{
	if (!g->loop || g->stopping)
		return;
	end_tries(g);
	eventfd_write(g->job.stop_fd, 1);
}

void schema_gate_free(struct schema_gate *g)
{
	close(g->job.stop_fd);
	buf_free(&g->job.said);
}
