#include "api/import.h"

#include "base/log.h"
#include "base/mem.h"
#include "import_step.h"

#include <stdlib.h>
#include <string.h>

/* Time for one statement; rows are made in pieces, so that none takes long. */
#define PATIENCE_MS (15 * UINT64_C(60000))

/* How often others are told how far it is. */
#define PROGRESS_MS 500

#define BEGIN                                                                                                \
	"BEGIN;" COPY_NOTICE "SET LOCAL bugd.quiet = 'on';"                                                  \
	"SET LOCAL statement_timeout = '15min'; SET LOCAL lock_timeout = '5min';"                            \
	"SET LOCAL idle_in_transaction_session_timeout = '5min';"                                            \
	"SET LOCAL work_mem = '32MB'; SET LOCAL enable_seqscan = on;"                                        \
	"CREATE TEMP TABLE import_rows (LIKE import_rows) ON COMMIT DROP;"                                   \
	"CREATE TEMP TABLE import_projects (LIKE import_projects INCLUDING INDEXES) ON COMMIT DROP;"         \
	"CREATE TEMP TABLE import_people (LIKE import_people INCLUDING INDEXES) ON COMMIT DROP;"             \
	"CREATE TEMP TABLE import_labels (LIKE import_labels INCLUDING INDEXES) ON COMMIT DROP;"             \
	"CREATE TEMP TABLE import_external_ids (LIKE import_external_ids INCLUDING INDEXES) ON COMMIT DROP"

/* ---- life ---- */

static void wake(struct waker *waker)
{
	turn_ready(&list_entry(waker, struct import, waker)->task);
}

static void run_task(struct turn_task *task)
{
	struct import *imp = list_entry(task, struct import, task);

	if (imp->leaving) {
		import_free(imp);
		return;
	}
	if (import_step(imp) == CO_WAIT)
		return;
	if (imp->detached)
		import_free(imp);
	else
		await_done(&imp->finished);
}

/* The caller's, which may be of the exchange. */
static void keep_access(struct import *imp, const struct access *a)
{
	struct db_array *only;

	imp->access = *a;
	imp->access.role = arena_str(&imp->arena, a->role);
	if (!a->only)
		return;
	only = arena_new(&imp->arena, struct db_array);
	only->v = memcpy(arena_array(&imp->arena, struct uuid, a->only->n), a->only->v,
			 a->only->n * sizeof(struct uuid));
	only->n = a->only->n;
	imp->access.only = only;
}

struct import *import_create(struct exchange *x)
{
	struct api *api = api_of(x);
	struct access access = access_of(x);
	struct copy *copy =
		api->import_count < api->config.copy_connections / 2 ? copy_take(api->copies) : NULL;
	struct import *imp;

	if (!copy)
		return NULL;
	imp = mem_zalloc(1, sizeof(*imp));
	imp->api = api;
	imp->copy = copy;
	imp->copy->patience_ms = PATIENCE_MS;
	imp->id = uuid_v7();
	imp->waker.wake = wake;
	imp->task.run = run_task;
	list_init(&imp->task.node);
	keep_access(imp, &access);
	import_rows_init(&imp->rows);
	imp->reader = imp->rows.reader = csv_reader_create(import_rows_add, &imp->rows);
	list_append(&api->imports, &imp->node);
	api->import_count++;
	return imp;
}

void import_free(struct import *imp)
{
	imp->api->import_count--;
	list_remove(&imp->node);
	turn_forget(&imp->task);
	if (imp->awaited)
		await_abandon(imp->awaited);
	if (imp->progress)
		await_abandon(&imp->progress->wait);
	if (imp->copy)
		copy_give_back(imp->copy);
	csv_reader_free(imp->reader);
	import_rows_free(&imp->rows);
	buf_free(&imp->report);
	arena_reset(&imp->progress_arena);
	arena_reset(&imp->arena);
#ifndef __clang_analyzer__ /* It does not see that no list has it any more. */
	free(imp);
#endif
}

/* What the transaction would commit includes the job's end: it cannot any more, once the job is gone. */
void import_leave(struct import *imp)
{
	if (!imp->known) {
		import_free(imp);
		return;
	}
	turn_forget(&imp->task);
	if (imp->awaited)
		await_abandon(imp->awaited);
	copy_give_back(imp->copy);
	imp->copy = NULL;
	imp->leaving = true;
	imp->reply = db_run(imp->api->db, &imp->arena, &statement_import_drop_job_elsewhere,
			    &(struct import_drop_job_elsewhere_args){ .id = imp->id });
	imp->awaited = &imp->reply->wait;
	imp->awaited->waker = &imp->waker;
	if (imp->awaited->done)
		turn_ready(&imp->task);
}

/* Their exchanges have ended before; what is left are jobs. */
void imports_stop(struct api *api)
{
	struct list *node;

	while ((node = list_pop(&api->imports))) {
		log_event(LOG_WARN, "api", "an import is ended, as the server stops", NULL);
		import_free(list_entry(node, struct import, node));
	}
}

/* ---- beginning ---- */

void import_fail_exchange(struct exchange *x, const struct import *imp)
{
	if (imp->err == ERR_VALIDATION)
		exchange_fail_field(x, imp->field.p, "unknown", imp->detail);
	else if (imp->err && imp->detail)
		exchange_fail_detail(x, imp->err, "%s", imp->detail);
	else
		exchange_fail(x, imp->err ? imp->err : imp->copy->err);
}

#define co_copy(f, x, imp, call)                                                                             \
	do {                                                                                                 \
		co_await(f, x, call);                                                                        \
		if ((imp)->copy->err)                                                                        \
			co_fail(import_fail_exchange((x), (imp)));                                           \
	} while (0)

static struct awaitable *create_job(struct import *imp)
{
	enum csv_column columns[CSV_COLUMN_COUNT];
	size_t n = csv_reader_columns(imp->reader, columns), count = 0;
	struct str names[CSV_COLUMN_COUNT];

	for (size_t i = 0; i < n; i++) {
		if (columns[i] < CSV_READ_COUNT)
			names[count++] = str_of(csv_column_names[columns[i]]);
	}
	return copy_run(imp->copy, &statement_import_create_job,
			&(struct import_create_job_args){
				.id = imp->id, .owner = imp->access.viewer, .columns = { names, count } });
}

enum co_state import_begin(struct exchange *x, struct import *imp, struct import_begin *f)
{
	co_begin(f);
	co_copy(f, x, imp, copy_ready(imp->copy));
	/* Whoever may not import is told so before the whole file has come, where the project is known by then. */
	if (imp->wish.has_project) {
		co_copy(f, x, imp, import_check(imp));
		if (!import_checked(imp))
			co_fail(import_fail_exchange(x, imp));
	}
	co_copy(f, x, imp,
		copy_run(imp->copy, &statement_import_hold_job,
			 &(struct import_hold_job_args){ .id = imp->id }));
	co_copy(f, x, imp, create_job(imp));
	imp->known = true;
	co_copy(f, x, imp, copy_script(imp->copy, BEGIN));
	co_copy(f, x, imp, copy_in(imp->copy, "COPY import_rows FROM STDIN (FORMAT binary)"));
	co_end();
}

void import_note_progress(struct import *imp, int progress)
{
	uint64_t now = uv_now(imp->api->loop);

	if (now - imp->progress_at < PROGRESS_MS || (imp->progress && !imp->progress->wait.done))
		return;
	imp->progress_at = now;
	arena_reset(&imp->progress_arena);
	imp->progress =
		db_run(imp->api->db, &imp->progress_arena, &statement_import_progress,
		       &(struct import_progress_args){ .id = imp->id,
						       .progress = progress,
						       .rows_read = (int32_t)csv_reader_rows(imp->reader) });
}

void import_run(struct import *imp)
{
	imp->co = (struct co){ 0 };
	turn_ready(&imp->task);
}
