/*
 * Time. Durations and deadlines use the monotonic clock; what is shown or stored uses UTC.
 * Timestamps are microseconds since 1970-01-01T00:00:00Z, dates are days since 1970-01-01.
 */
#ifndef BUGD_BASE_CLOCK_H
#define BUGD_BASE_CLOCK_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_TIMESTAMP_LEN 27 /* 2026-11-20T10:10:10.123456Z */
#define CLOCK_DATE_LEN      10 /* 2026-11-20 */
#define CLOCK_HTTP_LEN      29 /* Fri, 20 Nov 2026 10:10:10 GMT */

uint64_t clock_mono_us(void); /* never goes back; from an arbitrary start */
int64_t clock_now_us(void);   /* UTC */

/* Writes exactly CLOCK_TIMESTAMP_LEN bytes, no NUL. Years outside 0000..9999 are written as the nearest. */
void clock_format_timestamp(int64_t us, char *out);
/* Writes exactly CLOCK_DATE_LEN bytes, no NUL. */
void clock_format_date(int32_t days, char *out);
/* IMF-fixdate (RFC 9110, section 5.6.7): exactly CLOCK_HTTP_LEN bytes, no NUL. */
void clock_format_http(int64_t seconds, char *out);

/* An RFC 3339 timestamp with any offset and up to 9 digits of fraction (cut to microseconds). */
bool clock_parse_timestamp(struct str s, int64_t *us);
/* YYYY-MM-DD that exists in the calendar. */
bool clock_parse_date(struct str s, int32_t *days);

#endif
