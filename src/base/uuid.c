#include "base/uuid.h"

#include "base/clock.h"
#include "base/rand.h"

#include <string.h>

struct uuid uuid_v7(void)
{
	static uint64_t last; /* milliseconds and 12 bits below them */
	uint64_t us = (uint64_t)clock_now_us();
	uint64_t ticks = (us / 1000 << 12) | (us % 1000 * 4096 / 1000);
	struct uuid u;

	if (ticks <= last)
		ticks = last + 1;
	last = ticks;
	for (int i = 0; i < 6; i++)
		u.b[i] = (uint8_t)(ticks >> (12 + 8 * (5 - i)));
	u.b[6] = (uint8_t)(0x70 | ((ticks >> 8) & 0x0f));
	u.b[7] = (uint8_t)ticks;
	rand_bytes(u.b + 8, 8);
	u.b[8] = (uint8_t)(0x80 | (u.b[8] & 0x3f));
	return u;
}

void uuid_format(const struct uuid *u, char *out)
{
	static const char hex[] = "0123456789abcdef";

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = hex[u->b[i] >> 4];
		*out++ = hex[u->b[i] & 15];
	}
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool uuid_parse(struct str s, struct uuid *out)
{
	size_t at = 0;

	if (s.n != UUID_TEXT_LEN)
		return false;
	for (int i = 0; i < 16; i++) {
		int high, low;

		if ((i == 4 || i == 6 || i == 8 || i == 10) && s.p[at++] != '-')
			return false;
		high = hex_value(s.p[at++]);
		low = hex_value(s.p[at++]);
		if (high < 0 || low < 0)
			return false;
		out->b[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

bool uuid_eq(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}
