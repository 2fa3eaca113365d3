#include "api/hash_job.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static const struct password_cost low = { 64, 1, 1 }, high = { 64, 2, 1 }, more_memory = { 128, 1, 1 };

static char hash_of_right[PASSWORD_HASH_MAX];

static int set_up(void **state)
{
	(void)state;
	return password_hash(STR("the right password"), &low, hash_of_right) ? 0 : -1;
}

static struct hash_job *verify(const struct password_cost *cost, struct str stored, const char *password,
			       const char *next)
{
	struct hash_job *job = hash_job_verify(cost, stored, str_of(password), str_of(next));

	hash_job_run(job);
	return job;
}

static void a_new_password_is_hashed(void **state)
{
	struct hash_job *job = hash_job_new(&low, STR("the right password"));

	(void)state;
	hash_job_run(job);
	assert_true(job->right);
	assert_false(job->failed);
	assert_true(password_verify(str_of(job->made), STR("the right password")));
	free(job);
}

static void a_right_password_is_right_and_a_wrong_one_wrong(void **state)
{
	struct hash_job *right = verify(&low, str_of(hash_of_right), "the right password", NULL);
	struct hash_job *wrong = verify(&low, str_of(hash_of_right), "the wrong password", "a new password");

	(void)state;
	assert_true(right->right);
	assert_string_equal(right->made, "");
	assert_false(wrong->right);
	assert_string_equal(wrong->made, "");
	free(right);
	free(wrong);
}

static void what_is_no_hash_fits_no_password(void **state)
{
	char endless[PASSWORD_HASH_MAX + 1];
	const struct str none[] = { STR(""), STR_NONE, STR("x"), { endless, sizeof(endless) } };

	(void)state;
	memset(endless, 'x', sizeof(endless));
	memcpy(endless, hash_of_right, strlen(hash_of_right));
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		static const char *const passwords[] = { "", "the right password" };

		for (size_t k = 0; k < 2; k++) {
			struct hash_job *job = verify(&low, none[i], passwords[k], "a new password");

			assert_false(job->right);
			assert_string_equal(job->made, "");
			free(job);
		}
	}
}

static void a_right_password_brings_the_next_one(void **state)
{
	struct hash_job *job = verify(&low, str_of(hash_of_right), "the right password", "a new password");

	(void)state;
	assert_true(job->right);
	assert_true(password_verify(str_of(job->made), STR("a new password")));
	free(job);
}

static void a_hash_that_costs_less_than_today_is_made_anew(void **state)
{
	static const struct password_cost *const raised[] = { &high, &more_memory };
	char costly[PASSWORD_HASH_MAX];
	struct hash_job *job;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		job = verify(raised[i], str_of(hash_of_right), "the right password", NULL);
		assert_true(job->right);
		assert_true(password_verify(str_of(job->made), STR("the right password")));
		free(job);
	}
	assert_true(password_hash(STR("the right password"), &high, costly));
	job = verify(&low, str_of(costly), "the right password", NULL);
	assert_true(job->right);
	assert_string_equal(job->made, "");
	free(job);
}

static void a_cost_that_is_not_allowed_fails_without_a_hash(void **state)
{
	struct hash_job *job = hash_job_new(&(struct password_cost){ 0, 0, 0 }, STR("the right password"));

	(void)state;
	hash_job_run(job);
	assert_true(job->failed);
	assert_string_equal(job->made, "");
	free(job);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_password_is_hashed),
		cmocka_unit_test(a_right_password_is_right_and_a_wrong_one_wrong),
		cmocka_unit_test(what_is_no_hash_fits_no_password),
		cmocka_unit_test(a_right_password_brings_the_next_one),
		cmocka_unit_test(a_hash_that_costs_less_than_today_is_made_anew),
		cmocka_unit_test(a_cost_that_is_not_allowed_fails_without_a_hash),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
