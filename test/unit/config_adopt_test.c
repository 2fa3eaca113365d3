#include "app/config_adopt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NEEDS (CONFIG_NEEDS_DATABASE | CONFIG_NEEDS_KEY)

static struct config config, fresh;
static char told[512];

static void load(struct config *c)
{
	struct config_report report;

	assert_true(config_load(c, "/dev/null", NEEDS, &report));
	config_report_free(&report);
}

static int set_up(void **state)
{
	(void)state;
	clearenv();
	setenv("DATABASE_URL", "postgresql://bugd@localhost/bugd", 1);
	setenv("SECRET_KEY", "a key of the tests, long enough for HS256", 1);
	told[0] = '\0';
	load(&config);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	config_free(&config);
	config_free(&fresh);
	arena_trim();
	return 0;
}

static void tell(void *arg, const struct setting *s)
{
	(void)arg;
	strcat(strcat(told, s->name), " ");
}

static void nothing_differs_when_nothing_was_changed(void **state)
{
	(void)state;
	load(&fresh);
	config_adopt(&config, &fresh, tell, NULL);
	assert_string_equal(told, "");
}

static void live_ones_change_and_others_stay(void **state)
{
	(void)state;
	setenv("LOG_LEVEL", "error", 1);
	setenv("RATE_LIMIT_READ", "11", 1);
	setenv("PORT", "9", 1);
	setenv("ISSUER", "other", 1);
	setenv("SECRET_KEY", "another key of the tests, as long as that", 1);
	load(&fresh);
	config_adopt(&config, &fresh, tell, NULL);
	assert_string_equal(told, "SECRET_KEY PORT LOG_LEVEL RATE_LIMIT_READ ISSUER ");
	assert_int_equal(config.log_level, 3);
	assert_int_equal(config.rate_limit_read, 11);
	assert_int_equal(config.rate.read, 11);
	assert_int_equal(config.port, 8080);
	assert_string_equal(config.issuer, "bugd");
	assert_int_equal(strncmp(config.secret_key, "a key", 5), 0);
}

static void texts_live_as_long_as_they_count(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		char origin[64];

		snprintf(origin, sizeof(origin), "https://a%d.example.org", i);
		setenv("CORS_ORIGINS", origin, 1);
		load(&fresh);
		config_adopt(&config, &fresh, tell, NULL);
		assert_string_equal(config.cors_origins, origin);
		assert_int_equal(config.front.cors.n, 1);
		assert_true(str_eq_z(config.front.cors.origins[0], origin));
	}
	unsetenv("CORS_ORIGINS");
	load(&fresh);
	config_adopt(&config, &fresh, tell, NULL);
	assert_null(config.cors_origins);
	assert_int_equal(config.front.cors.n, 0);
	assert_string_equal(config.database_url, "postgresql://bugd@localhost/bugd");
}

static void what_is_no_regular_file_is_not_read_again(void **state)
{
	struct config_report report;

	(void)state;
	assert_false(config_load_again(&fresh, &config, "/dev/null", NEEDS, &report));
	assert_non_null(memmem(report.errors.p, report.errors.n, "/dev/null", 9));
	config_report_free(&report);
	config_free(&fresh);
	unsetenv("SECRET_KEY");
	setenv("SECRET_KEY_FILE", "/dev/null", 1);
	assert_true(config_load_again(&fresh, &config, NULL, NEEDS, &report));
	assert_string_equal(fresh.secret_key, config.secret_key);
	config_report_free(&report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_differs_when_nothing_was_changed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(live_ones_change_and_others_stay, set_up, tear_down),
		cmocka_unit_test_setup_teardown(texts_live_as_long_as_they_count, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_regular_file_is_not_read_again, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
