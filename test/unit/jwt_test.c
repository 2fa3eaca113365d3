#include "base/base64.h"
#include "domain/hmac.h"
#include "domain/jwt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY    STR("0123456789abcdef0123456789abcdef")
#define ISSUER STR("https://bugs.example.org")
#define NOW    INT64_C(1795169410)
#define HEADER header_of_key /* {"alg":"HS256","typ":"at+jwt","kid":…} */
#define IDS                                                                                                  \
	"\"sub\":\"01932c07-20e6-7d32-9f4b-6a1c03e58b70\",\"sid\":\"01932c07-20e6-7d32-9f4b-6a1c03e58b71\"," \
	"\"jti\":\"01932c07-20e6-7d32-9f4b-6a1c03e58b72\""
#define NAMES "\"iss\":\"https://bugs.example.org\",\"aud\":\"https://bugs.example.org\""
#define TIMES "\"iat\":1795169410,\"nbf\":1795169410,\"exp\":1795170310"

static struct jwt_keys *keys;
static char header_of_key[160];

static int set_up(void **state)
{
	struct str header;

	(void)state;
	keys = jwt_keys_create(KEY, ISSUER);
	if (!keys)
		return -1;
	header = jwt_key_header(jwt_keys_at(keys, 0));
	return base64url_decode((struct str){ header.p, header.n - 1 }, header_of_key) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	jwt_keys_free(keys);
	jwt_keys_free(NULL);
	return 0;
}

static struct jwt_claims claims_of(uint8_t who)
{
	struct jwt_claims c = { .iat = NOW, .exp = NOW + 900 };

	memset(c.sub.b, who, 16);
	memset(c.sid.b, who + 1, 16);
	memset(c.jti.b, who + 2, 16);
	return c;
}

static struct buf token_of(uint8_t who)
{
	struct jwt_claims c = claims_of(who);
	struct buf token = { 0 };

	jwt_sign(keys, &c, &token);
	return token;
}

static bool good_at(struct str token, int64_t now)
{
	return jwt_verify(keys, token, now, &(struct jwt_claims){ 0 });
}

/* A token of any header and payload, rightly signed with this key. */
static struct buf forged(const char *header, const char *payload, struct str key)
{
	struct buf b = { 0 };
	struct hmac *h = hmac_create(key);
	uint8_t mac[HMAC_LEN];
	struct str text;

	base64url_encode(header, strlen(header), buf_reserve(&b, BASE64_TEXT_LEN(strlen(header))));
	b.n += BASE64_TEXT_LEN(strlen(header));
	buf_add_char(&b, '.');
	base64url_encode(payload, strlen(payload), buf_reserve(&b, BASE64_TEXT_LEN(strlen(payload))));
	b.n += BASE64_TEXT_LEN(strlen(payload));
	text = buf_str(&b);
	hmac_sign(h, &text, 1, mac);
	buf_add_char(&b, '.');
	base64url_encode(mac, sizeof(mac), buf_reserve(&b, BASE64_TEXT_LEN(sizeof(mac))));
	b.n += BASE64_TEXT_LEN(sizeof(mac));
	hmac_free(h);
	return b;
}

static bool forged_good(const char *header, const char *payload)
{
	struct buf b = forged(header, payload, KEY);
	bool good = good_at(buf_str(&b), NOW);

	buf_free(&b);
	return good;
}

static void what_was_signed_is_read_back_first_and_again(void **state)
{
	struct jwt_claims c = claims_of(7), back;
	struct buf token = token_of(7);

	(void)state;
	for (int round = 0; round < 3; round++) {
		memset(&back, 0xff, sizeof(back));
		assert_true(jwt_verify(keys, buf_str(&token), NOW + round, &back));
		assert_memory_equal(&back, &c, sizeof(c));
	}
	assert_true(token.n <= JWT_CACHE_TOKEN_MAX);
	buf_free(&token);
}

static void the_forged_tokens_of_this_test_are_right_when_nothing_is_wrong(void **state)
{
	(void)state;
	assert_true(forged_good(HEADER, "{" NAMES "," IDS "," TIMES "}"));
	assert_true(forged_good(HEADER, "{" TIMES "," IDS ",\"later\":[1]," NAMES "}"));
}

static void only_our_header_is_taken(void **state)
{
	static const char *const wrong[] = {
		"{\"alg\":\"none\",\"typ\":\"at+jwt\"}",
		"{\"alg\":\"HS512\",\"typ\":\"at+jwt\"}",
		"{\"alg\":\"RS256\",\"typ\":\"at+jwt\"}",
		"{\"alg\":\"hs256\",\"typ\":\"at+jwt\"}",
		"{\"alg\":\"HS256\",\"typ\":\"JWT\"}",
		"{\"alg\":\"HS256\"}",
		"{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}",
		"{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"\"}",
		"{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"' OR 1=1 --\"}",
		"{\"typ\":\"at+jwt\"}",
		"{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"crit\":[\"exp\"]}",
		"{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"../../dev/null\"}",
		"{\"alg\":\"HS256\",\"alg\":\"none\",\"typ\":\"at+jwt\"}",
		"{}",
		"[]",
		"",
		"x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(forged_good(wrong[i], "{" NAMES "," IDS "," TIMES "}"));
}

/* Also when it is as long as ours, and names our key. */
static void no_character_of_the_header_may_be_another(void **state)
{
	char header[sizeof(header_of_key)];

	(void)state;
	for (size_t i = 0; header_of_key[i]; i++) {
		memcpy(header, header_of_key, sizeof(header));
		header[i] ^= 1;
		assert_false(forged_good(header, "{" NAMES "," IDS "," TIMES "}"));
	}
}

static void a_token_without_signature_is_refused(void **state)
{
	struct buf b = forged("{\"alg\":\"none\",\"typ\":\"at+jwt\"}", "{" NAMES "," IDS "," TIMES "}", KEY);
	struct buf c = token_of(1);

	(void)state;
	b.n -= BASE64_TEXT_LEN(HMAC_LEN);
	assert_false(good_at(buf_str(&b), NOW)); /* with the last dot */
	b.n--;
	assert_false(good_at(buf_str(&b), NOW));
	c.n -= BASE64_TEXT_LEN(HMAC_LEN);
	assert_false(good_at(buf_str(&c), NOW));
	buf_free(&b);
	buf_free(&c);
}

static void wrong_claims_are_refused_though_signed(void **state)
{
	static const char *const wrong[] = {
		"",
		"x",
		"null",
		"[]",
		"{}",
		"{" NAMES "," IDS "," TIMES, /* cut */
		"{" NAMES "," IDS "," TIMES "}}",
		"{" IDS "," TIMES "}",
		"{\"iss\":\"https://bugs.example.org\"," IDS "," TIMES "}",
		"{\"aud\":\"https://bugs.example.org\"," IDS "," TIMES "}",
		"{\"iss\":\"https://other.example.org\",\"aud\":\"https://bugs.example.org\"," IDS "," TIMES
		"}",
		"{\"iss\":\"https://bugs.example.org\",\"aud\":\"https://other.example.org\"," IDS "," TIMES
		"}",
		"{\"iss\":\"https://bugs.example.org/\",\"aud\":\"https://bugs.example.org\"," IDS "," TIMES
		"}",
		"{\"iss\":\"https://bugs.example.org\",\"aud\":[\"https://bugs.example.org\"]," IDS "," TIMES
		"}",
		"{" NAMES "," TIMES "}",
		"{" NAMES "," TIMES ",\"sub\":1,\"sid\":2,\"jti\":3}",
		"{" NAMES "," TIMES ",\"sub\":\"admin\",\"sid\":\"a\",\"jti\":\"b\"}",
		"{" NAMES "," IDS "}",
		"{" NAMES "," IDS ",\"iat\":1795169410,\"nbf\":1795169410}",
		"{" NAMES "," IDS ",\"iat\":1795169410,\"nbf\":1795169410,\"exp\":\"1795170310\"}",
		"{" NAMES "," IDS ",\"iat\":1795169410,\"nbf\":1795169410,\"exp\":1795170310.5}",
		"{" NAMES "," IDS ",\"iat\":1795169410,\"nbf\":1795169410,\"exp\":9223372036854775808}",
		"{" NAMES "," IDS ",\"iat\":-1,\"nbf\":1795169410,\"exp\":1795170310}",
		"{" NAMES "," IDS ",\"iat\":1795169410,\"exp\":1795170310}",
		"{" NAMES "," IDS ",\"iat\":1795169410,\"nbf\":1795169471,\"exp\":1795170310}",
		"{" NAMES "," IDS ",\"iat\":1795169471,\"nbf\":1795169410,\"exp\":1795170310}",
		"{" NAMES "," IDS ",\"iat\":1795169410,\"nbf\":1795169410,\"exp\":1795169410}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(forged_good(HEADER, wrong[i]));
}

static void a_token_ends_exactly_at_exp(void **state)
{
	struct buf fresh = token_of(20), used = token_of(21);

	(void)state;
	assert_true(good_at(buf_str(&used), NOW));
	assert_true(good_at(buf_str(&used), NOW + 899));
	assert_false(good_at(buf_str(&used), NOW + 900));
	assert_false(good_at(buf_str(&fresh), NOW + 900));
	assert_true(good_at(buf_str(&fresh), NOW + 899));
	buf_free(&fresh);
	buf_free(&used);
}

static void another_machines_clock_may_be_a_minute_ahead(void **state)
{
	struct buf fresh = token_of(30), used = token_of(31);

	(void)state;
	assert_false(good_at(buf_str(&fresh), NOW - JWT_LEEWAY - 1));
	assert_true(good_at(buf_str(&fresh), NOW - JWT_LEEWAY));
	assert_true(good_at(buf_str(&used), NOW));
	assert_false(good_at(buf_str(&used), NOW - JWT_LEEWAY - 1));
	buf_free(&fresh);
	buf_free(&used);
}

static void any_changed_character_makes_it_invalid(void **state)
{
	struct buf token = token_of(40);

	(void)state;
	assert_true(good_at(buf_str(&token), NOW)); /* remembered, and still */
	for (size_t i = 0; i < token.n; i++) {
		char was = token.p[i];

		for (int bit = 0; bit < 8; bit++) {
			token.p[i] = (char)(was ^ (1 << bit));
			assert_false(good_at(buf_str(&token), NOW));
		}
		token.p[i] = was;
	}
	assert_true(good_at(buf_str(&token), NOW));
	buf_free(&token);
}

static void any_cut_or_longer_token_is_invalid(void **state)
{
	struct buf token = token_of(41);

	(void)state;
	assert_true(good_at(buf_str(&token), NOW));
	for (size_t n = 0; n < token.n; n++)
		assert_false(good_at((struct str){ token.p, n }, NOW));
	for (size_t n = 1; n < token.n; n++)
		assert_false(good_at((struct str){ token.p + n, token.n - n }, NOW));
	buf_add_char(&token, 'A');
	assert_false(good_at(buf_str(&token), NOW));
	token.p[token.n - 1] = '\0';
	assert_false(good_at(buf_str(&token), NOW));
	buf_free(&token);
	assert_false(good_at(STR_NONE, NOW) || good_at(STR(""), NOW) || good_at(STR("..."), NOW));
}

static void oversized_tokens_are_refused(void **state)
{
	size_t n = 100 * 1024;
	char *text = malloc(n);
	struct buf token = token_of(42);

	(void)state;
	memset(text, 'A', n);
	memcpy(text, token.p, token.n);
	for (size_t cut = n; cut >= JWT_TOKEN_MAX; cut /= 2)
		assert_false(good_at((struct str){ text, cut }, NOW));
	buf_free(&token);
	free(text);
}

static void long_tokens_are_verified_without_being_remembered(void **state)
{
	char payload[1500] = "{" NAMES "," IDS "," TIMES ",\"more\":\"";
	struct buf token;

	(void)state;
	memset(payload + strlen(payload), 'x', 1000);
	strcat(payload, "\"}");
	token = forged(HEADER, payload, KEY);
	assert_in_range(token.n, JWT_CACHE_TOKEN_MAX + 1, JWT_TOKEN_MAX);
	assert_true(good_at(buf_str(&token), NOW));
	assert_true(good_at(buf_str(&token), NOW));
	token.p[token.n - 1] ^= 1;
	assert_false(good_at(buf_str(&token), NOW));
	buf_free(&token);
}

static void far_more_tokens_than_places_stay_right(void **state)
{
	struct jwt_claims c = claims_of(60), back;
	struct buf token = { 0 };

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 3 * JWT_CACHE_SIZE; i++) {
			memcpy(c.sub.b, &i, sizeof(i));
			c.exp = NOW + 1 + i;
			token.n = 0;
			jwt_sign(keys, &c, &token);
			assert_true(jwt_verify(keys, buf_str(&token), NOW, &back));
			assert_memory_equal(&back, &c, sizeof(c));
		}
	}
	buf_free(&token);
}

static void signing_appends(void **state)
{
	struct jwt_claims c = claims_of(70);
	struct buf out = { 0 };

	(void)state;
	buf_add_lit(&out, "{\"access_token\":\"");
	jwt_sign(keys, &c, &out);
	assert_memory_equal(out.p, "{\"access_token\":\"eyJ", 20);
	assert_true(good_at((struct str){ out.p + 17, out.n - 17 }, NOW));
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_signed_is_read_back_first_and_again),
		cmocka_unit_test(the_forged_tokens_of_this_test_are_right_when_nothing_is_wrong),
		cmocka_unit_test(only_our_header_is_taken),
		cmocka_unit_test(no_character_of_the_header_may_be_another),
		cmocka_unit_test(a_token_without_signature_is_refused),
		cmocka_unit_test(wrong_claims_are_refused_though_signed),
		cmocka_unit_test(a_token_ends_exactly_at_exp),
		cmocka_unit_test(another_machines_clock_may_be_a_minute_ahead),
		cmocka_unit_test(any_changed_character_makes_it_invalid),
		cmocka_unit_test(any_cut_or_longer_token_is_invalid),
		cmocka_unit_test(oversized_tokens_are_refused),
		cmocka_unit_test(long_tokens_are_verified_without_being_remembered),
		cmocka_unit_test(far_more_tokens_than_places_stay_right),
		cmocka_unit_test(signing_appends),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
