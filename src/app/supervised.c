#include "app/supervised.h"

#include "io/supervisor.h"

#define READY_EVERY_MS 10
#define PATIENCE_MS    5000

void supervised_init(struct supervised *s, uv_loop_t *loop)
{
	uv_timer_init(loop, &s->ready);
	uv_timer_init(loop, &s->alive);
	uv_unref((uv_handle_t *)&s->ready);
	uv_unref((uv_handle_t *)&s->alive);
	s->ready.data = s;
}

static void look_whether_ready(uv_timer_t *timer)
{
	struct supervised *s = timer->data;
	bool ready = s->is_ready(s->context);

	if (!ready && uv_now(timer->loop) < s->patience_ms)
		return;
	supervisor_tell(ready ? "READY=1\nSTATUS=Serving" : "READY=1\nSTATUS=Waiting for the database");
	uv_timer_stop(timer);
}

static void say_alive(uv_timer_t *timer)
{
	(void)timer;
	supervisor_tell("WATCHDOG=1");
}

void supervised_start(struct supervised *s, bool (*is_ready)(void *context), void *context)
{
	uint64_t every_ms = supervisor_watchdog_ms();

	if (!supervisor_listens())
		return;
	s->is_ready = is_ready;
	s->context = context;
	s->patience_ms = uv_now(s->ready.loop) + PATIENCE_MS;
	uv_timer_start(&s->ready, look_whether_ready, 0, READY_EVERY_MS);
	if (every_ms)
		uv_timer_start(&s->alive, say_alive, every_ms, every_ms);
}

void supervised_stop(struct supervised *s)
{
	uv_timer_stop(&s->ready);
	supervisor_tell("STOPPING=1\nSTATUS=Finishing what is running");
}

void supervised_close(struct supervised *s)
{
	uv_close((uv_handle_t *)&s->ready, NULL);
	uv_close((uv_handle_t *)&s->alive, NULL);
}
