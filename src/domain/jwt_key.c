#include "domain/jwt_key.h"

#include "base/base64.h"
#include "base/mem.h"
#include "domain/hmac.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ED25519_LEN       32
#define ED25519_SIGNATURE 64
#define KID_MAX           BASE64_TEXT_LEN(32)
#define SECRET_KID_LEN    9 /* bytes */
#define HEADER_MAX        160

struct jwt_key {
	struct hmac *mac; /* of a secret */
	EVP_PKEY *pkey;   /* else */
	bool is_private;
	char kid[KID_MAX + 1], x[BASE64_TEXT_LEN(ED25519_LEN) + 1];
	char header[HEADER_MAX];
};

static void must(bool worked)
{
	if (worked)
		return;
	fputs("bugd: OpenSSL signs no tokens\n", stderr);
	abort();
}

static struct jwt_key *complete(struct jwt_key *key)
{
	char json[HEADER_MAX / 2 + KID_MAX];
	int n = snprintf(json, sizeof(json), "{\"alg\":\"%s\",\"typ\":\"at+jwt\",\"kid\":\"%s\"}",
			 key->mac ? "HS256" : "EdDSA", key->kid);

	base64url_encode(json, (size_t)n, key->header);
	key->header[BASE64_TEXT_LEN((size_t)n)] = '.';
	return key;
}

struct jwt_key *jwt_key_secret(struct str secret)
{
	struct jwt_key *key;
	struct str purpose = STR("bugd kid");
	uint8_t digest[HMAC_LEN];

	if (secret.n < JWT_KEY_MIN)
		return NULL;
	key = mem_zalloc(1, sizeof(*key));
	key->mac = hmac_create(secret);
	hmac_sign(key->mac, &purpose, 1, digest);
	base64url_encode(digest, SECRET_KID_LEN, key->kid);
	return complete(key);
}

/* RFC 7638, section 3, with the members that RFC 8037, section 2, requires. */
static void name_by_thumbprint(struct jwt_key *key)
{
	char json[128];
	uint8_t digest[32];
	int n = snprintf(json, sizeof(json), "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"%s\"}", key->x);

	must(EVP_Digest(json, (size_t)n, digest, NULL, EVP_sha256(), NULL));
	base64url_encode(digest, sizeof(digest), key->kid);
}

static struct jwt_key *of_pkey(EVP_PKEY *pkey, bool is_private)
{
	struct jwt_key *key;
	uint8_t raw[ED25519_LEN];
	size_t n = sizeof(raw);

	if (!pkey || !EVP_PKEY_is_a(pkey, "ED25519") || !EVP_PKEY_get_raw_public_key(pkey, raw, &n)) {
		EVP_PKEY_free(pkey);
		return NULL;
	}
	key = mem_zalloc(1, sizeof(*key));
	key->pkey = pkey;
	key->is_private = is_private;
	base64url_encode(raw, sizeof(raw), key->x);
	name_by_thumbprint(key);
	return complete(key);
}

/* An encrypted key is refused: nobody is there to be asked for its password. */
static int no_password(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

struct jwt_key *jwt_key_private(struct str pem)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);

	BIO_free(bio);
	return of_pkey(pkey, true);
}

struct jwt_key *jwt_key_public(struct str *pems)
{
	BIO *bio = BIO_new_mem_buf(pems->p, (int)pems->n);
	EVP_PKEY *pkey = PEM_read_bio_PUBKEY(bio, NULL, no_password, NULL);
	size_t left = (size_t)BIO_pending(bio);

	BIO_free(bio);
	*pems = (struct str){ pems->p + pems->n - left, left };
	return of_pkey(pkey, false);
}

void jwt_key_free(struct jwt_key *key)
{
	if (!key)
		return;
	hmac_free(key->mac);
	EVP_PKEY_free(key->pkey);
	free(key);
}

struct str jwt_key_header(const struct jwt_key *key)
{
	return str_of(key->header);
}

struct str jwt_key_id(const struct jwt_key *key)
{
	return str_of(key->kid);
}

struct str jwt_key_x(const struct jwt_key *key)
{
	return key->mac ? STR_NONE : str_of(key->x);
}

size_t jwt_key_signature_len(const struct jwt_key *key)
{
	return key->mac ? HMAC_LEN : ED25519_SIGNATURE;
}

/* Ed25519 signs in one go; a context cannot be used again for another text. */
void jwt_key_sign(struct jwt_key *key, struct str text, uint8_t signature[JWT_SIGNATURE_MAX])
{
	EVP_MD_CTX *context;
	size_t n = ED25519_SIGNATURE;

	if (key->mac) {
		hmac_sign(key->mac, &text, 1, signature);
		return;
	}
	must(key->is_private);
	context = EVP_MD_CTX_new();
	must(context && EVP_DigestSignInit(context, NULL, NULL, NULL, key->pkey) &&
	     EVP_DigestSign(context, signature, &n, (const unsigned char *)text.p, text.n));
	EVP_MD_CTX_free(context);
}

static bool verify_ed25519(struct jwt_key *key, struct str text, const uint8_t *signature)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good;

	must(context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->pkey));
	good = EVP_DigestVerify(context, signature, ED25519_SIGNATURE, (const unsigned char *)text.p,
				text.n) == 1;
	EVP_MD_CTX_free(context);
	return good;
}

bool jwt_key_verify(struct jwt_key *key, struct str text, const uint8_t *signature)
{
	uint8_t right[HMAC_LEN];

	if (!key->mac)
		return verify_ed25519(key, text, signature);
	hmac_sign(key->mac, &text, 1, right);
	return CRYPTO_memcmp(signature, right, HMAC_LEN) == 0;
}
