#include "io/deadline.h"

static struct {
	uv_loop_t *loop;
	uv_timer_t timer;
	struct list lists;
	bool armed;
	uint64_t next_ms; /* when the timer fires, while it is armed */
} clockwork = {
	.lists = { &clockwork.lists, &clockwork.lists },
};

static void look(uv_timer_t *timer);

/* Lets the timer fire at the first tick that is not before `at_ms`, unless it fires earlier anyway. */
static void arm(uint64_t at_ms)
{
	uint64_t now = uv_now(clockwork.loop);
	uint64_t tick = (at_ms + DEADLINE_TICK_MS - 1) / DEADLINE_TICK_MS * DEADLINE_TICK_MS;

	if (clockwork.armed && clockwork.next_ms <= tick)
		return;
	clockwork.armed = true;
	clockwork.next_ms = tick;
	uv_timer_start(&clockwork.timer, look, tick > now ? tick - now : 0, 0);
}

static void expire(struct deadline_list *l, uint64_t now)
{
	struct list *node;

	while ((node = list_first(&l->waiting))) {
		struct deadline *d = list_entry(node, struct deadline, node);

		if (d->at_ms > now)
			return;
		list_remove(&d->node);
		d->expired(d);
	}
}

static void look(uv_timer_t *timer)
{
	uint64_t now = uv_now(timer->loop);

	clockwork.armed = false;
	list_for_each(&clockwork.lists, it, next)
		expire(list_entry(it, struct deadline_list, node), now);
	list_for_each(&clockwork.lists, it, next) {
		struct list *first = list_first(&list_entry(it, struct deadline_list, node)->waiting);

		if (first)
			arm(list_entry(first, struct deadline, node)->at_ms);
	}
}

void deadline_start(uv_loop_t *loop)
{
	clockwork.loop = loop;
	clockwork.armed = false;
	uv_timer_init(loop, &clockwork.timer);
	uv_unref((uv_handle_t *)&clockwork.timer);
}

void deadline_stop(void)
{
	uv_close((uv_handle_t *)&clockwork.timer, NULL);
	clockwork.armed = false;
}

void deadline_list_init(struct deadline_list *l, uint64_t duration_ms)
{
	list_init(&l->waiting);
	list_init(&l->node);
	list_append(&clockwork.lists, &l->node);
	l->duration_ms = duration_ms;
}

void deadline_list_remove(struct deadline_list *l)
{
	list_remove(&l->node);
}

void deadline_set(struct deadline_list *l, struct deadline *d)
{
	list_remove(&d->node);
	if (l->duration_ms == 0)
		return;
	d->at_ms = uv_now(clockwork.loop) + l->duration_ms;
	list_append(&l->waiting, &d->node);
	arm(d->at_ms);
}

void deadline_clear(struct deadline *d)
{
	list_remove(&d->node);
}

bool deadline_is_set(const struct deadline *d)
{
	return !list_empty(&d->node);
}
