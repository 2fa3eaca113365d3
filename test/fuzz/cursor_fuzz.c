/*
 * cursor_decode must take any bytes, and no cursor that cursor_encode did not make. The input is tried as a
 * cursor's text; rightly signed, as its bytes; and as a value that has to come back.
 */
#include "base/base64.h"
#include "domain/cursor.h"
#include "domain/hmac.h"

#include <stdlib.h>
#include <string.h>

#define KEY  STR("0123456789abcdef0123456789abcdef")
#define LIST STR("/api/v1/issues")

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool decoded(struct str text, struct arena *a, struct cursor *out)
{
	size_t bytes = 0;

	if (!cursor_decode(text, LIST, KEY, a, out))
		return false;
	must(out->count <= CURSOR_VALUES_MAX);
	for (size_t i = 0; i < out->count; i++)
		bytes += out->values[i].n;
	must(bytes <= text.n);
	return true;
}

static void try_signed(struct str bytes, struct arena *a)
{
	struct hmac *mac = hmac_create(KEY);
	char length[8] = { 0, 0, 0, 0, 0, 0, 0, (char)LIST.n };
	struct str parts[] = { { length, sizeof(length) }, LIST, bytes };
	uint8_t signature[HMAC_LEN];
	struct buf data = { 0 }, text = { 0 };
	struct cursor out;

	hmac_sign(mac, parts, 3, signature);
	buf_add_str(&data, bytes);
	buf_add(&data, signature, 16);
	base64url_encode(data.p, data.n, buf_reserve(&text, BASE64_TEXT_LEN(data.n)));
	text.n = BASE64_TEXT_LEN(data.n);
	decoded(buf_str(&text), a, &out);
	hmac_free(mac);
	buf_free(&data);
	buf_free(&text);
}

static void try_value(struct str value, struct arena *a)
{
	struct cursor c = { .backward = value.n & 1, .count = 3, .values = { value, STR_NONE, STR("") } },
		      out;
	struct buf text = { 0 };

	cursor_encode(&c, LIST, KEY, &text);
	must(decoded(buf_str(&text), a, &out));
	must(out.backward == c.backward && out.count == 3);
	must(str_eq(out.values[0], value) && !out.values[1].p && out.values[2].p && !out.values[2].n);
	must(!cursor_decode(buf_str(&text), STR("/api/v1/projects"), KEY, a, &out));
	buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = { data ? (const char *)data : "", size };
	struct arena arena = ARENA_EMPTY;
	struct cursor out;

	must(!decoded(input, &arena, &out));
	try_signed(input, &arena);
	if (size <= CURSOR_BYTES_MAX)
		try_value(input, &arena);
	arena_reset(&arena);
	arena_trim();
	return 0;
}
