#include "domain/seal.h"

#include "base/rand.h"

#include <openssl/evp.h>

#include <stdio.h>
#include <stdlib.h>

#define NONCE_LEN 12
#define TAG_LEN   16

static const unsigned char *bytes(struct str s)
{
	return (const unsigned char *)s.p;
}

/* Memory is all that a cipher of OpenSSL's own can lack. */
static void must(bool worked)
{
	if (worked)
		return;
	fputs("bugd: OpenSSL computes no AES-256-GCM\n", stderr);
	abort();
}

void seal(struct str key, struct str context, struct str plain, struct buf *out)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	unsigned char *at = (unsigned char *)buf_reserve(out, plain.n + SEAL_OVERHEAD);
	unsigned char *text = at + NONCE_LEN;
	int n = 0;

	rand_bytes(at, NONCE_LEN);
	must(c && EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, bytes(key), at));
	must(EVP_EncryptUpdate(c, NULL, &n, bytes(context), (int)context.n));
	must(EVP_EncryptUpdate(c, text, &n, bytes(plain), (int)plain.n));
	must(EVP_EncryptFinal_ex(c, text + n, &n));
	must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG_LEN, text + plain.n));
	EVP_CIPHER_CTX_free(c);
	out->n += plain.n + SEAL_OVERHEAD;
}

bool seal_open(struct str key, struct str context, struct str sealed, struct buf *out)
{
	EVP_CIPHER_CTX *c;
	unsigned char tag[TAG_LEN], *plain;
	size_t length = sealed.n - SEAL_OVERHEAD;
	bool whole;
	int n = 0;

	if (sealed.n < SEAL_OVERHEAD)
		return false;
	for (size_t i = 0; i < TAG_LEN; i++)
		tag[i] = (unsigned char)sealed.p[sealed.n - TAG_LEN + i];
	plain = (unsigned char *)buf_reserve(out, length + 1);
	c = EVP_CIPHER_CTX_new();
	must(c && EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, bytes(key), bytes(sealed)));
	must(EVP_DecryptUpdate(c, NULL, &n, bytes(context), (int)context.n));
	must(EVP_DecryptUpdate(c, plain, &n, bytes(sealed) + NONCE_LEN, (int)length));
	must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG_LEN, tag));
	whole = EVP_DecryptFinal_ex(c, plain + n, &n) > 0;
	EVP_CIPHER_CTX_free(c);
	if (whole)
		out->n += length;
	return whole;
}
