#include "db/conn.h"

#include "fake_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A connection by itself: when it is tried again. */

#define CONNS 40

static uv_loop_t loop;
static struct fake fake;
static struct conn_config config;
static int ready_count, lost_count;

static void on_ready(struct conn *c)
{
	(void)c;
	ready_count++;
}

static void on_io(struct conn *c)
{
	(void)c;
}

static void on_lost(struct conn *c)
{
	(void)c;
	lost_count++;
}

static const struct conn_owner owner = { on_ready, on_io, on_lost, NULL };

static int begin(void **state)
{
	(void)state;
	ready_count = lost_count = 0;
	assert_int_equal(uv_loop_init(&loop), 0);
	fake_start(&fake, &loop);
	config = (struct conn_config){ .loop = &loop, .url = fake.url, .connect_timeout_ms = 5000 };
	return 0;
}

static int end(void **state)
{
	(void)state;
	fake_stop(&fake);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	return 0;
}

static uint64_t pause_after_failure(struct conn *c)
{
	conn_fail(c, "the test says so");
	assert_int_equal(c->state, CONN_WAITING);
	return c->retry_at - uv_now(&loop);
}

/* From half of it to all of it. */
static void pauses_double_up_to_a_bound(void **state)
{
	static const uint64_t longest[] = { 50, 100, 200, 400, 800, 800, 800, 800 };
	struct conn c;

	(void)state;
	conn_init(&c, &config, &owner, true);
	for (size_t i = 0; i < sizeof(longest) / sizeof(*longest); i++)
		assert_in_range(pause_after_failure(&c), longest[i] / 2, longest[i]);
	for (int i = 0; i < 1000; i++)
		assert_in_range(pause_after_failure(&c), 400, 800);
	assert_int_equal(lost_count, 0);
}

/* That so many chance numbers lie in a tenth of where they may be does not happen. */
static void connections_that_fail_together_do_not_come_back_in_step(void **state)
{
	struct conn c[CONNS];
	uint64_t first = UINT64_MAX, last = 0;

	(void)state;
	for (int i = 0; i < CONNS; i++) {
		uint64_t pause = 0;

		conn_init(&c[i], &config, &owner, true);
		for (int failure = 0; failure < 5; failure++)
			pause = pause_after_failure(&c[i]);
		first = pause < first ? pause : first;
		last = pause > last ? pause : last;
	}
	assert_true(last - first > 40);
}

static void a_pause_is_kept(void **state)
{
	struct conn c;

	(void)state;
	conn_init(&c, &config, &owner, true);
	for (int i = 0; i < 6; i++)
		pause_after_failure(&c);
	conn_tick(&c);
	assert_int_equal(c.state, CONN_WAITING);
	c.retry_at = uv_now(&loop);
	conn_tick(&c);
	assert_int_not_equal(c.state, CONN_WAITING);
	conn_close(&c);
}

static void one_that_was_ready_begins_with_the_shortest_pause(void **state)
{
	struct conn c;

	(void)state;
	conn_init(&c, &config, &owner, true);
	for (int i = 0; i < 6; i++)
		pause_after_failure(&c);
	conn_open(&c);
	while (!ready_count)
		uv_run(&loop, UV_RUN_ONCE);
	assert_in_range(pause_after_failure(&c), 25, 50);
	assert_int_equal(lost_count, 1);
	assert_int_equal(c.reconnects, 1);
	conn_close(&c);
}

#define CONN_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONN_TEST(pauses_double_up_to_a_bound),
		CONN_TEST(connections_that_fail_together_do_not_come_back_in_step),
		CONN_TEST(a_pause_is_kept),
		CONN_TEST(one_that_was_ready_begins_with_the_shortest_pause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
