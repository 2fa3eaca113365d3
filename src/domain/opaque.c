#include "domain/opaque.h"

#include "base/rand.h"

#include <openssl/evp.h>
#include <zlib.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANDOM_LEN 43 /* characters of 62: 256.03 bits */
#define CHECK_LEN  6

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static void write_check(struct str s, char out[CHECK_LEN])
{
	unsigned long crc = crc32(0, (const unsigned char *)s.p, (unsigned)s.n);

	for (int i = CHECK_LEN - 1; i >= 0; i--) {
		out[i] = digits[crc % 62];
		crc /= 62;
	}
}

/* Bytes from 248 on are drawn again: with them the first digits would be more frequent than the others. */
static void write_random(char *out)
{
	unsigned char byte;

	for (size_t i = 0; i < RANDOM_LEN; i++) {
		do {
			rand_bytes(&byte, 1);
		} while (byte >= 248);
		out[i] = digits[byte % 62];
	}
}

static bool is_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

void opaque_make(const char *prefix, char out[OPAQUE_MAX])
{
	size_t n = strlen(prefix);

	memset(out, 0, OPAQUE_MAX);
	memcpy(out, prefix, n);
	write_random(out + n);
	write_check((struct str){ out, n + RANDOM_LEN }, out + n + RANDOM_LEN);
}

bool opaque_valid(struct str token, const char *prefix)
{
	struct str start = str_of(prefix);
	char check[CHECK_LEN];

	if (token.n != start.n + RANDOM_LEN + CHECK_LEN || !str_starts(token, start))
		return false;
	for (size_t i = start.n; i < token.n; i++) {
		if (!is_digit(token.p[i]))
			return false;
	}
	write_check((struct str){ token.p, token.n - CHECK_LEN }, check);
	return memcmp(check, token.p + token.n - CHECK_LEN, CHECK_LEN) == 0;
}

void opaque_hash(struct str token, uint8_t out[OPAQUE_HASH_LEN])
{
	static EVP_MD *sha256; /* fetched once: it takes longer than the hash */

	if (!sha256)
		sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (sha256 && EVP_Digest(token.p, token.n, out, NULL, sha256, NULL))
		return;
	fputs("bugd: OpenSSL computes no SHA-256\n", stderr);
	abort();
}
