#include "db_rig.h"

#include "io/turn.h"

#include <stdlib.h>
#include <string.h>

#define TEXTS_MAX 2048

struct rig rig;

static struct {
	struct statement statement;
	struct statement_part part;
} texts[TEXTS_MAX];
static size_t text_count;

void rig_begin(void)
{
	assert_int_equal(uv_loop_init(&rig.loop), 0);
	turn_start(&rig.loop);
}

void rig_open(const char *url, void (*adjust)(struct db_config *))
{
	rig.config = (struct db_config){
		.conn = { .url = url, .connect_timeout_ms = 2000, .statement_timeout_ms = 5000 },
		.connections = { 1, 1, 1 },
		.queue_max = 1000,
	};
	if (adjust)
		adjust(&rig.config);
	rig.db = db_create(&rig.loop, &rig.config);
	db_open(rig.db);
}

static void count_closed(void *arg)
{
	++*(int *)arg;
}

void rig_close(void)
{
	int closed = 0;

	db_close(rig.db, count_closed, &closed);
	while (!closed)
		uv_run(&rig.loop, UV_RUN_ONCE);
	db_free(rig.db);
	arena_reset(&rig.arena);
}

void rig_end(void)
{
	turn_stop();
	uv_run(&rig.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&rig.loop), 0);
}

void rig_turn(void)
{
	uv_run(&rig.loop, UV_RUN_ONCE);
}

void rig_turn_for(uint64_t ms)
{
	uint64_t end = uv_hrtime() + ms * 1000000;

	while (uv_hrtime() < end)
		rig_turn();
}

struct lane_stats rig_stats(enum db_lane lane)
{
	struct lane_stats s;

	db_stats(rig.db, lane, &s);
	return s;
}

static bool all_ready(void)
{
	for (int i = 0; i < DB_LANE_COUNT; i++) {
		struct lane_stats s = rig_stats((enum db_lane)i);

		if (s.ready < s.size)
			return false;
	}
	return true;
}

void rig_ready(void)
{
	rig_until(all_ready());
	assert_true(db_ready(rig.db));
}

const struct statement *rig_statement(enum db_lane lane, const char *text)
{
	static const struct statement_arg args[] = {
		{ "a", DB_INT4, false, offsetof(struct text_args, a) },
		{ "t", DB_TEXT, true, offsetof(struct text_args, t) },
	};
	size_t i = 0;

	while (i < text_count && (texts[i].statement.lane != lane || strcmp(texts[i].part.text, text) != 0))
		i++;
	assert_true(i < TEXTS_MAX);
	if (i == text_count) {
		text_count++;
		texts[i].part = (struct statement_part){ strdup(text), STATEMENT_ALWAYS };
		texts[i].statement = (struct statement){
			.name = "a text",
			.lane = lane,
			.args = args,
			.arg_count = 2,
			.parts = &texts[i].part,
			.part_count = 1,
		};
	}
	return &texts[i].statement;
}

struct db_reply *rig_run(enum db_lane lane, const char *text, int32_t a)
{
	static const struct choice nothing;
	struct op *op = db_begin(rig.db, lane);
	struct text_args args = { .a = a };

	db_add_composed(op, rig_statement(lane, text), &nothing, &args);
	return db_submit(rig.db, op, &rig.arena);
}

struct db_reply *rig_do(enum db_lane lane, const char *text, int32_t a)
{
	struct db_reply *reply = rig_run(lane, text, a);

	rig_until(reply->wait.done);
	return reply;
}

void rig_abandon(struct db_reply *reply)
{
	await_abandon(&reply->wait);
}
