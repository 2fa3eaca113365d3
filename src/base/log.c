#include "base/log.h"

#include "base/buf.h"
#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_MAX (1024u * 1024u)
/* What a pipe that is writable takes without blocking (pipe(7), PIPE_BUF). */
#define WRITE_MAX 4096u
/* How long a reader may keep the process from ending. */
#define DRAIN_US UINT64_C(2000000)

static enum log_level lowest = LOG_INFO;
static enum log_format format_now = LOG_JSON;
static struct buf out;
static bool line_open;
static uint64_t dropped;
static bool never_blocks; /* standard output is a file */

static const char *const level_names[] = { "debug", "info", "warn", "error" };

void log_setup(enum log_level level, enum log_format format)
{
	struct stat st;

	lowest = level;
	format_now = format;
	never_blocks = fstat(STDOUT_FILENO, &st) == 0 && S_ISREG(st.st_mode);
}

bool log_enabled(enum log_level level)
{
	return level >= lowest;
}

/* Escapes for JSON; in plain text for a terminal too, so that no input can move the cursor or fake a line. */
static void add_escaped(struct str v)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];

		if (c == '"' || c == '\\') {
			buf_add_char(&out, '\\');
			buf_add_char(&out, (char)c);
		} else if (c < 0x20 || c == 0x7f) {
			buf_add_lit(&out, "\\u00");
			buf_add_char(&out, hex[c >> 4]);
			buf_add_char(&out, hex[c & 15]);
		} else {
			buf_add_char(&out, (char)c);
		}
	}
}

static void add_name(const char *name)
{
	if (format_now == LOG_TEXT) {
		buf_add_char(&out, ' ');
		buf_add_str(&out, str_of(name));
		buf_add_char(&out, '=');
		return;
	}
	buf_add_lit(&out, ",\"");
	buf_add_str(&out, str_of(name));
	buf_add_lit(&out, "\":");
}

void log_begin(enum log_level level, const char *module, const char *message)
{
	char time[CLOCK_TIMESTAMP_LEN];

	line_open = level >= lowest;
	if (!line_open)
		return;
	if (out.n >= BUFFER_MAX) {
		dropped++;
		line_open = false;
		return;
	}
	clock_format_timestamp(clock_now_us(), time);
	if (format_now == LOG_TEXT) {
		buf_add(&out, time + 11, 12);
		buf_printf(&out, " %-5s %s: %s", level_names[level], module, message);
	} else {
		buf_add_lit(&out, "{\"time\":\"");
		buf_add(&out, time, sizeof(time));
		buf_add_lit(&out, "\",\"level\":\"");
		buf_add_str(&out, str_of(level_names[level]));
		buf_add_lit(&out, "\",\"module\":\"");
		buf_add_str(&out, str_of(module));
		buf_add_lit(&out, "\",\"message\":\"");
		add_escaped(str_of(message));
		buf_add_char(&out, '"');
	}
	if (dropped) {
		uint64_t n = dropped;

		dropped = 0;
		log_int("lines_dropped", (int64_t)n);
	}
}

void log_str(const char *name, struct str value)
{
	if (!line_open)
		return;
	add_name(name);
	if (!value.p) {
		buf_add_lit(&out, "null");
		return;
	}
	buf_add_char(&out, '"');
	add_escaped(value);
	buf_add_char(&out, '"');
}

void log_int(const char *name, int64_t value)
{
	if (!line_open)
		return;
	add_name(name);
	buf_add_i64(&out, value);
}

void log_ms(const char *name, uint64_t us)
{
	char digits[3] = { (char)('0' + us / 100 % 10), (char)('0' + us / 10 % 10), (char)('0' + us % 10) };

	if (!line_open)
		return;
	add_name(name);
	buf_add_u64(&out, us / 1000);
	buf_add_char(&out, '.');
	buf_add(&out, digits, sizeof(digits));
}

void log_end(void)
{
	if (!line_open)
		return;
	if (format_now == LOG_JSON)
		buf_add_char(&out, '}');
	buf_add_char(&out, '\n');
	line_open = false;
}

void log_event(enum log_level level, const char *module, const char *message, const char *format, ...)
{
	char detail[1024];
	va_list args;

	if (!log_enabled(level))
		return;
	log_begin(level, module, message);
	if (format) {
		va_start(args, format);
		vsnprintf(detail, sizeof(detail), format, args);
		va_end(args);
		log_str("detail", str_of(detail));
	}
	log_end();
}

/* One write of at most `most` bytes. False: no use to go on now. */
static bool write_some(size_t *done, size_t most)
{
	size_t left = out.n - *done;
	ssize_t n = write(STDOUT_FILENO, out.p + *done, left < most ? left : most);

	if (n < 0)
		return errno == EINTR;
	*done += (size_t)n;
	return true;
}

/* Also when it is broken: a write says so without blocking. */
static bool writable_within(uint64_t us)
{
	struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&p, 1, (int)(us / 1000)) == 1;
}

void log_flush(void)
{
	size_t done = 0;

	while (done < out.n && (never_blocks ? write_some(&done, SIZE_MAX)
					     : writable_within(0) && write_some(&done, WRITE_MAX)))
		;
	buf_consume(&out, done);
	if (out.n == 0)
		buf_clear(&out, BUFFER_MAX / 16);
}

void log_drain(void)
{
	uint64_t now = clock_mono_us(), until = now + DRAIN_US;
	size_t done = 0;

	for (; done < out.n && now < until; now = clock_mono_us()) {
		/* A signal may end the wait early. */
		if ((never_blocks || writable_within(until - now)) && !write_some(&done, WRITE_MAX))
			break;
	}
	buf_free(&out);
}
