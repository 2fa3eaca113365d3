#include "domain/jwt.h"

#include "base/base64.h"
#include "base/mem.h"
#include "base/rand.h"

#include <openssl/crypto.h>
#include <xxhash.h>
#include <yyjson.h>

#include <stdlib.h>
#include <string.h>

#define PAYLOAD_MAX BASE64_DATA_LEN(JWT_TOKEN_MAX)

/* A verified token. Two neighbours make a set: where in the table a token may be is its hash's choice. */
struct verified {
	uint64_t hash;
	size_t n; /* characters of the token; 0: nobody is here */
	struct jwt_claims claims;
	char token[JWT_CACHE_TOKEN_MAX];
};

#define WAYS 2

struct jwt_keys {
	struct jwt_key *key[JWT_KEYS_MAX + 1]; /* the first one signs; ended by NULL */
	size_t count;
	enum jwt_algorithm algorithm;
	size_t signature_len; /* characters */
	struct str issuer;
	uint64_t seed; /* nobody outside can choose tokens that meet in the table */
	struct verified *verified;
};

static bool issuer_usable(struct str issuer)
{
	if (issuer.n == 0 || issuer.n > JWT_ISSUER_MAX)
		return false;
	for (size_t i = 0; i < issuer.n; i++) {
		if (issuer.p[i] <= ' ' || issuer.p[i] > '~' || issuer.p[i] == '"' || issuer.p[i] == '\\')
			return false;
	}
	return true;
}

static struct jwt_keys *create(enum jwt_algorithm algorithm, struct jwt_key *key, struct str issuer)
{
	struct jwt_keys *keys;

	if (!key || !issuer_usable(issuer)) {
		jwt_key_free(key);
		return NULL;
	}
	keys = mem_zalloc(1, sizeof(*keys));
	keys->key[keys->count++] = key;
	keys->algorithm = algorithm;
	keys->signature_len = BASE64_TEXT_LEN(jwt_key_signature_len(key));
	keys->issuer = (struct str){ mem_dup(issuer.p, issuer.n), issuer.n };
	keys->seed = rand_u64();
	return keys;
}

struct jwt_keys *jwt_keys_create(struct str key, struct str issuer)
{
	return create(JWT_HS256, jwt_key_secret(key), issuer);
}

struct jwt_keys *jwt_keys_create_eddsa(struct str pem, struct str issuer)
{
	return create(JWT_EDDSA, jwt_key_private(pem), issuer);
}

static struct jwt_key *take_old(enum jwt_algorithm algorithm, struct str *old)
{
	if (algorithm == JWT_EDDSA)
		return jwt_key_public(old);

	struct str line = str_cut(old, '\n');

	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return jwt_key_secret(line);
}

static bool only_space(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!strchr(" \t\r\n", s.p[i]))
			return false;
	}
	return true;
}

bool jwt_keys_add(struct jwt_keys *keys, struct str old)
{
	while (!only_space(old)) {
		struct jwt_key *key = take_old(keys->algorithm, &old);

		if (!key || keys->count == JWT_KEYS_MAX) {
			jwt_key_free(key);
			return false;
		}
		keys->key[keys->count++] = key;
	}
	return true;
}

const struct jwt_key *jwt_keys_at(const struct jwt_keys *keys, size_t i)
{
	return keys->key[i];
}

void jwt_keys_free(struct jwt_keys *keys)
{
	if (!keys)
		return;
	for (size_t i = 0; i < keys->count; i++)
		jwt_key_free(keys->key[i]);
	free((char *)(uintptr_t)keys->issuer.p);
	free(keys->verified);
	free(keys);
}

static void append_base64url(struct buf *out, const void *data, size_t n)
{
	size_t len = BASE64_TEXT_LEN(n);

	base64url_encode(data, n, buf_reserve(out, len));
	out->n += len;
}

static void add_uuid(yyjson_mut_doc *doc, const char *name, const struct uuid *u)
{
	char text[UUID_TEXT_LEN];

	uuid_format(u, text);
	yyjson_mut_obj_add_strncpy(doc, doc->root, name, text, sizeof(text));
}

static void append_payload(struct buf *out, struct str issuer, const struct jwt_claims *c)
{
	char memory[16 * 1024]; /* several times what JWT_ISSUER_MAX can lead to: no allocation fails */
	yyjson_alc alc;
	yyjson_mut_doc *doc;
	char *text;
	size_t n = 0;

	yyjson_alc_pool_init(&alc, memory, sizeof(memory));
	doc = yyjson_mut_doc_new(&alc);
	yyjson_mut_doc_set_root(doc, yyjson_mut_obj(doc));
	yyjson_mut_obj_add_strn(doc, doc->root, "iss", issuer.p, issuer.n);
	yyjson_mut_obj_add_strn(doc, doc->root, "aud", issuer.p, issuer.n);
	add_uuid(doc, "sub", &c->sub);
	add_uuid(doc, "sid", &c->sid);
	add_uuid(doc, "jti", &c->jti);
	yyjson_mut_obj_add_int(doc, doc->root, "iat", c->iat);
	yyjson_mut_obj_add_int(doc, doc->root, "nbf", c->iat);
	yyjson_mut_obj_add_int(doc, doc->root, "exp", c->exp);
	text = yyjson_mut_write_opts(doc, YYJSON_WRITE_NOFLAG, &alc, &n, NULL);
	append_base64url(out, text, n);
}

void jwt_sign(struct jwt_keys *keys, const struct jwt_claims *claims, struct buf *out)
{
	struct jwt_key *key = keys->key[0];
	uint8_t signature[JWT_SIGNATURE_MAX];
	size_t start = out->n;

	buf_add_str(out, jwt_key_header(key));
	append_payload(out, keys->issuer, claims);
	jwt_key_sign(key, (struct str){ out->p + start, out->n - start }, signature);
	buf_add_char(out, '.');
	append_base64url(out, signature, jwt_key_signature_len(key));
}

static bool claim_is(yyjson_val *payload, const char *name, struct str expected)
{
	yyjson_val *v = yyjson_obj_get(payload, name);

	return yyjson_is_str(v) && str_eq((struct str){ yyjson_get_str(v), yyjson_get_len(v) }, expected);
}

static bool claim_uuid(yyjson_val *payload, const char *name, struct uuid *out)
{
	yyjson_val *v = yyjson_obj_get(payload, name);

	return yyjson_is_str(v) && uuid_parse((struct str){ yyjson_get_str(v), yyjson_get_len(v) }, out);
}

static bool claim_time(yyjson_val *payload, const char *name, int64_t *out)
{
	yyjson_val *v = yyjson_obj_get(payload, name);

	if (!yyjson_is_uint(v) || yyjson_get_uint(v) > INT64_MAX)
		return false;
	*out = (int64_t)yyjson_get_uint(v);
	return true;
}

static bool timely(int64_t not_before, int64_t exp, int64_t now)
{
	return now < exp && not_before - JWT_LEEWAY <= now;
}

/* Reads the claims of a payload whose signature was found good. */
static bool claims_read(struct str text, struct str issuer, int64_t now, struct jwt_claims *out)
{
	char json[PAYLOAD_MAX + YYJSON_PADDING_SIZE];
	char memory[PAYLOAD_MAX * 12 + 256]; /* yyjson_read_max_memory_usage() */
	size_t n = BASE64_DATA_LEN(text.n);
	yyjson_alc alc;
	yyjson_doc *doc;
	yyjson_val *payload;
	int64_t nbf;

	if (!base64url_decode(text, json))
		return false;
	memset(json + n, 0, YYJSON_PADDING_SIZE);
	yyjson_alc_pool_init(&alc, memory, sizeof(memory));
	doc = yyjson_read_opts(json, n, YYJSON_READ_INSITU, &alc, NULL);
	payload = yyjson_doc_get_root(doc);
	return claim_is(payload, "iss", issuer) && claim_is(payload, "aud", issuer) &&
	       claim_uuid(payload, "sub", &out->sub) && claim_uuid(payload, "sid", &out->sid) &&
	       claim_uuid(payload, "jti", &out->jti) && claim_time(payload, "iat", &out->iat) &&
	       claim_time(payload, "nbf", &nbf) && claim_time(payload, "exp", &out->exp) &&
	       timely(out->iat, out->exp, now) && timely(nbf, out->exp, now);
}

static bool signature_good(struct jwt_key *key, struct str signed_text, struct str signature)
{
	uint8_t claimed[JWT_SIGNATURE_MAX];

	return base64url_decode(signature, claimed) && jwt_key_verify(key, signed_text, claimed);
}

/* The key with whose header the token begins; NULL: none. */
static struct jwt_key *key_of(const struct jwt_keys *keys, struct str token)
{
	for (size_t i = 0; i < keys->count; i++) {
		if (str_starts(token, jwt_key_header(keys->key[i])))
			return keys->key[i];
	}
	return NULL;
}

static bool verify_whole(struct jwt_keys *keys, struct str token, int64_t now, struct jwt_claims *out)
{
	struct jwt_key *key = key_of(keys, token);
	struct str signed_text, signature, payload;
	size_t header;

	if (!key)
		return false;
	header = jwt_key_header(key).n;
	if (token.n <= header + 1 + keys->signature_len)
		return false;
	signed_text = (struct str){ token.p, token.n - keys->signature_len - 1 };
	signature = (struct str){ token.p + token.n - keys->signature_len, keys->signature_len };
	payload = (struct str){ token.p + header, signed_text.n - header };
	return token.p[signed_text.n] == '.' && signature_good(key, signed_text, signature) &&
	       claims_read(payload, keys->issuer, now, out);
}

static struct verified *set_of(struct jwt_keys *keys, uint64_t hash)
{
	/* Untouched pages cost nothing, so a server that is idle or serves few pays for few. */
	if (!keys->verified)
		keys->verified = mem_zalloc(JWT_CACHE_SIZE, sizeof(*keys->verified));
	return &keys->verified[hash % (JWT_CACHE_SIZE / WAYS) * WAYS];
}

static bool is_token(const struct verified *v, uint64_t hash, struct str token, size_t signature_len)
{
	size_t open; /* the part that is no secret */

	if (v->hash != hash || v->n != token.n)
		return false;
	open = token.n - signature_len;
	return memcmp(v->token, token.p, open) == 0 &&
	       CRYPTO_memcmp(v->token + open, token.p + open, signature_len) == 0;
}

/* Takes the place of the token of the set that expires first; an empty place has expired long ago. */
static void remember(struct verified *set, uint64_t hash, struct str token, const struct jwt_claims *claims)
{
	struct verified *v = set[0].claims.exp <= set[1].claims.exp ? &set[0] : &set[1];

	v->hash = hash;
	v->n = token.n;
	v->claims = *claims;
	memcpy(v->token, token.p, token.n);
}

bool jwt_verify(struct jwt_keys *keys, struct str token, int64_t now, struct jwt_claims *out)
{
	struct verified *set;
	uint64_t hash;

	if (token.n > JWT_CACHE_TOKEN_MAX)
		return token.n <= JWT_TOKEN_MAX && verify_whole(keys, token, now, out);
	if (token.n < keys->signature_len)
		return false;
	hash = XXH3_64bits_withSeed(token.p, token.n, keys->seed);
	set = set_of(keys, hash);
	for (unsigned i = 0; i < WAYS; i++) {
		if (is_token(&set[i], hash, token, keys->signature_len)) {
			*out = set[i].claims;
			return timely(out->iat, out->exp, now);
		}
	}
	if (!verify_whole(keys, token, now, out))
		return false;
	remember(set, hash, token, out);
	return true;
}
