#include "api/token_use.h"

#include "base/clock.h"
#include "base/mem.h"
#include "statements.h"

#include <stdlib.h>

#define NOTED_MAX 256
#define AGAIN_MS  60000
#define WRITE_MS  5000

struct token_use {
	struct db *db;
	uv_timer_t timer;
	size_t n;
	struct uuid id[NOTED_MAX];
	char text[NOTED_MAX][CLOCK_TIMESTAMP_LEN];
	struct str time[NOTED_MAX];
	/* The last write, and the memory of its reply. */
	struct arena arena;
	struct db_reply *reply;
};

static bool writing(const struct token_use *u)
{
	return u->reply && !u->reply->wait.done;
}

/* A write that fails is not repeated: the next use is noted again. */
static void write_noted(struct token_use *u)
{
	struct token_touch_args args = { .ids = { u->id, u->n }, .times = { u->time, u->n } };

	if (u->n == 0 || writing(u))
		return;
	arena_reset(&u->arena);
	u->reply = db_run(u->db, &u->arena, &statement_token_touch, &args);
	u->n = 0;
}

static void time_to_write(uv_timer_t *timer)
{
	struct token_use *u = timer->data;

	write_noted(u);
	if (u->n)
		uv_timer_start(timer, time_to_write, WRITE_MS, 0);
}

struct token_use *token_use_create(uv_loop_t *loop, struct db *db)
{
	struct token_use *u = mem_zalloc(1, sizeof(*u));

	u->db = db;
	uv_timer_init(loop, &u->timer);
	uv_unref((uv_handle_t *)&u->timer);
	u->timer.data = u;
	return u;
}

void token_use_note(struct token_use *u, struct standing *standing)
{
	uint64_t now = uv_now(u->timer.loop);

	if (standing->noted_at && now - standing->noted_at < AGAIN_MS)
		return;
	if (u->n == NOTED_MAX)
		write_noted(u);
	if (u->n == NOTED_MAX)
		return; /* the database is slow; the next use is early enough */
	standing->noted_at = now;
	u->id[u->n] = standing->id;
	clock_format_timestamp(clock_now_us(), u->text[u->n]);
	u->time[u->n] = (struct str){ u->text[u->n], CLOCK_TIMESTAMP_LEN };
	u->n++;
	if (!uv_is_active((uv_handle_t *)&u->timer))
		uv_timer_start(&u->timer, time_to_write, WRITE_MS, 0);
}

void token_use_close(struct token_use *u)
{
	write_noted(u);
	uv_close((uv_handle_t *)&u->timer, NULL);
}

void token_use_free(struct token_use *u)
{
	if (u->reply)
		await_abandon(&u->reply->wait);
	arena_reset(&u->arena);
	free(u);
}
