/* Jobs on threads, and the turn of the loop that wakes their waiters. */
#include "io/work.h"

#include "base/mem.h"
#include "io/turn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static uv_loop_t loop;
static struct work_lane lane;

struct waiter {
	struct waker waker;
	struct turn_task task;
	struct work work;
	unsigned woken, ran;
};

static void wake(struct waker *w)
{
	struct waiter *waiter = list_entry(w, struct waiter, waker);

	waiter->woken++;
	turn_ready(&waiter->task);
}

static void run_task(struct turn_task *t)
{
	list_entry(t, struct waiter, task)->ran++;
}

static void waiter_init(struct waiter *w)
{
	*w = (struct waiter){ .waker.wake = wake, .task.run = run_task };
	list_init(&w->task.node);
}

struct sum {
	int a, b, result;
	unsigned sleep_us;
};

static void add(void *input)
{
	struct sum *s = input;

	usleep(s->sleep_us);
	s->result = s->a + s->b;
}

static void submit(struct waiter *w, int a, unsigned sleep_us)
{
	struct sum *s = mem_zalloc(1, sizeof(*s));

	waiter_init(w);
	s->a = a;
	s->b = 1;
	s->sleep_us = sleep_us;
	work_submit(&lane, &w->work, add, s, sizeof(*s))->waker = &w->waker;
}

/* The loop ends with its last job, maybe before the waiters' tasks had a turn: tests forget them. */
static int setup(void **state)
{
	(void)state;
	uv_loop_init(&loop);
	turn_start(&loop);
	work_lane_init(&lane, &loop, "test", 2, 3);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	turn_stop();
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(lane.running, 0);
	assert_int_equal(lane.queued, 0);
	return uv_loop_close(&loop);
}

static void result_comes_back_to_the_waiter(void **state)
{
	struct waiter w;

	(void)state;
	submit(&w, 41, 0);
	assert_false(w.work.wait.done);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_true(w.work.wait.done);
	assert_int_equal(w.woken, 1);
	assert_int_equal(((struct sum *)w.work.result)->result, 42);
	work_release(&w.work);
	work_release(&w.work);
	assert_null(w.work.result);
	turn_forget(&w.task);
}

static void lane_is_bounded(void **state)
{
	struct waiter w[7];

	(void)state;
	for (int i = 0; i < 7; i++)
		submit(&w[i], i, 2000);
	assert_int_equal(lane.running, 2);
	assert_int_equal(lane.queued, 3);
	assert_int_equal(lane.refused, 2);
	for (int i = 5; i < 7; i++) {
		assert_true(w[i].work.wait.done);
		assert_true(w[i].work.refused);
		assert_null(w[i].work.result);
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(((struct sum *)w[i].work.result)->result, i + 1);
		assert_false(w[i].work.refused);
	}
	for (int i = 0; i < 7; i++) {
		work_release(&w[i].work);
		turn_forget(&w[i].task);
	}
}

static void abandoned_jobs_wake_nobody(void **state)
{
	struct waiter w[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		submit(&w[i], i, 2000);
	await_abandon(&w[0].work.wait); /* runs */
	await_abandon(&w[3].work.wait); /* waits for a thread: never runs */
	assert_int_equal(lane.queued, 1);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(w[0].woken, 0);
	assert_int_equal(w[1].woken, 1);
	assert_int_equal(w[2].woken, 1);
	assert_int_equal(w[3].woken, 0);
	for (int i = 0; i < 4; i++) {
		work_release_deferred(&w[i].work);
		turn_forget(&w[i].task);
	}
}

static void release_before_the_end_abandons(void **state)
{
	struct waiter w;

	(void)state;
	submit(&w, 1, 2000);
	work_release(&w.work);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(w.woken, 0);
}

/* ---- the turn ---- */

static struct waiter *again;
static unsigned hooks;
static uv_timer_t timer;

static void on_timer(uv_timer_t *t)
{
	turn_ready(&again->task);
	turn_ready(&again->task);
	assert_int_equal(again->ran, 0);
	uv_close((uv_handle_t *)t, NULL);
}

static void on_hook(struct turn_hook *h)
{
	(void)h;
	hooks++;
	if (hooks == 1) {
		assert_int_equal(again->ran, 0);
	} else if (hooks == 2) {
		assert_int_equal(again->ran, 1);
		turn_ready(&again->task);
	}
}

static void tasks_run_once_a_turn_and_before_the_hooks(void **state)
{
	struct turn_hook hook = { .run = on_hook };
	struct waiter w;

	(void)state;
	waiter_init(&w);
	again = &w;
	hooks = 0;
	turn_add_hook(&hook);
	uv_timer_init(&loop, &timer);
	uv_timer_start(&timer, on_timer, 5, 0);
	uv_run(&loop, UV_RUN_ONCE); /* first turn: nothing is ready, then it sleeps */
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(w.ran, 2);
	turn_remove_hook(&hook);
}

static void task_that_is_forgotten_does_not_run(void **state)
{
	struct waiter w;

	(void)state;
	waiter_init(&w);
	turn_ready(&w.task);
	turn_forget(&w.task);
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(w.ran, 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(result_comes_back_to_the_waiter),
		TEST(lane_is_bounded),
		TEST(abandoned_jobs_wake_nobody),
		TEST(release_before_the_end_abandons),
		TEST(tasks_run_once_a_turn_and_before_the_hooks),
		TEST(task_that_is_forgotten_does_not_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
