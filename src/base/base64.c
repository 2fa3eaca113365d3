#include "base/base64.h"

static const char standard_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* A character's six bits with this bit set; what is not of the alphabet has 0. */
#define KNOWN 0x40
#define RUN8(n)                                                                                              \
	KNOWN | (n), KNOWN | ((n) + 1), KNOWN | ((n) + 2), KNOWN | ((n) + 3), KNOWN | ((n) + 4),             \
		KNOWN | ((n) + 5), KNOWN | ((n) + 6), KNOWN | ((n) + 7)
#define RUN26(n) RUN8(n), RUN8((n) + 8), RUN8((n) + 16), KNOWN | ((n) + 24), KNOWN | ((n) + 25)
#define SHARED_VALUES                                                                                        \
	['A'] = RUN26(0), ['a'] = RUN26(26), ['0'] = RUN8(52), ['8'] = KNOWN | 60, ['9'] = KNOWN | 61

static const uint8_t standard_values[256] = { SHARED_VALUES, ['+'] = KNOWN | 62, ['/'] = KNOWN | 63 };
static const uint8_t url_values[256] = { SHARED_VALUES, ['-'] = KNOWN | 62, ['_'] = KNOWN | 63 };

static void encode(const char *alphabet, const uint8_t *data, size_t n, char *out)
{
	for (; n >= 3; n -= 3, data += 3) {
		uint32_t bits = (uint32_t)data[0] << 16 | (uint32_t)data[1] << 8 | data[2];

		*out++ = alphabet[bits >> 18];
		*out++ = alphabet[bits >> 12 & 63];
		*out++ = alphabet[bits >> 6 & 63];
		*out++ = alphabet[bits & 63];
	}
	if (n == 0)
		return;

	uint32_t bits = (uint32_t)data[0] << 16 | (n == 2 ? (uint32_t)data[1] << 8 : 0);

	*out++ = alphabet[bits >> 18];
	*out++ = alphabet[bits >> 12 & 63];
	if (n == 2)
		*out++ = alphabet[bits >> 6 & 63];
}

/* The two or three characters behind the last group of four. */
static bool decode_rest(const uint8_t values[256], const uint8_t *s, size_t n, uint8_t *out)
{
	uint32_t a = values[s[0]], b = values[s[1]], c = n == 3 ? values[s[2]] : KNOWN;
	uint32_t bits = (a & 63) << 18 | (b & 63) << 12 | (c & 63) << 6;
	uint32_t unused = n == 3 ? 0xff : 0xffff;

	if (!(a & b & c & KNOWN) || bits & unused)
		return false;
	*out++ = (uint8_t)(bits >> 16);
	if (n == 3)
		*out = (uint8_t)(bits >> 8);
	return true;
}

static bool decode(const uint8_t values[256], struct str text, uint8_t *out)
{
	const uint8_t *s = (const uint8_t *)text.p;
	size_t n = text.n;

	if (n % 4 == 1)
		return false;
	for (; n >= 4; n -= 4, s += 4) {
		uint32_t a = values[s[0]], b = values[s[1]], c = values[s[2]], d = values[s[3]];
		uint32_t bits = (a & 63) << 18 | (b & 63) << 12 | (c & 63) << 6 | (d & 63);

		if (!(a & b & c & d & KNOWN))
			return false;
		*out++ = (uint8_t)(bits >> 16);
		*out++ = (uint8_t)(bits >> 8);
		*out++ = (uint8_t)bits;
	}
	return n == 0 || decode_rest(values, s, n, out);
}

void base64_encode(const void *data, size_t n, char *out)
{
	encode(standard_alphabet, data, n, out);
}

void base64url_encode(const void *data, size_t n, char *out)
{
	encode(url_alphabet, data, n, out);
}

bool base64_decode(struct str s, void *out)
{
	return decode(standard_values, s, out);
}

bool base64url_decode(struct str s, void *out)
{
	return decode(url_values, s, out);
}
