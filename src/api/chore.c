#include "api/chore.h"

#include "base/list.h"
#include "base/mem.h"

static void time_to_ask(uv_timer_t *timer);

static bool asking(const struct chore *c)
{
	return c->reply && !c->reply->wait.done;
}

static void answered(struct waker *waker)
{
	struct chore *c = list_entry(waker, struct chore, waker);
	bool more = !c->reply->err && c->kind->done(c->reply->result[0]);

	uv_timer_start(&c->timer, time_to_ask, more || c->soon ? c->kind->more_ms : c->kind->rest_ms, 0);
	c->soon = false;
}

static void time_to_ask(uv_timer_t *timer)
{
	struct chore *c = timer->data;

	arena_reset(&c->arena);
	c->reply = c->kind->ask(c->db, &c->arena, c->arg);
	c->reply->wait.waker = &c->waker;
	if (c->reply->wait.done)
		answered(&c->waker);
}

void chore_init(struct chore *c, uv_loop_t *loop, struct db *db, const struct chore_kind *kind,
		const void *arg)
{
	*c = (struct chore){ .kind = kind, .arg = arg, .db = db, .waker.wake = answered };
	uv_timer_init(loop, &c->timer);
	uv_unref((uv_handle_t *)&c->timer);
	c->timer.data = c;
}

void chore_open(struct chore *c)
{
	uv_timer_start(&c->timer, time_to_ask, c->kind->first_ms, 0);
}

void chore_soon(struct chore *c)
{
	if (uv_is_closing((uv_handle_t *)&c->timer))
		return;
	if (asking(c))
		c->soon = true;
	else
		uv_timer_start(&c->timer, time_to_ask, c->kind->more_ms, 0);
}

void chore_close(struct chore *c)
{
	if (c->reply)
		await_abandon(&c->reply->wait);
	uv_close((uv_handle_t *)&c->timer, NULL);
}

void chore_free(struct chore *c)
{
	arena_reset(&c->arena);
}
