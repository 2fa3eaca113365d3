#include "json/schema.h"

#include <string.h>

#define EACH_BYTE(v) (UINT64_C(0x0101010101010101) * (v))

static uint64_t load8(const unsigned char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return w;
}

/* Eight bytes of 0x01..0x7f: the subtraction turns the high bit of a zero byte on, and of no other. */
static bool plain8(uint64_t w)
{
	return (((w - EACH_BYTE(1)) | w) & EACH_BYTE(0x80)) == 0;
}

static bool is_continuation(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/*
 * The length of the character at p, of which `left` bytes are there; 0 when it is none (table 3-7 of the
 * Unicode standard: overlong forms, surrogates and what is above U+10FFFF have no place in it).
 */
static size_t character_length(const unsigned char *p, size_t left)
{
	size_t n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	unsigned char low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
	unsigned char high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;

	if (p[0] < 0x80)
		return p[0] ? 1 : 0;
	if (p[0] < 0xc2 || p[0] > 0xf4 || left < n || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++) {
		if (!is_continuation(p[i]))
			return 0;
	}
	return n;
}

bool text_valid(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n;

	for (size_t left = s.n; left; p += n, left -= n) {
		n = left >= 8 && plain8(load8(p)) ? 8 : character_length(p, left);
		if (n == 0)
			return false;
	}
	return true;
}

size_t text_length(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t continuations = 0, i = 0;

	for (; s.n - i >= 8; i += 8) {
		uint64_t w = load8(p + i);

		/* The lowest bit of each byte that has bit 7 and not bit 6. */
		continuations += (size_t)__builtin_popcountll((w >> 7) & (~w >> 6) & EACH_BYTE(1));
	}
	for (; i < s.n; i++)
		continuations += is_continuation(p[i]);
	return s.n - continuations;
}

static uint32_t character_at(const unsigned char *p, size_t n)
{
	uint32_t c = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));

	for (size_t i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3f);
	return c;
}

/* The property White_Space of Unicode, and the characters that show nothing and take no room. */
static bool shows_nothing(uint32_t c)
{
	return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0xad || c == 0x1680 ||
	       c == 0x180e || (c >= 0x2000 && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f) ||
	       (c >= 0x205f && c <= 0x2064) || c == 0x3000 || c == 0xfeff;
}

bool text_blank(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n;

	for (size_t left = s.n; left; p += n, left -= n) {
		n = character_length(p, left);
		if (n == 0 || !shows_nothing(character_at(p, n)))
			return false;
	}
	return true;
}

struct str text_cut(struct str s, size_t bytes)
{
	if (s.n <= bytes)
		return s;
	while (bytes && is_continuation((unsigned char)s.p[bytes]))
		bytes--;
	return (struct str){ s.p, bytes };
}
