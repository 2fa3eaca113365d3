#include "io/turn.h"

#include <stdbool.h>

static struct {
	uv_prepare_t prepare;
	uv_check_t check;
	struct list ready;
	struct list hooks;
	uint64_t woke_us; /* when the loop came back from its sleep, of the loop's clock */
	uint64_t last_us;
} turn = {
	.ready = { &turn.ready, &turn.ready },
	.hooks = { &turn.hooks, &turn.hooks },
};

static void run_ready(void)
{
	struct list *node;

	while ((node = list_pop(&turn.ready))) {
		struct turn_task *t = list_entry(node, struct turn_task, node);

		t->run(t);
	}
}

static void run_hooks(void)
{
	list_for_each(&turn.hooks, it, next) {
		struct turn_hook *h = list_entry(it, struct turn_hook, node);

		h->run(h);
	}
}

/* libuv prepares its sleep: this is where the turn's own work is done. */
static void before_sleep(uv_prepare_t *prepare)
{
	uint64_t now_us;

	(void)prepare;
	do {
		run_ready();
		run_hooks();
	} while (!list_empty(&turn.ready));
	now_us = uv_hrtime() / 1000;
	if (turn.woke_us && now_us > turn.woke_us)
		turn.last_us = now_us - turn.woke_us;
}

/* Runs after the events of a turn; the loop's clock still stands at the moment when they were collected. */
static void after_events(uv_check_t *check)
{
	turn.woke_us = uv_now(check->loop) * 1000;
}

void turn_start(uv_loop_t *loop)
{
	uv_prepare_init(loop, &turn.prepare);
	uv_prepare_start(&turn.prepare, before_sleep);
	uv_unref((uv_handle_t *)&turn.prepare);
	uv_check_init(loop, &turn.check);
	uv_check_start(&turn.check, after_events);
	uv_unref((uv_handle_t *)&turn.check);
	turn.woke_us = turn.last_us = 0;
}

void turn_stop(void)
{
	uv_close((uv_handle_t *)&turn.prepare, NULL);
	uv_close((uv_handle_t *)&turn.check, NULL);
}

void turn_ready(struct turn_task *t)
{
	if (list_empty(&t->node))
		list_append(&turn.ready, &t->node);
}

void turn_forget(struct turn_task *t)
{
	list_remove(&t->node);
}

void turn_add_hook(struct turn_hook *h)
{
	list_append(&turn.hooks, &h->node);
}

void turn_remove_hook(struct turn_hook *h)
{
	list_remove(&h->node);
}

uint64_t turn_last_us(void)
{
	return turn.last_us;
}
