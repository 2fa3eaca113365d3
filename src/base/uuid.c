#include "base/uuid.h"

#include "base/ascii.h"
#include "base/clock.h"
#include "base/rand.h"

#include <endian.h>
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

/* Eight hexadecimal digits of four bytes, all at once, the first digit in the lowest byte. */
static uint64_t hex8(const uint8_t *b)
{
	uint64_t v = (uint64_t)b[3] << 48 | (uint64_t)b[2] << 32 | (uint64_t)b[1] << 16 | b[0];
	uint64_t letters;

	/* The high half of each byte first, each half in a byte of its own. */
	v = (v >> 4 & UINT64_C(0x000f000f000f000f)) | (v << 8 & UINT64_C(0x0f000f000f000f00));
	/* 10..15 carry into bit 4 when 6 is added. */
	letters = (v + UINT64_C(0x0606060606060606)) >> 4 & UINT64_C(0x0101010101010101);
	return v + UINT64_C(0x3030303030303030) + letters * ('a' - '0' - 10);
}

static void put4(char *out, uint64_t digits)
{
	uint32_t v = htole32((uint32_t)digits);

	memcpy(out, &v, sizeof(v));
}

void uuid_format(const struct uuid *u, char *out)
{
	uint64_t a = hex8(u->b), b = hex8(u->b + 4), c = hex8(u->b + 8), d = hex8(u->b + 12);

	put4(out, a);
	put4(out + 4, a >> 32);
	put4(out + 9, b);
	put4(out + 14, b >> 32);
	put4(out + 19, c);
	put4(out + 24, c >> 32);
	put4(out + 28, d);
	put4(out + 32, d >> 32);
	out[8] = out[13] = out[18] = out[23] = '-';
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
		high = ascii_hex(s.p[at++]);
		low = ascii_hex(s.p[at++]);
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
