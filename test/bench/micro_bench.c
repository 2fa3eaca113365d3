/*
 * What the parts of the hot path cost, in nanoseconds: JSON rows, JSON bodies, tokens, cursors. Prints one
 * line a part and judges nothing. `make` does not build it:
 *
 *	make && gcc -O2 -D_GNU_SOURCE -Iinclude test/bench/micro_bench.c build/libbugd.a $LIBS
 */
#include "base/clock.h"
#include "domain/cursor.h"
#include "domain/jwt.h"
#include "json/read.h"
#include "json/write.h"

#include <stdio.h>

#define KEY STR("0123456789abcdef0123456789abcdef")

static void report(const char *what, uint64_t started, int rounds)
{
	printf("%-40s %8.1f ns\n", what, (double)(clock_mono_us() - started) * 1000.0 / rounds);
}

static void write_row(struct json *j, const struct uuid *id)
{
	json_object_begin(j);
	for (int i = 0; i < 5; i++) {
		json_key_raw(j, JSON_KEY("project_id"));
		json_uuid(j, id);
	}
	for (int i = 0; i < 3; i++) {
		json_key_raw(j, JSON_KEY("created_at"));
		json_timestamp(j, INT64_C(1763633410123456) + i);
	}
	for (int i = 0; i < 4; i++) {
		json_key_raw(j, JSON_KEY("number"));
		json_int(j, 1234);
		json_key_raw(j, JSON_KEY("status"));
		json_str(j, STR("in_progress"));
		json_key_raw(j, JSON_KEY("resolved_at"));
		json_null(j);
	}
	json_key_raw(j, JSON_KEY("due_date"));
	json_date(j, 20777);
	json_key_raw(j, JSON_KEY("title"));
	json_str(j, STR("The login page forgets where I came from after a time-out"));
	json_key_raw(j, JSON_KEY("description"));
	json_str(
		j,
		STR("Steps:\n1. open a \"deep\" link\n2. wait half an hour\n3. sign in again, and find yourself on "
		    "the front page instead of the issue that you wanted to see in the first place."));
	json_object_end(j);
}

static void bench_write(void)
{
	struct buf out = { 0 };
	struct uuid id = uuid_v7();
	int rounds = 500000;
	uint64_t started = clock_mono_us();

	for (int i = 0; i < rounds; i++) {
		struct json j = json_writer(&out);

		out.n = 0;
		write_row(&j, &id);
	}
	report("a row of 23 values", started, rounds);
	started = clock_mono_us();
	for (int i = 0; i < rounds; i++) {
		struct json j = json_writer(&out);

		out.n = 0;
		json_uuid(&j, &id);
	}
	report("  a UUID", started, rounds);
	started = clock_mono_us();
	for (int i = 0; i < rounds; i++) {
		struct json j = json_writer(&out);

		out.n = 0;
		json_timestamp(&j, INT64_C(1763633410123456) + i);
	}
	report("  a timestamp", started, rounds);
	started = clock_mono_us();
	for (int i = 0; i < rounds; i++) {
		struct json j = json_writer(&out);

		out.n = 0;
		json_str(&j, STR("The login page forgets where I came from after a time-out"));
	}
	report("  a title", started, rounds);
	started = clock_mono_us();
	for (int i = 0; i < rounds; i++) {
		struct json j = json_writer(&out);

		out.n = 0;
		json_double(&j, (double)i / 7.0);
	}
	report("  a double", started, rounds);
	buf_free(&out);
}

struct issue_body {
	struct field_set given;
	struct uuid project_id;
	struct str title, description, priority;
	int32_t due_date;
};

static void bench_read(void)
{
	static const char *const names[] = { "low", "medium", "high", "critical" };
	static const struct enum_names priorities = { "issue_priority", names, 4 };
	static const struct field fields[] = {
		{ .name = "project_id",
		  .type = FIELD_UUID,
		  .offset = offsetof(struct issue_body, project_id) },
		{ .name = "title",
		  .type = FIELD_TEXT,
		  .offset = offsetof(struct issue_body, title),
		  .max = 255 },
		{ .name = "description",
		  .type = FIELD_TEXT,
		  .offset = offsetof(struct issue_body, description) },
		{ .name = "priority",
		  .type = FIELD_ENUM,
		  .offset = offsetof(struct issue_body, priority),
		  .names = &priorities },
		{ .name = "due_date", .type = FIELD_DATE, .offset = offsetof(struct issue_body, due_date) },
	};
	static const struct shape shape = SHAPE(struct issue_body, "IssueBody", fields, "A body.");
	struct str body =
		STR("{\"project_id\":\"01932c07-20e6-7d32-9f4b-6a1c03e58b70\",\"title\":\"The login page "
		    "forgets where I came from\",\"description\":\"Steps:\\n1. open a deep link\\n2. wait\","
		    "\"priority\":\"high\",\"due_date\":\"2026-11-20\"}");
	int rounds = 200000, wrong = 0;
	uint64_t started = clock_mono_us();

	for (int i = 0; i < rounds; i++) {
		struct arena arena = ARENA_EMPTY;
		struct field_errors errors = { .arena = &arena };
		struct issue_body out;
		struct str detail;

		wrong += json_read(body, &shape, &out, &errors, &detail) != ERR_NONE;
		arena_reset(&arena);
	}
	report(wrong ? "a body (WRONG)" : "a body of five fields", started, rounds);
}

static void bench_jwt(void)
{
	struct jwt_keys *keys = jwt_keys_create(KEY, STR("https://bugs.example.org"));
	struct jwt_claims claims = { uuid_v7(), uuid_v7(), uuid_v7(), 1000, 2000 };
	struct buf token = { 0 };
	int rounds = 100000, wrong = 0;
	uint64_t started = clock_mono_us();

	for (int i = 0; i < rounds; i++) {
		token.n = 0;
		jwt_sign(keys, &claims, &token);
	}
	report("a token signed", started, rounds);
	printf("  (%zu characters)\n", token.n);
	started = clock_mono_us();
	for (int i = 0; i < rounds; i++)
		wrong += !jwt_verify(keys, buf_str(&token), 1500, &claims);
	report("a token verified again", started, rounds);

	/* Expired tokens are not remembered, so each costs the whole verification. */
	started = clock_mono_us();
	for (int i = 0; i < rounds; i++)
		wrong += jwt_verify(keys, (struct str){ token.p, token.n - (size_t)(i & 1) }, 3000, &claims);
	jwt_keys_free(keys);
	keys = jwt_keys_create(KEY, STR("https://bugs.example.org"));
	started = clock_mono_us();
	for (int i = 0; i < rounds; i++)
		wrong += jwt_verify(keys, buf_str(&token), 3000, &claims);
	report(wrong ? "WRONG" : "a token verified first", started, rounds);
	buf_free(&token);
	jwt_keys_free(keys);
}

static void bench_cursor(void)
{
	struct cursor c = { .count = 2, .values = { STR("12345678"), STR("0123456789abcdef") } };
	struct buf text = { 0 };
	struct str list = STR("/api/v1/issues?status=open&sort=-created_at");
	int rounds = 100000, wrong = 0;
	uint64_t started = clock_mono_us();

	for (int i = 0; i < rounds; i++) {
		text.n = 0;
		cursor_encode(&c, list, KEY, &text);
	}
	report("a cursor encoded", started, rounds);
	started = clock_mono_us();
	for (int i = 0; i < rounds; i++) {
		struct arena arena = ARENA_EMPTY;

		wrong += !cursor_decode(buf_str(&text), list, KEY, &arena, &c);
		arena_reset(&arena);
	}
	report(wrong ? "WRONG" : "a cursor decoded", started, rounds);
	buf_free(&text);
}

int main(void)
{
	bench_write();
	bench_read();
	bench_jwt();
	bench_cursor();
	return 0;
}
