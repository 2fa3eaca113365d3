#include "base/log.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int real_stdout;

/* Puts a pipe in the place of standard output; the result is its reading end. */
static int pipe_begin(void)
{
	int ends[2];

	fflush(stdout);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	real_stdout = dup(STDOUT_FILENO);
	dup2(ends[1], STDOUT_FILENO);
	close(ends[1]);
	return ends[0];
}

static void pipe_end(int reader)
{
	dup2(real_stdout, STDOUT_FILENO);
	close(real_stdout);
	close(reader);
}

/* What is in the pipe now, as a text. */
static const char *contents(int reader)
{
	static char text[8192];
	ssize_t n = read(reader, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void a_line_is_an_object_of_its_own(void **state)
{
	int reader = pipe_begin();
	const char *text;

	(void)state;
	log_setup(LOG_INFO, LOG_JSON);
	log_begin(LOG_WARN, "db", "connection lost");
	log_str("host", STR("db.example.org"));
	log_str("user", STR_NONE);
	log_int("attempt", -3);
	log_ms("after_ms", 1234567);
	log_end();
	log_flush();
	text = contents(reader);
	pipe_end(reader);
	assert_memory_equal(text, "{\"time\":\"20", 11);
	assert_string_equal(
		strstr(text, "\",\"level\""),
		"\",\"level\":\"warn\",\"module\":\"db\",\"message\":\"connection lost\","
		"\"host\":\"db.example.org\",\"user\":null,\"attempt\":-3,\"after_ms\":1234.567}\n");
}

static void values_cannot_forge_lines_or_fields(void **state)
{
	int reader = pipe_begin();
	const char *text;

	(void)state;
	log_setup(LOG_INFO, LOG_JSON);
	log_begin(LOG_INFO, "http", "request");
	log_str("path", STR("/\"\\\n\x1b[2J\x7f,\"x\":1"));
	log_end();
	log_flush();
	text = contents(reader);
	pipe_end(reader);
	assert_non_null(strstr(text, "\"path\":\"/\\\"\\\\\\u000a\\u001b[2J\\u007f,\\\"x\\\":1\"}\n"));
}

static void what_is_below_the_level_is_not_written(void **state)
{
	int reader = pipe_begin();
	const char *text;

	(void)state;
	log_setup(LOG_ERROR, LOG_TEXT);
	log_event(LOG_WARN, "app", "hidden", "%d", 1);
	log_begin(LOG_INFO, "app", "hidden");
	log_int("hidden", 1);
	log_end();
	log_event(LOG_ERROR, "app", "shown", "%s", "detail");
	log_flush();
	text = contents(reader);
	pipe_end(reader);
	assert_false(log_enabled(LOG_WARN));
	assert_true(log_enabled(LOG_ERROR));
	assert_null(strstr(text, "hidden"));
	assert_non_null(strstr(text, " error app: shown detail="));
}

static void nothing_is_written_before_the_flush(void **state)
{
	int reader = pipe_begin();
	const char *text;

	(void)state;
	log_setup(LOG_INFO, LOG_JSON);
	log_event(LOG_INFO, "app", "later", NULL);
	fcntl(reader, F_SETFL, O_NONBLOCK);
	text = contents(reader);
	assert_string_equal(text, "");
	log_flush();
	text = contents(reader);
	pipe_end(reader);
	assert_non_null(strstr(text, "\"later\"}\n"));
}

static void a_reader_who_does_not_read_stops_nobody_and_costs_lines(void **state)
{
	int reader = pipe_begin();
	char *all = malloc(8 << 20);
	size_t n = 0;
	ssize_t got;

	(void)state;
	log_setup(LOG_INFO, LOG_JSON);
	for (int i = 0; i < 30000; i++) {
		log_event(LOG_INFO, "test", "one of very many lines", NULL);
		log_flush();
	}
	/* Now it reads. */
	fcntl(reader, F_SETFL, O_NONBLOCK);
	do {
		log_flush();
		got = read(reader, all + n, 65536);
		n += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	assert_in_range(n, 1 << 20, 2 << 20);
	log_event(LOG_INFO, "test", "back", NULL);
	log_flush();
	got = read(reader, all, 65536);
	pipe_end(reader);
	assert_true(got > 0);
	all[got] = '\0';
	assert_non_null(strstr(all, "\"message\":\"back\",\"lines_dropped\":"));
	free(all);
}

static void draining_writes_everything(void **state)
{
	int reader = pipe_begin();
	const char *text;

	(void)state;
	log_setup(LOG_INFO, LOG_JSON);
	log_event(LOG_INFO, "app", "first", NULL);
	log_event(LOG_INFO, "app", "last", NULL);
	log_drain();
	text = contents(reader);
	pipe_end(reader);
	assert_non_null(strstr(text, "first"));
	assert_non_null(strstr(text, "last"));
}

static void a_reader_who_does_not_read_does_not_keep_the_process(void **state)
{
	int reader = pipe_begin();
	uint64_t begin;

	(void)state;
	log_setup(LOG_INFO, LOG_JSON);
	for (int i = 0; i < 5000; i++)
		log_event(LOG_INFO, "test", "one of very many lines", NULL);
	log_flush();
	begin = clock_mono_us();
	log_drain();
	assert_in_range(clock_mono_us() - begin, 1000000, 20000000);
	pipe_end(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_an_object_of_its_own),
		cmocka_unit_test(values_cannot_forge_lines_or_fields),
		cmocka_unit_test(what_is_below_the_level_is_not_written),
		cmocka_unit_test(nothing_is_written_before_the_flush),
		cmocka_unit_test(a_reader_who_does_not_read_stops_nobody_and_costs_lines),
		cmocka_unit_test(draining_writes_everything),
		cmocka_unit_test(a_reader_who_does_not_read_does_not_keep_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
