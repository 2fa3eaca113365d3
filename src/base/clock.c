#include "base/clock.h"

#include <string.h>
#include <time.h>

#define US_PER_S           INT64_C(1000000)
#define S_PER_DAY          INT64_C(86400)
#define DAYS_TO_YEAR_0     INT64_C(-719528) /* 0000-01-01 */
#define DAYS_TO_YEAR_10000 INT64_C(2932897)

uint64_t clock_mono_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

int64_t clock_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/*
 * Gregorian date of a day number of the years 0000 to 9999 and a little around; the year is counted from March,
 * so that leap days come last. In 32 bits without a sign, as this is on the way of every row.
 */
static void civil_of(int64_t days, int *year, int *month, int *day)
{
	uint32_t z = (uint32_t)(days - DAYS_TO_YEAR_0 - 60 + 146097); /* an era more, to stay positive */
	uint32_t era = z / 146097;
	uint32_t doe = z - era * 146097;
	uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	uint32_t mp = (5 * doy + 2) / 153;

	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = (int)(yoe + era * 400) - 400 + (*month <= 2);
}

static int64_t days_of(int year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = floor_div(y, 400);
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe + DAYS_TO_YEAR_0 + 60;
}

static char *put_2(char *out, int v)
{
	static const char digits[] = "00010203040506070809101112131415161718192021222324"
				     "25262728293031323334353637383940414243444546474849"
				     "50515253545556575859606162636465666768697071727374"
				     "75767778798081828384858687888990919293949596979899";

	memcpy(out, digits + 2 * v, 2);
	return out + 2;
}

static char *put_date(char *out, int64_t days)
{
	int year, month, day;

	civil_of(days, &year, &month, &day);
	out = put_2(put_2(out, year / 100), year % 100);
	*out++ = '-';
	out = put_2(out, month);
	*out++ = '-';
	return put_2(out, day);
}

static int64_t clamp(int64_t v, int64_t low, int64_t high)
{
	return v < low ? low : v > high ? high : v;
}

static char *put_time(char *out, int seconds)
{
	out = put_2(out, seconds / 3600);
	*out++ = ':';
	out = put_2(out, seconds / 60 % 60);
	*out++ = ':';
	return put_2(out, seconds % 60);
}

void clock_format_timestamp(int64_t us, char *out)
{
	int64_t days, rest;
	int fraction;

	us = clamp(us, DAYS_TO_YEAR_0 * S_PER_DAY * US_PER_S, DAYS_TO_YEAR_10000 * S_PER_DAY * US_PER_S - 1);
	days = floor_div(us, S_PER_DAY * US_PER_S);
	rest = us - days * S_PER_DAY * US_PER_S;
	fraction = (int)(rest % US_PER_S);
	out = put_date(out, days);
	*out++ = 'T';
	out = put_time(out, (int)(rest / US_PER_S));
	*out++ = '.';
	out = put_2(put_2(put_2(out, fraction / 10000), fraction / 100 % 100), fraction % 100);
	*out = 'Z';
}

void clock_format_date(int32_t days, char *out)
{
	put_date(out, clamp(days, DAYS_TO_YEAR_0, DAYS_TO_YEAR_10000 - 1));
}

void clock_format_http(int64_t seconds, char *out)
{
	static const char day_names[] = "ThuFriSatSunMonTueWed"; /* 1970-01-01 was a Thursday */
	static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t days = floor_div(seconds, S_PER_DAY);
	int64_t weekday = days - floor_div(days, 7) * 7;
	int year, month, day;

	civil_of(days, &year, &month, &day);
	memcpy(out, day_names + 3 * weekday, 3);
	memcpy(out + 3, ", ", 2);
	put_2(out + 5, day);
	out[7] = ' ';
	memcpy(out + 8, month_names + 3 * (month - 1), 3);
	out[11] = ' ';
	put_2(put_2(out + 12, year / 100), year % 100);
	out[16] = ' ';
	put_time(out + 17, (int)(seconds - days * S_PER_DAY));
	memcpy(out + 25, " GMT", 4);
}

/* Reads `count` digits at *at and moves behind them. */
static bool take_digits(struct str s, size_t *at, int count, int *out)
{
	int v = 0;

	if (s.n - *at < (size_t)count)
		return false;
	for (int i = 0; i < count; i++) {
		char c = s.p[(*at)++];

		if (c < '0' || c > '9')
			return false;
		v = v * 10 + (c - '0');
	}
	*out = v;
	return true;
}

static bool take_char(struct str s, size_t *at, const char *any_of)
{
	if (*at >= s.n || !s.p[*at] || !strchr(any_of, s.p[*at]))
		return false;
	(*at)++;
	return true;
}

static int month_days(int year, int month)
{
	static const char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static bool take_date(struct str s, size_t *at, int64_t *days)
{
	int year, month, day;

	if (!take_digits(s, at, 4, &year) || !take_char(s, at, "-") || !take_digits(s, at, 2, &month) ||
	    !take_char(s, at, "-") || !take_digits(s, at, 2, &day))
		return false;
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > month_days(year, month))
		return false;
	*days = days_of(year, month, day);
	return true;
}

static bool take_fraction(struct str s, size_t *at, int64_t *us)
{
	int digits = 0;

	*us = 0;
	if (!take_char(s, at, "."))
		return true;
	for (; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; (*at)++, digits++) {
		if (digits < 6)
			*us = *us * 10 + (s.p[*at] - '0');
	}
	for (int i = digits; i < 6; i++)
		*us *= 10;
	return digits >= 1 && digits <= 9;
}

/* The offset from UTC in seconds. */
static bool take_offset(struct str s, size_t *at, int64_t *seconds)
{
	int hours, minutes;
	bool west;

	*seconds = 0;
	if (take_char(s, at, "Zz"))
		return true;
	west = *at < s.n && s.p[*at] == '-';
	if (!take_char(s, at, "+-") || !take_digits(s, at, 2, &hours) || !take_char(s, at, ":") ||
	    !take_digits(s, at, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*seconds = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
	return true;
}

bool clock_parse_timestamp(struct str s, int64_t *us)
{
	size_t at = 0;
	int64_t days, fraction, offset;
	int hour, minute, second;

	if (!take_date(s, &at, &days) || !take_char(s, &at, "Tt ") || !take_digits(s, &at, 2, &hour) ||
	    !take_char(s, &at, ":") || !take_digits(s, &at, 2, &minute) || !take_char(s, &at, ":") ||
	    !take_digits(s, &at, 2, &second) || !take_fraction(s, &at, &fraction) ||
	    !take_offset(s, &at, &offset))
		return false;
	if (at != s.n || hour > 23 || minute > 59 || second > 60)
		return false;
	*us = (days * S_PER_DAY + hour * 3600 + minute * 60 + second - offset) * US_PER_S + fraction;
	return true;
}

bool clock_parse_date(struct str s, int32_t *days)
{
	size_t at = 0;
	int64_t d;

	if (!take_date(s, &at, &d) || at != s.n)
		return false;
	*days = (int32_t)d;
	return true;
}
