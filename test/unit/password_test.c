#include "domain/password.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <argon2.h>

#include <string.h>

static const struct password_cost cheap = { .memory_kib = 64, .iterations = 1, .parallelism = 1 };

static void the_right_password_is_taken_and_no_other(void **state)
{
	char hash[PASSWORD_HASH_MAX];

	(void)state;
	assert_true(password_hash(STR("correct horse"), &cheap, hash));
	assert_true(password_verify(str_of(hash), STR("correct horse")));
	assert_false(password_verify(str_of(hash), STR("correct horsf")));
	assert_false(password_verify(str_of(hash), STR("correct hors")));
	assert_false(password_verify(str_of(hash), STR("correct horse ")));
	assert_false(password_verify(str_of(hash), STR("correct horse\0")));
	assert_false(password_verify(str_of(hash), STR("")));
	assert_false(password_verify(str_of(hash), STR_NONE));
}

/* Behind the last '$'; the last character of 43 has two bits that mean nothing. */
static void every_character_of_a_stored_hash_counts(void **state)
{
	char hash[PASSWORD_HASH_MAX];
	char *last;

	(void)state;
	assert_true(password_hash(STR("correct horse"), &cheap, hash));
	last = strrchr(hash, '$') + 1;
	assert_int_equal(strlen(last), 43);
	for (size_t i = 0; i < 42; i++) {
		char kept = last[i];

		last[i] = kept == 'A' ? 'B' : 'A';
		assert_false(password_verify(str_of(hash), STR("correct horse")));
		last[i] = kept;
	}
	assert_true(password_verify(str_of(hash), STR("correct horse")));
}

static void each_hash_has_a_salt_of_its_own(void **state)
{
	char a[PASSWORD_HASH_MAX], b[PASSWORD_HASH_MAX];

	(void)state;
	assert_true(password_hash(STR("correct horse"), &cheap, a));
	assert_true(password_hash(STR("correct horse"), &cheap, b));
	assert_string_not_equal(a, b);
	assert_memory_equal(a, "$argon2id$v=19$m=64,t=1,p=1$", 28);
	assert_int_equal(strlen(a), 28 + 22 + 1 + 43);
}

static void hashes_are_those_of_the_reference_library(void **state)
{
	const struct password_cost lanes = { .memory_kib = 64, .iterations = 2, .parallelism = 4 };
	char ours[PASSWORD_HASH_MAX], theirs[PASSWORD_HASH_MAX];

	(void)state;
	assert_true(password_hash(STR("correct horse"), &lanes, ours));
	assert_int_equal(argon2id_verify(ours, "correct horse", 13), ARGON2_OK);
	assert_int_equal(argon2id_hash_encoded(2, 64, 4, "correct horse", 13, "saltsaltsalt", 12, 24, theirs,
					       sizeof(theirs)),
			 ARGON2_OK);
	assert_true(password_verify(str_of(theirs), STR("correct horse")));
	assert_false(password_verify(str_of(theirs), STR("correct horsf")));
}

static void passwords_of_every_length_and_byte_work(void **state)
{
	char hash[PASSWORD_HASH_MAX], password[PASSWORD_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(password); i++)
		password[i] = (char)(i * 7);
	assert_true(password_hash((struct str){ password, PASSWORD_MAX }, &cheap, hash));
	assert_true(password_verify(str_of(hash), (struct str){ password, PASSWORD_MAX }));
	assert_false(password_verify(str_of(hash), (struct str){ password, PASSWORD_MAX - 1 }));
	assert_false(password_hash((struct str){ password, PASSWORD_MAX + 1 }, &cheap, hash));
	assert_string_equal(hash, "");
	assert_true(password_hash(STR(""), &cheap, hash));
	assert_true(password_verify(str_of(hash), STR("")));
}

static void costs_out_of_bounds_are_never_computed(void **state)
{
	static const struct password_cost wrong[] = {
		{ 0, 1, 1 },
		{ 7, 1, 1 },
		{ 31, 1, 4 },
		{ 64, 0, 1 },
		{ 64, 1, 0 },
		{ PASSWORD_MEMORY_MAX_KIB + 1, 1, 1 },
		{ 64, PASSWORD_ITERATIONS_MAX + 1, 1 },
		{ 4096, 1, PASSWORD_PARALLELISM_MAX + 1 },
		{ UINT32_MAX, UINT32_MAX, UINT32_MAX },
	};
	char hash[PASSWORD_HASH_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(password_hash(STR("correct horse"), &wrong[i], hash));
}

#define SALT "c2FsdHNhbHRzYWx0"
#define HASH "5ZoGWHyjF0wvMFz4CdzRMrGnYQZV3u2qqzJ9mT2DHY0"

static void the_cost_of_a_stored_hash_is_read(void **state)
{
	struct password_cost cost;

	(void)state;
	assert_true(password_hash_cost(STR("$argon2id$v=19$m=19456,t=2,p=1$" SALT "$" HASH), &cost));
	assert_int_equal(cost.memory_kib, 19456);
	assert_int_equal(cost.iterations, 2);
	assert_int_equal(cost.parallelism, 1);
}

static void stored_hashes_that_are_malformed_or_too_dear_are_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"plain text",
		"$argon2i$v=19$m=64,t=1,p=1$" SALT "$" HASH,
		"$argon2d$v=19$m=64,t=1,p=1$" SALT "$" HASH,
		"$argon2id$v=16$m=64,t=1,p=1$" SALT "$" HASH,
		"$argon2id$m=64,t=1,p=1$" SALT "$" HASH,
		"$argon2id$v=19$m=4294967295,t=1,p=1$" SALT "$" HASH,
		"$argon2id$v=19$m=1048577,t=1,p=1$" SALT "$" HASH,
		"$argon2id$v=19$m=4294967360,t=1,p=1$" SALT "$" HASH,
		"$argon2id$v=19$m=64,t=65,p=1$" SALT "$" HASH,
		"$argon2id$v=19$m=64,t=4294967297,p=1$" SALT "$" HASH,
		"$argon2id$v=19$m=640,t=1,p=17$" SALT "$" HASH,
		"$argon2id$v=19$m=7,t=1,p=1$" SALT "$" HASH,
		"$argon2id$v=19$m=64,t=0,p=1$" SALT "$" HASH,
		"$argon2id$v=19$m=64,t=1,p=0$" SALT "$" HASH,
		"$argon2id$v=19$m=-64,t=1,p=1$" SALT "$" HASH,
		"$argon2id$v=19$m=064,t=1,p=1$" SALT "$" HASH,
		"$argon2id$v=19$m=64,t=1$" SALT "$" HASH,
		"$argon2id$v=19$m=64,t=1,p=1,x=1$" SALT "$" HASH,
		"$argon2id$v=19$t=1,m=64,p=1$" SALT "$" HASH,
		"$argon2id$v=19$m=64,t=1,p=1",
		"$argon2id$v=19$m=64,t=1,p=1$",
		"$argon2id$v=19$m=64,t=1,p=1$" SALT,
		"$argon2id$v=19$m=64,t=1,p=1$" SALT "$",
		"$argon2id$v=19$m=64,t=1,p=1$$" HASH,
		"$argon2id$v=19$m=64,t=1,p=1$c2FsdA$" HASH,
		"$argon2id$v=19$m=64,t=1,p=1$" SALT "$5ZoGWA",
		"$argon2id$v=19$m=64,t=1,p=1$" SALT "$" HASH "$",
		"$argon2id$v=19$m=64,t=1,p=1$" SALT "$" HASH HASH HASH,
		"$argon2id$v=19$m=64,t=1,p=1$" SALT "=$" HASH "=",
		"$argon2id$v=19$m=64,t=1,p=1$" SALT SALT SALT SALT SALT SALT SALT SALT "$" HASH,
		"$argon2id$v=19$m=64,t=1,p=1$" SALT SALT SALT SALT SALT SALT SALT SALT SALT SALT SALT SALT
			SALT "$" HASH,
	};
	struct password_cost cost;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_false(password_hash_cost(str_of(wrong[i]), &cost));
		assert_false(password_verify(str_of(wrong[i]), STR("correct horse")));
	}
	assert_false(password_verify(STR_NONE, STR("correct horse")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_right_password_is_taken_and_no_other),
		cmocka_unit_test(every_character_of_a_stored_hash_counts),
		cmocka_unit_test(each_hash_has_a_salt_of_its_own),
		cmocka_unit_test(hashes_are_those_of_the_reference_library),
		cmocka_unit_test(passwords_of_every_length_and_byte_work),
		cmocka_unit_test(costs_out_of_bounds_are_never_computed),
		cmocka_unit_test(the_cost_of_a_stored_hash_is_read),
		cmocka_unit_test(stored_hashes_that_are_malformed_or_too_dear_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
