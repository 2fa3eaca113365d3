#include "domain/cursor.h"

#include "base/base64.h"
#include "domain/hmac.h"

#include <openssl/crypto.h>

#include <assert.h>

/*
 * The bytes behind the base64url text:
 *
 *	version (1), flags, then per value a length (16 bits, high byte first) and the bytes, then the MAC.
 *
 * The MAC is the first half of HMAC-SHA256 over the length of the list's text (64 bits), that text and the
 * bytes before the MAC. The length keeps a byte from moving between the two. Nothing else that is signed with
 * the same key starts with a zero byte.
 */
#define VERSION  1
#define BACKWARD 1
#define HEAD_LEN 2
#define MAC_LEN  16
#define ABSENT   0xffff

/* A program has one key for its cursors: it is set up at the first use, and again if another one comes. */
static struct hmac *keyed(struct str key)
{
	static struct hmac *mac;
	static struct buf key_of_mac;

	if (mac && str_eq(buf_str(&key_of_mac), key))
		return mac;
	hmac_free(mac);
	mac = hmac_create(key);
	key_of_mac.n = 0;
	buf_add_str(&key_of_mac, key);
	return mac;
}

static void sign(struct str key, struct str list, struct str data, uint8_t out[HMAC_LEN])
{
	char length[8];
	struct str parts[] = { { length, sizeof(length) }, list, data };

	for (unsigned i = 0; i < sizeof(length); i++)
		length[i] = (char)((uint64_t)list.n >> (56 - 8 * i));
	hmac_sign(keyed(key), parts, sizeof(parts) / sizeof(*parts), out);
}

static void add_u16(struct buf *b, size_t v)
{
	buf_add_char(b, (char)(v >> 8));
	buf_add_char(b, (char)v);
}

static void add_value(struct buf *b, struct str v)
{
	if (!v.p) {
		add_u16(b, ABSENT);
		return;
	}
	assert(v.n < ABSENT);
	add_u16(b, v.n);
	buf_add_str(b, v);
}

void cursor_encode(const struct cursor *c, struct str list, struct str key, struct buf *out)
{
	struct buf data = { 0 };
	uint8_t mac[HMAC_LEN];

	assert(c->count <= CURSOR_VALUES_MAX);
	buf_add_char(&data, VERSION);
	buf_add_char(&data, c->backward ? BACKWARD : 0);
	for (size_t i = 0; i < c->count; i++)
		add_value(&data, c->values[i]);
	sign(key, list, buf_str(&data), mac);
	buf_add(&data, mac, MAC_LEN);
	base64url_encode(data.p, data.n, buf_reserve(out, BASE64_TEXT_LEN(data.n)));
	out->n += BASE64_TEXT_LEN(data.n);
	buf_free(&data);
}

/* Takes one value from the front of the bytes. */
static bool take_value(struct str *data, struct str *out)
{
	size_t n;

	if (data->n < 2)
		return false;
	n = (size_t)(unsigned char)data->p[0] << 8 | (unsigned char)data->p[1];
	data->p += 2;
	data->n -= 2;
	if (n == ABSENT) {
		*out = STR_NONE;
		return true;
	}
	if (n > data->n)
		return false;
	*out = (struct str){ data->p, n };
	data->p += n;
	data->n -= n;
	return true;
}

static bool take_values(struct str data, struct cursor *out)
{
	*out = (struct cursor){ .backward = data.p[1] & BACKWARD };
	data.p += HEAD_LEN;
	data.n -= HEAD_LEN;
	while (data.n) {
		if (out->count == CURSOR_VALUES_MAX || !take_value(&data, &out->values[out->count++]))
			return false;
	}
	return true;
}

bool cursor_decode(struct str text, struct str list, struct str key, struct arena *a, struct cursor *out)
{
	uint8_t mac[HMAC_LEN];
	struct str data;
	char *bytes;

	if (text.n > CURSOR_TEXT_MAX || text.n < BASE64_TEXT_LEN(HEAD_LEN + MAC_LEN))
		return false;
	bytes = arena_alloc(a, BASE64_DATA_LEN(text.n));
	if (!base64url_decode(text, bytes))
		return false;
	data = (struct str){ bytes, BASE64_DATA_LEN(text.n) - MAC_LEN };
	sign(key, list, data, mac);
	return CRYPTO_memcmp(mac, bytes + data.n, MAC_LEN) == 0 && bytes[0] == VERSION &&
	       take_values(data, out);
}
