/*
 * The log: one line an event, on standard output; JSON, or plain text when that is a terminal.
 *
 * Lines are gathered and written once a turn of the loop. A reader that is slow never stops the server:
 * when the buffer (1 MiB) is full, lines are dropped and the next line that fits says how many.
 * Values are escaped here. Never log a password, a token, a body or a whole URL with its query.
 */
#ifndef BUGD_BASE_LOG_H
#define BUGD_BASE_LOG_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_format { LOG_JSON, LOG_TEXT };

void log_setup(enum log_level level, enum log_format format);
bool log_enabled(enum log_level level);

/*
 * A line in the making: log_begin(LOG_WARN, "db", "connection lost"), then fields, then log_end.
 * When the level is off, all of them do nothing.
 */
void log_begin(enum log_level level, const char *module, const char *message);
void log_str(const char *name, struct str value);
void log_int(const char *name, int64_t value);
void log_ms(const char *name, uint64_t microseconds); /* written as milliseconds with three digits */
void log_end(void);

/* A whole line: log_event(LOG_INFO, "app", "listening", "address %s", text). The detail may be NULL. */
void log_event(enum log_level level, const char *module, const char *message, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Writes what was gathered, as far as standard output takes it without blocking. Called once a turn. */
void log_flush(void);

/*
 * Writes all of it, blocking: at the end of the process. A reader who does not read keeps it for two seconds; what he
 * has not taken by then is lost.
 */
void log_drain(void);

#endif
