#include "domain/hmac.h"

#include "base/mem.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

struct hmac {
	EVP_MAC_CTX *context;
};

static void must(bool worked)
{
	if (worked)
		return;
	fputs("bugd: OpenSSL computes no HMAC-SHA256\n", stderr);
	abort();
}

struct hmac *hmac_create(struct str key)
{
	struct hmac *h = mem_zalloc(1, sizeof(*h));
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};

	must(mac);
	h->context = EVP_MAC_CTX_new(mac);
	EVP_MAC_free(mac); /* the context holds it */
	must(h->context && EVP_MAC_init(h->context, (const unsigned char *)key.p, key.n, params));
	return h;
}

void hmac_free(struct hmac *h)
{
	if (!h)
		return;
	EVP_MAC_CTX_free(h->context);
	free(h);
}

void hmac_sign(struct hmac *h, const struct str *parts, size_t count, uint8_t out[HMAC_LEN])
{
	size_t n = 0;

	/* Without a key it starts anew with the one it has. */
	must(EVP_MAC_init(h->context, NULL, 0, NULL));
	for (size_t i = 0; i < count; i++)
		must(EVP_MAC_update(h->context, (const unsigned char *)parts[i].p, parts[i].n));
	must(EVP_MAC_final(h->context, out, &n, HMAC_LEN) && n == HMAC_LEN);
}
