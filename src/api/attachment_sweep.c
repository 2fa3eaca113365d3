/*
 * Looking after the folder of attachments. Several processes share it: one sweeps at a time, by a lease in the database
 * that it renews with each step; and if two ever did, each step is right by itself (io/store.h).
 */
#include "api/attachment.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/row.h"
#include "io/turn.h"

#include <stdlib.h>
#include <string.h>

#define AGAIN_MS ((uint64_t)60 * 60 * 1000)
/* After what has failed: the database is away, or somebody else has the lease, who may have died with it. */
#define RETRY_MS 1000

struct sweeper {
	struct db *db;
	struct store *store;
	struct uuid process;
	uv_timer_t timer;
	bool claimed;
	bool told; /* that the folder is not usable: once */

	/* One pass: coroutines, one behind the other. */
	unsigned phase;
	struct co co;
	struct waker waker;
	struct awaitable *awaited;
	struct turn_task task;
	struct arena arena;
	struct db_reply *reply;
	struct store_batch batch;
	unsigned dir;
	size_t from;
	struct uuid after;
	unsigned placed, removed, forgotten;
};

/* Runs a statement; its reply lives until the next. */
#define sweep_db(s, name, ...)                                                                               \
	do {                                                                                                 \
		arena_reset(&(s)->arena);                                                                    \
		(s)->reply = db_run((s)->db, &(s)->arena, &statement_##name,                                 \
				    (&(struct name##_args){ __VA_ARGS__ }));                                 \
		co_await(s, s, &(s)->reply->wait);                                                           \
		if ((s)->reply->err)                                                                         \
			return CO_FAILED;                                                                    \
	} while (0)

static void claim_failed(struct sweeper *s)
{
	if (!s->told)
		log_event(
			LOG_ERROR, "api", "UPLOAD_DIR is not usable",
			"it is not the folder of this database's attachments (each database has its own), or cannot "
			"be written; nothing is attached until it is right");
	s->told = true;
}

static struct awaitable *claim(struct sweeper *s)
{
	struct uuid owner = row_uuid(s->reply->result[0], 0, 0);

	return store_claim(s->store, &s->batch, &owner, !row_bool(s->reply->result[0], 0, 1));
}

/* The folder has to be ours before anything in it is touched. */
static enum co_state claim_folder(struct sweeper *s)
{
	co_begin(s);
	if (s->claimed)
		return CO_DONE;
	sweep_db(s, attachment_store, .id = uuid_v7());
	co_await(s, s, claim(s));
	s->claimed = store_batch_ok(&s->batch);
	if (!s->claimed)
		co_fail(claim_failed(s));
	co_end();
}

/* The lease: false, somebody else has it. */
static bool has_lease(const struct sweeper *s)
{
	return PQntuples(s->reply->result[0]) == 1;
}

static void take_rows(struct sweeper *s)
{
	const PGresult *r = s->reply->result[0];
	size_t n = store_batch_count(&s->batch);

	for (int i = 0; i < PQntuples(r); i++) {
		struct uuid id = row_uuid(r, i, 0);

		store_batch_has_row(&s->batch, &id);
	}
	if (s->dir == STORE_DIRS)
		s->placed += (unsigned)PQntuples(r);
	s->removed += (unsigned)n - (unsigned)PQntuples(r);
	/* What stays in the folder is not looked at again in this pass. */
	s->from += s->dir == STORE_DIRS ? 0 : (size_t)PQntuples(r);
}

static struct uuid *make_event_ids(struct sweeper *s, size_t n)
{
	struct uuid *ids = arena_array(&s->arena, struct uuid, n);

	for (size_t i = 0; i < n; i++)
		ids[i] = uuid_v7();
	return ids;
}

/* A page of rows: what the store is asked for next. */
static struct awaitable *look_for_files(struct sweeper *s)
{
	const PGresult *r = s->reply->result[0];
	int n = PQntuples(r);
	struct uuid *ids = arena_array(&s->arena, struct uuid, (size_t)n);

	for (int i = 0; i < n; i++)
		ids[i] = row_uuid(r, i, 0);
	s->after = ids[n - 1];
	return store_missing(s->store, &s->batch, ids, (size_t)n);
}

/* Files: those in incoming/ first, so that what is put into its place is not missed. */
static enum co_state sweep_files(struct sweeper *s)
{
	co_begin(s);
	for (s->dir = STORE_DIRS + 1; s->dir-- > 0;) {
		s->from = 0;
		do {
			sweep_db(s, attachment_sweep_claim, .owner = s->process);
			if (!has_lease(s))
				return CO_FAILED;
			co_await(s, s, store_list(s->store, &s->batch, s->dir, s->from));
			if (!store_batch_ok(&s->batch))
				return CO_FAILED;
			if (store_batch_count(&s->batch) == 0)
				break;
			sweep_db(s, attachment_known,
				 .ids = { store_batch_ids(&s->batch), store_batch_count(&s->batch) });
			take_rows(s);
			co_await(s, s, store_settle(s->store, &s->batch));
			if (!store_batch_ok(&s->batch))
				return CO_FAILED;
		} while (store_batch_count(&s->batch) == STORE_BATCH);
	}
	co_end();
}

static enum co_state sweep_rows(struct sweeper *s)
{
	co_begin(s);
	s->after = (struct uuid){ 0 };
	for (;;) {
		sweep_db(s, attachment_sweep_claim, .owner = s->process);
		if (!has_lease(s))
			return CO_FAILED;
		sweep_db(s, attachment_ids, .after = s->after, .limit = STORE_BATCH);
		if (PQntuples(s->reply->result[0]) == 0)
			return CO_DONE;
		co_await(s, s, look_for_files(s));
		if (!store_batch_ok(&s->batch))
			return CO_FAILED;
		if (store_batch_count(&s->batch) == 0)
			continue;
		s->forgotten += (unsigned)store_batch_count(&s->batch);
		sweep_db(s, attachment_forget,
			 .ids = { store_batch_ids(&s->batch), store_batch_count(&s->batch) },
			 .event_ids = { make_event_ids(s, store_batch_count(&s->batch)),
					store_batch_count(&s->batch) });
	}
	co_end();
}

static enum co_state end_pass(struct sweeper *s)
{
	co_begin(s);
	sweep_db(s, attachment_sweep_end, .owner = s->process);
	store_batch_free(&s->batch);
	if (s->placed || s->removed || s->forgotten)
		log_event(LOG_INFO, "api", "attachments were put right",
			  "%u files put into their place, %u removed, %u rows without a file removed",
			  s->placed, s->removed, s->forgotten);
	s->placed = s->removed = s->forgotten = 0;
	co_end();
}

/* ---- the pass ---- */

static enum co_state (*const phases[])(struct sweeper *s) = { claim_folder, sweep_files, sweep_rows,
							      end_pass };
#define PHASES (sizeof(phases) / sizeof(*phases))

static void begin_pass(uv_timer_t *timer)
{
	struct sweeper *s = timer->data;

	s->phase = 0;
	s->co = (struct co){ 0 };
	s->awaited = NULL;
	turn_ready(&s->task);
}

static void run_pass(struct turn_task *task)
{
	struct sweeper *s = list_entry(task, struct sweeper, task);
	enum co_state state = CO_DONE;

	while (s->phase < PHASES && state == CO_DONE) {
		state = phases[s->phase](s);
		if (state == CO_WAIT)
			return;
		s->co = (struct co){ 0 };
		s->phase++;
	}
	store_batch_free(&s->batch);
	uv_timer_start(&s->timer, begin_pass, state == CO_DONE ? AGAIN_MS : RETRY_MS, 0);
}

static void wake(struct waker *waker)
{
	turn_ready(&list_entry(waker, struct sweeper, waker)->task);
}

struct sweeper *sweeper_create(uv_loop_t *loop, struct db *db, struct store *store)
{
	struct sweeper *s = mem_zalloc(1, sizeof(*s));

	s->db = db;
	s->store = store;
	s->process = uuid_v7();
	s->waker.wake = wake;
	s->task.run = run_pass;
	list_init(&s->task.node);
	uv_timer_init(loop, &s->timer);
	uv_unref((uv_handle_t *)&s->timer);
	s->timer.data = s;
	return s;
}

void sweeper_open(struct sweeper *s)
{
	begin_pass(&s->timer);
}

bool sweeper_claimed(const struct sweeper *s)
{
	return s->claimed;
}

bool sweeper_decided(const struct sweeper *s)
{
	return s->claimed || s->told;
}

void sweeper_close(struct sweeper *s)
{
	if (s->awaited)
		await_abandon(s->awaited);
	s->awaited = NULL;
	turn_forget(&s->task);
	store_batch_free(&s->batch);
	uv_close((uv_handle_t *)&s->timer, NULL);
}

void sweeper_free(struct sweeper *s)
{
	arena_reset(&s->arena);
	free(s);
}
