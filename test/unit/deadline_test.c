#include "io/deadline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static uv_loop_t loop;
static struct deadline_list quick, slow, never;

struct thing {
	struct deadline deadline;
	uint64_t expired_ms; /* 0: not yet */
	unsigned times;
	struct thing *other;
};

static void expired(struct deadline *d)
{
	struct thing *t = list_entry(d, struct thing, deadline);

	assert_false(deadline_is_set(d));
	t->expired_ms = uv_now(&loop);
	t->times++;
}

static void expired_and_clears_another(struct deadline *d)
{
	struct thing *t = list_entry(d, struct thing, deadline);

	expired(d);
	deadline_clear(&t->other->deadline);
}

static void expired_and_sets_itself(struct deadline *d)
{
	struct thing *t = list_entry(d, struct thing, deadline);

	expired(d);
	if (t->times < 3)
		deadline_set(&quick, d);
}

static struct thing thing(void)
{
	return (struct thing){ .deadline.expired = expired };
}

static void ready(struct thing *t)
{
	list_init(&t->deadline.node);
}

static int setup(void **state)
{
	(void)state;
	uv_loop_init(&loop);
	deadline_start(&loop);
	deadline_list_init(&quick, 60);
	deadline_list_init(&slow, 150);
	deadline_list_init(&never, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	deadline_list_remove(&quick);
	deadline_list_remove(&slow);
	deadline_list_remove(&never);
	deadline_stop();
	uv_run(&loop, UV_RUN_DEFAULT);
	return uv_loop_close(&loop);
}

static void stop(uv_timer_t *timer)
{
	uv_close((uv_handle_t *)timer, NULL);
}

/* The deadlines' own timer does not keep the loop alive; this one does. */
static void run(uint64_t ms)
{
	uv_timer_t timer;

	uv_timer_init(&loop, &timer);
	uv_timer_start(&timer, stop, ms, 0);
	uv_run(&loop, UV_RUN_DEFAULT);
}

static void expires_after_its_time_and_never_before(void **state)
{
	struct thing a = thing(), b = thing();
	uint64_t start = uv_now(&loop);

	(void)state;
	ready(&a), ready(&b);
	deadline_set(&slow, &b.deadline);
	deadline_set(&quick, &a.deadline);
	assert_true(deadline_is_set(&a.deadline));
	run(300);
	assert_in_range(a.expired_ms - start, 60, 60 + 2 * DEADLINE_TICK_MS);
	assert_in_range(b.expired_ms - start, 150, 150 + 2 * DEADLINE_TICK_MS);
	assert_int_equal(a.times, 1);
}

static void those_that_follow_closely_do_not_expire_with_the_first(void **state)
{
	struct thing all[20];
	uint64_t set_ms[20];

	(void)state;
	for (size_t i = 0; i < 20; i++) {
		all[i] = thing();
		ready(&all[i]);
		set_ms[i] = uv_now(&loop);
		deadline_set(&quick, &all[i].deadline);
		run(7);
	}
	run(200);
	for (size_t i = 0; i < 20; i++)
		assert_in_range(all[i].expired_ms - set_ms[i], 60, 60 + 2 * DEADLINE_TICK_MS);
}

static void cleared_one_does_not_expire(void **state)
{
	struct thing a = thing(), b = thing();

	(void)state;
	ready(&a), ready(&b);
	deadline_set(&quick, &a.deadline);
	deadline_set(&quick, &b.deadline);
	deadline_clear(&a.deadline);
	deadline_clear(&a.deadline);
	run(200);
	assert_int_equal(a.times, 0);
	assert_int_equal(b.times, 1);
}

static void set_again_starts_anew(void **state)
{
	struct thing a = thing();
	uint64_t start;

	(void)state;
	ready(&a);
	deadline_set(&quick, &a.deadline);
	run(40);
	start = uv_now(&loop);
	deadline_set(&slow, &a.deadline);
	run(300);
	assert_int_equal(a.times, 1);
	assert_true(a.expired_ms - start >= 150);
}

static void duration_of_zero_is_for_ever(void **state)
{
	struct thing a = thing();

	(void)state;
	ready(&a);
	deadline_set(&quick, &a.deadline);
	deadline_set(&never, &a.deadline);
	assert_false(deadline_is_set(&a.deadline));
	run(200);
	assert_int_equal(a.times, 0);
}

static void callback_may_set_and_clear(void **state)
{
	struct thing a = thing(), b = thing(), c = thing();

	(void)state;
	ready(&a), ready(&b), ready(&c);
	a.deadline.expired = expired_and_clears_another;
	a.other = &b;
	c.deadline.expired = expired_and_sets_itself;
	deadline_set(&quick, &a.deadline);
	deadline_set(&quick, &b.deadline);
	deadline_set(&quick, &c.deadline);
	run(600);
	assert_int_equal(a.times, 1);
	assert_int_equal(b.times, 0);
	assert_int_equal(c.times, 3);
}

static void many_expire_in_order(void **state)
{
	enum { COUNT = 10000 };
	struct thing *all = calloc(COUNT, sizeof(*all));

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		all[i] = thing();
		ready(&all[i]);
		deadline_set(&quick, &all[i].deadline);
	}
	for (size_t i = 0; i < COUNT; i += 2)
		deadline_clear(&all[i].deadline);
	run(300);
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(all[i].times, i % 2);
	free(all);
}

static void loop_ends_although_a_deadline_waits(void **state)
{
	struct thing a = thing();

	(void)state;
	ready(&a);
	deadline_set(&slow, &a.deadline);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(a.times, 0);
	deadline_clear(&a.deadline);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(expires_after_its_time_and_never_before),
		TEST(those_that_follow_closely_do_not_expire_with_the_first),
		TEST(cleared_one_does_not_expire),
		TEST(set_again_starts_anew),
		TEST(duration_of_zero_is_for_ever),
		TEST(callback_may_set_and_clear),
		TEST(many_expire_in_order),
		TEST(loop_ends_although_a_deadline_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
