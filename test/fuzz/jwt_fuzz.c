/*
 * jwt_verify must take any bytes, and no token that jwt_sign did not make. The input is tried as a token, as
 * bytes laid over a good token, and, rightly signed, as the payload of one.
 */
#include "base/base64.h"
#include "domain/hmac.h"
#include "domain/jwt.h"

#include <stdlib.h>
#include <string.h>

#define KEY STR("0123456789abcdef0123456789abcdef")
#define NOW 1500

static struct jwt_keys *keys;
static struct hmac *mac;
static struct buf good;

static void set_up(void)
{
	struct jwt_claims claims = { .iat = 1000, .exp = 2000 };

	keys = jwt_keys_create(KEY, STR("bugd"));
	mac = hmac_create(KEY);
	jwt_sign(keys, &claims, &good);
}

static bool verified(struct str token)
{
	struct jwt_claims claims;
	bool result = jwt_verify(keys, token, NOW, &claims);

	if (result && (claims.exp <= NOW || claims.iat > NOW + JWT_LEEWAY || claims.iat < 0))
		abort();
	return result;
}

/* The first byte says where in the good token the others go. */
static void try_changed(struct str input)
{
	struct buf token = { 0 };
	size_t at, n;

	buf_add_str(&token, buf_str(&good));
	at = (unsigned char)input.p[0] * good.n / 256;
	n = input.n - 1 < good.n - at ? input.n - 1 : good.n - at;
	memcpy(token.p + at, input.p + 1, n);
	if (verified(buf_str(&token)) && !str_eq(buf_str(&token), buf_str(&good)))
		abort();
	buf_free(&token);
}

static void add_base64url(struct buf *b, const void *data, size_t n)
{
	base64url_encode(data, n, buf_reserve(b, BASE64_TEXT_LEN(n)));
	b->n += BASE64_TEXT_LEN(n);
}

static void try_signed(struct str payload)
{
	struct buf token = { 0 };
	uint8_t signature[HMAC_LEN];
	struct str text;

	buf_add_str(&token, jwt_key_header(jwt_keys_at(keys, 0)));
	add_base64url(&token, payload.p, payload.n);
	text = buf_str(&token);
	hmac_sign(mac, &text, 1, signature);
	buf_add_char(&token, '.');
	add_base64url(&token, signature, sizeof(signature));
	verified(buf_str(&token));
	buf_free(&token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = { (const char *)data, size };

	if (!keys)
		set_up();
	if (verified(input) && !str_eq(input, buf_str(&good)))
		abort();
	if (size)
		try_changed(input);
	try_signed(input);
	return 0;
}
