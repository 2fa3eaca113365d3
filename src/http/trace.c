#include "http/trace.h"

#include "base/rand.h"
#include "http/exchange.h"

#include <string.h>

#define NEW_ID_BYTES 16

static bool is_id_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
	       c == '_' || c == '-';
}

static bool usable(struct str id)
{
	if (id.n == 0 || id.n > REQUEST_ID_MAX)
		return false;
	for (size_t i = 0; i < id.n; i++) {
		if (!is_id_char(id.p[i]))
			return false;
	}
	return true;
}

struct str trace_request_id(const struct request *r, struct arena *a)
{
	static const char digits[] = "0123456789abcdef";
	struct str given = r ? request_header(r, "X-Request-Id") : STR_NONE;
	uint64_t random[NEW_ID_BYTES / sizeof(uint64_t)];
	unsigned char bytes[NEW_ID_BYTES];
	char *id;

	if (usable(given))
		return given;
	for (size_t i = 0; i < NEW_ID_BYTES / sizeof(uint64_t); i++)
		random[i] = rand_u64();
	memcpy(bytes, random, sizeof(bytes));
	id = arena_alloc(a, 2 * NEW_ID_BYTES);
	for (size_t i = 0; i < NEW_ID_BYTES; i++) {
		id[2 * i] = digits[bytes[i] >> 4];
		id[2 * i + 1] = digits[bytes[i] & 15];
	}
	return (struct str){ id, 2 * NEW_ID_BYTES };
}

/* n lower-case hexadecimal digits, not all of them 0 unless `zero` is allowed. */
static bool hex_part(const char *p, size_t n, bool zero)
{
	for (size_t i = 0; i < n; i++) {
		if (!((p[i] >= '0' && p[i] <= '9') || (p[i] >= 'a' && p[i] <= 'f')))
			return false;
		zero |= p[i] != '0';
	}
	return zero;
}

/* version "-" trace-id "-" parent-id "-" trace-flags: 2, 32, 16 and 2 digits */
struct str trace_parent(const struct request *r)
{
	struct str s = request_header(r, "traceparent");
	bool ok = s.p && s.n >= 55 && hex_part(s.p, 2, true) && memcmp(s.p, "ff", 2) != 0 && s.p[2] == '-' &&
		  hex_part(s.p + 3, 32, false) && s.p[35] == '-' && hex_part(s.p + 36, 16, false) &&
		  s.p[52] == '-' && hex_part(s.p + 53, 2, true);

	if (ok && s.n > 55)
		ok = memcmp(s.p, "00", 2) != 0 && s.p[55] == '-';
	return ok && request_header_count(r, "traceparent") == 1 ? s : STR_NONE;
}
