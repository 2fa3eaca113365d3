/* Keys and issuers of access tokens: which are taken, Ed25519, and the change from one key to another. */
#include "base/base64.h"
#include "domain/jwt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define ISSUER STR("https://bugs.example.org")
#define OLD    STR("0123456789abcdef0123456789abcdef")
#define NEW    STR("fedcba9876543210fedcba9876543210")
#define NOW    INT64_C(1795169410)

/* Made for this test by openssl genpkey -algorithm ed25519. */
static const char private_key[] = "-----BEGIN PRIVATE KEY-----\n"
				  "MC4CAQAwBQYDK2VwBCIEIE+H4TIOPxl5YYI9l3xGd9+2dASMSnj0IeitIZfPN8We\n"
				  "-----END PRIVATE KEY-----\n";
static const char public_key[] = "-----BEGIN PUBLIC KEY-----\n"
				 "MCowBQYDK2VwAyEAI7xYI2OW4Uixx7xrVGAC8EnlRnc4ajObCyLut9K58eU=\n"
				 "-----END PUBLIC KEY-----\n";
static const char other_private_key[] = "-----BEGIN PRIVATE KEY-----\n"
					"MC4CAQAwBQYDK2VwBCIEIDuT41sfcHdw+xR3ROY1nlOmnyXVe0DYsY7ZAbG92Sfm\n"
					"-----END PRIVATE KEY-----\n";
static const char rsa_public_key[] = "-----BEGIN PUBLIC KEY-----\n"
				     "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQClsbFK4RmwxO/aIV4+iAMR2bwx\n"
				     "da0bUl3Qu+N+wKgBMzPti015u5hZpz41mGn8x9lSrVkL1GfpGNogE22HtA4EBE52\n"
				     "wo7RohjQMdL1g/kZcvGCYCeHH/IZcGBPMcqd0w+herCvSjbJSmEaTCDq554O/SoG\n"
				     "pu1AA16sUdBIu6RiwQIDAQAB\n"
				     "-----END PUBLIC KEY-----\n";

static struct buf token_of(struct jwt_keys *keys)
{
	struct jwt_claims claims = { .iat = NOW, .exp = NOW + 900 };
	struct buf token = { 0 };

	jwt_sign(keys, &claims, &token);
	return token;
}

static bool good(struct jwt_keys *keys, struct str token)
{
	return jwt_verify(keys, token, NOW, &(struct jwt_claims){ 0 });
}

static void ed25519_signs_and_verifies(void **state)
{
	struct jwt_keys *keys = jwt_keys_create_eddsa(str_of(private_key), ISSUER);
	struct buf token = token_of(keys);

	(void)state;
	for (int round = 0; round < 3; round++)
		assert_true(good(keys, buf_str(&token)));
	assert_true(token.n <= JWT_CACHE_TOKEN_MAX);
	buf_free(&token);
	jwt_keys_free(keys);
}

static void each_byte_of_an_ed25519_token_counts(void **state)
{
	struct jwt_keys *keys = jwt_keys_create_eddsa(str_of(private_key), ISSUER);
	struct buf token = token_of(keys);

	(void)state;
	for (size_t i = 0; i < token.n; i++) {
		char right = token.p[i];

		token.p[i] = right == 'A' ? 'B' : 'A';
		assert_false(good(keys, buf_str(&token)));
		token.p[i] = right;
	}
	for (size_t n = 0; n < token.n; n++)
		assert_false(good(keys, (struct str){ token.p, n }));
	assert_true(good(keys, buf_str(&token)));
	buf_free(&token);
	jwt_keys_free(keys);
}

static void what_is_no_ed25519_key_is_refused(void **state)
{
	struct jwt_keys *keys = jwt_keys_create_eddsa(str_of(private_key), ISSUER);

	(void)state;
	assert_null(jwt_keys_create_eddsa(STR(""), ISSUER));
	assert_null(jwt_keys_create_eddsa(STR("nonsense"), ISSUER));
	assert_null(jwt_keys_create_eddsa(str_of(public_key), ISSUER));
	assert_null(jwt_keys_create_eddsa(str_of(private_key), STR("no spaces here")));
	assert_true(jwt_keys_add(keys, STR_NONE));
	assert_true(jwt_keys_add(keys, STR(" \n")));
	assert_false(jwt_keys_add(keys, STR("nonsense")));
	assert_false(jwt_keys_add(keys, str_of(rsa_public_key)));
	assert_false(jwt_keys_add(keys, str_of(private_key)));
	jwt_keys_free(keys);
}

/* The public key is known to everybody: it must not serve as a secret (RFC 8725, section 2.1). */
static void an_algorithm_cannot_be_chosen_by_the_token(void **state)
{
	struct jwt_keys *ed25519 = jwt_keys_create_eddsa(str_of(private_key), ISSUER);
	struct jwt_keys *secret = jwt_keys_create(str_of(public_key), ISSUER);
	struct buf by_secret = token_of(secret), by_ed25519 = token_of(ed25519);

	(void)state;
	assert_false(good(ed25519, buf_str(&by_secret)));
	assert_false(good(secret, buf_str(&by_ed25519)));
	buf_free(&by_secret);
	buf_free(&by_ed25519);
	jwt_keys_free(ed25519);
	jwt_keys_free(secret);
}

static void an_old_public_key_verifies_until_it_is_removed(void **state)
{
	struct jwt_keys *before = jwt_keys_create_eddsa(str_of(private_key), ISSUER);
	struct jwt_keys *with_old = jwt_keys_create_eddsa(str_of(other_private_key), ISSUER);
	struct jwt_keys *without = jwt_keys_create_eddsa(str_of(other_private_key), ISSUER);
	struct buf token = token_of(before), fresh;

	(void)state;
	assert_true(jwt_keys_add(with_old, str_of(public_key)));
	assert_true(good(with_old, buf_str(&token)));
	assert_false(good(without, buf_str(&token)));
	fresh = token_of(with_old);
	assert_true(good(without, buf_str(&fresh)));
	assert_false(good(before, buf_str(&fresh)));
	buf_free(&token);
	buf_free(&fresh);
	jwt_keys_free(before);
	jwt_keys_free(with_old);
	jwt_keys_free(without);
}

static void old_secrets_verify_until_they_are_removed(void **state)
{
	struct jwt_keys *before = jwt_keys_create(OLD, ISSUER);
	struct jwt_keys *with_old = jwt_keys_create(NEW, ISSUER);
	struct jwt_keys *without = jwt_keys_create(NEW, ISSUER);
	struct buf token = token_of(before);

	(void)state;
	assert_true(jwt_keys_add(with_old, STR("another key that was used before that\r\n"
					       "0123456789abcdef0123456789abcdef\n")));
	assert_true(good(with_old, buf_str(&token)));
	assert_false(good(without, buf_str(&token)));
	assert_false(jwt_keys_add(without, STR("0123456789abcdef0123456789abcdef\nshort\n")));
	buf_free(&token);
	jwt_keys_free(before);
	jwt_keys_free(with_old);
	jwt_keys_free(without);
}

static void there_are_only_so_many_keys(void **state)
{
	struct jwt_keys *keys = jwt_keys_create(NEW, ISSUER);

	(void)state;
	for (int i = 1; i < JWT_KEYS_MAX; i++)
		assert_true(jwt_keys_add(keys, OLD));
	assert_false(jwt_keys_add(keys, OLD));
	assert_null(jwt_keys_at(keys, JWT_KEYS_MAX));
	jwt_keys_free(keys);
}

static void other_keys_and_other_issuers_do_not_mix(void **state)
{
	struct jwt_keys *keys = jwt_keys_create(OLD, ISSUER);
	struct jwt_keys *other_key = jwt_keys_create(STR("0123456789abcdef0123456789abcdeX"), ISSUER);
	struct jwt_keys *other_name = jwt_keys_create(OLD, STR("https://bugs.example.com"));
	struct buf token = token_of(keys);

	(void)state;
	assert_true(good(keys, buf_str(&token)));
	assert_false(good(other_key, buf_str(&token)));
	assert_false(good(other_name, buf_str(&token)));
	buf_free(&token);
	jwt_keys_free(keys);
	jwt_keys_free(other_key);
	jwt_keys_free(other_name);
}

static void weak_keys_and_unusable_issuers_are_refused(void **state)
{
	static const char *const unusable[] = { "", "a\"b", "a\\b", "a\nb", "a b", "\xc3\xa4" };
	char issuer[JWT_ISSUER_MAX + 1];

	(void)state;
	assert_null(jwt_keys_create(STR("0123456789abcdef0123456789abcde"), ISSUER));
	for (size_t i = 0; i < sizeof(unusable) / sizeof(*unusable); i++)
		assert_null(jwt_keys_create(OLD, str_of(unusable[i])));
	memset(issuer, 'i', sizeof(issuer));
	assert_null(jwt_keys_create(OLD, (struct str){ issuer, JWT_ISSUER_MAX + 1 }));
}

static void the_longest_issuer_works(void **state)
{
	char issuer[JWT_ISSUER_MAX];
	struct jwt_claims c = { .iat = INT64_MAX - 1, .exp = INT64_MAX }, back;
	struct jwt_keys *k;
	struct buf token = { 0 };

	(void)state;
	memset(issuer, 'i', sizeof(issuer));
	k = jwt_keys_create(OLD, (struct str){ issuer, sizeof(issuer) });
	assert_non_null(k);
	jwt_sign(k, &c, &token);
	assert_true(token.n <= JWT_TOKEN_MAX);
	assert_true(jwt_verify(k, buf_str(&token), INT64_MAX - 1, &back));
	assert_memory_equal(&back, &c, sizeof(c));
	buf_free(&token);
	jwt_keys_free(k);
}

/* RFC 8037, appendix A.3. */
static void a_public_key_is_named_by_its_thumbprint(void **state)
{
	struct str pem = STR("-----BEGIN PUBLIC KEY-----\n"
			     "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
			     "-----END PUBLIC KEY-----\n");
	struct jwt_key *key = jwt_key_public(&pem);

	(void)state;
	assert_non_null(key);
	assert_true(str_eq(jwt_key_x(key), STR("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")));
	assert_true(str_eq(jwt_key_id(key), STR("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")));
	jwt_key_free(key);
}

static void a_secret_is_not_shown_by_its_name(void **state)
{
	struct jwt_key *a = jwt_key_secret(OLD), *b = jwt_key_secret(NEW);

	(void)state;
	assert_null(jwt_key_x(a).p);
	assert_false(str_eq(jwt_key_id(a), jwt_key_id(b)));
	assert_int_equal(jwt_key_id(a).n, 12);
	assert_null(jwt_key_secret(STR("0123456789abcdef0123456789abcde")));
	jwt_key_free(a);
	jwt_key_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ed25519_signs_and_verifies),
		cmocka_unit_test(each_byte_of_an_ed25519_token_counts),
		cmocka_unit_test(what_is_no_ed25519_key_is_refused),
		cmocka_unit_test(an_algorithm_cannot_be_chosen_by_the_token),
		cmocka_unit_test(an_old_public_key_verifies_until_it_is_removed),
		cmocka_unit_test(old_secrets_verify_until_they_are_removed),
		cmocka_unit_test(there_are_only_so_many_keys),
		cmocka_unit_test(other_keys_and_other_issuers_do_not_mix),
		cmocka_unit_test(weak_keys_and_unusable_issuers_are_refused),
		cmocka_unit_test(the_longest_issuer_works),
		cmocka_unit_test(a_public_key_is_named_by_its_thumbprint),
		cmocka_unit_test(a_secret_is_not_shown_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
