#include "app/config.h"

#include "app/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define KEY "a key of the tests, long enough for HS256"
#define URL "postgresql://bugd@localhost/bugd"

/* A folder of each test's own is the working directory, so that no .env of the tree is read. */
static char start_folder[4096], folder[] = "/tmp/bugd-config-XXXXXX";
static struct config config;
static struct config_report report;

static int go_into_folder(void **state)
{
	(void)state;
	if (!getcwd(start_folder, sizeof(start_folder)) || !mkdtemp(folder))
		return -1;
	return chdir(folder);
}

static int leave_folder(void **state)
{
	(void)state;
	arena_trim();
	return chdir(start_folder) || rmdir(folder);
}

static int set_up(void **state)
{
	(void)state;
	clearenv();
	return setenv("DATABASE_URL", URL, 1) || setenv("SECRET_KEY", KEY, 1);
}

static int tear_down(void **state)
{
	(void)state;
	config_free(&config);
	config_report_free(&report);
	unlink(".env");
	unlink("secret");
	return 0;
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static bool load(const char *env_file)
{
	bool right;

	config_free(&config);
	config_report_free(&report);
	right = config_load(&config, env_file, CONFIG_NEEDS_DATABASE | CONFIG_NEEDS_KEY, &report);
	buf_add_char(&report.errors, '\0');
	buf_add_char(&report.warnings, '\0');
	return right;
}

static void assert_refused(const char *name, const char *value, const char *message)
{
	setenv(name, value, 1);
	assert_false(load(NULL));
	assert_string_equal(report.errors.p, message);
	unsetenv(name);
}

static void defaults_are_right(void **state)
{
	(void)state;
	assert_true(load(NULL));
	assert_string_equal(report.errors.p, "");
	assert_string_equal(config.database_url, URL);
	assert_string_equal(config.host, "127.0.0.1");
	assert_int_equal(config.port, 8080);
	assert_int_equal(config.log_level, 1);
	assert_false(config.migrate_on_start);
	assert_null(config.bootstrap_admin_email);
	assert_true(config.rate_limit);
	assert_int_equal(config.access_token_ttl, 15 * 60 * 1000);
	assert_int_equal(config.max_body_bytes, 1024 * 1024);
	assert_int_equal(config.idle_timeout, 75000);
}

/* Each default is written as one would write it, and allowed. */
static void each_default_is_allowed(void **state)
{
	struct config scratch;

	(void)state;
	for (size_t i = 0; i < config_setting_count; i++)
		if (config_settings[i].standard)
			assert_true(setting_read(&config_settings[i], config_settings[i].standard, &scratch));
}

static void the_environment_wins_over_the_file(void **state)
{
	(void)state;
	write_file(".env", "PORT=1\nHOST=::1\nISSUER=\n");
	setenv("PORT", "2", 1);
	assert_true(load(NULL));
	assert_int_equal(config.port, 2);
	assert_string_equal(config.host, "::1");
	assert_string_equal(config.issuer, "bugd");
	setenv("PORT", "", 1);
	assert_true(load(NULL));
	assert_int_equal(config.port, 1);
}

static void a_file_that_is_named_must_be_there(void **state)
{
	(void)state;
	assert_false(load("nowhere.env"));
	assert_string_equal(report.errors.p, "cannot open nowhere.env: No such file or directory\n");
}

static void units_are_understood(void **state)
{
	(void)state;
	setenv("HEAD_TIMEOUT", "500ms", 1);
	setenv("BODY_TIMEOUT", "5m", 1);
	setenv("IDLE_TIMEOUT", "1h", 1);
	setenv("WRITE_TIMEOUT", "1234", 1);
	setenv("MAX_HEAD_BYTES", "2048", 1);
	setenv("MAX_BODY_BYTES", "2mib", 1);
	assert_true(load(NULL));
	assert_int_equal(config.head_timeout, 500);
	assert_int_equal(config.body_timeout, 300000);
	assert_int_equal(config.idle_timeout, 3600000);
	assert_int_equal(config.write_timeout, 1234);
	assert_int_equal(config.max_head_bytes, 2048);
	assert_int_equal(config.max_body_bytes, 2 * 1024 * 1024);
}

static void wrong_values_are_refused_with_what_is_allowed(void **state)
{
	static const char *const ports[] = { "-1",  "65536", "x", "80 ", " 80", "8e3", "99999999999999999999",
					     "0x50" };
	char message[200];

	(void)state;
	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++) {
		snprintf(message, sizeof(message),
			 "PORT: \"%s\" is not allowed; expected a whole number from 0 to 65535\n", ports[i]);
		assert_refused("PORT", ports[i], message);
	}
	assert_refused(
		"HEAD_TIMEOUT", "2h",
		"HEAD_TIMEOUT: \"2h\" is not allowed; expected a duration (500ms, 10s, 5m; 500 is 500ms) from "
		"10ms to 1h\n");
	assert_refused("HEAD_TIMEOUT", "18446744073709551615h",
		       "HEAD_TIMEOUT: \"18446744073709551615h\" is not allowed; expected a duration "
		       "(500ms, 10s, 5m; 500 is 500ms) from 10ms to 1h\n");
	assert_refused("MAX_BODY_BYTES", "1KB",
		       "MAX_BODY_BYTES: \"1KB\" is not allowed; expected a size (512B, 16KiB, 1MiB) from "
		       "1KiB to 1GiB\n");
	assert_refused("LOG_FORMAT", "xml",
		       "LOG_FORMAT: \"xml\" is not allowed; expected one of auto, json, text\n");
	assert_refused("RATE_LIMIT", "maybe",
		       "RATE_LIMIT: \"maybe\" is not allowed; expected true or false (also on, off, yes, "
		       "no, 1, 0)\n");
}

static void all_wrong_ones_are_told_at_once(void **state)
{
	(void)state;
	write_file(".env", "# a comment\nLOG_LEVEL=loud\n");
	setenv("PORT", "http", 1);
	assert_false(load(NULL));
	assert_string_equal(
		report.errors.p,
		"PORT: \"http\" is not allowed; expected a whole number from 0 to 65535\n"
		"LOG_LEVEL (.env, line 2): \"loud\" is not allowed; expected one of debug, info, warn, "
		"error\n");
}

static void secrets_are_never_shown(void **state)
{
	(void)state;
	assert_refused(
		"SECRET_KEY", "too short, and secret",
		"SECRET_KEY: its value of 21 bytes is not allowed; expected a text of 32 to 4096 bytes\n");
	setenv("SECRET_KEY", KEY, 1);
	assert_refused("DATABASE_URL", "postgresql://bugd:se%cret@localhost/bugd",
		       "DATABASE_URL: it is not a connection string of PostgreSQL; expected "
		       "postgresql://user@host:5432/bugd\n");
	assert_refused("DATABASE_URL", "postgresql://bugd:s@cret@localhost/bugd",
		       "DATABASE_URL: it has an @ or / in the wrong place; expected %40 and %2F for them "
		       "in user and "
		       "password\n");
	assert_refused("DATABASE_URL", "postgresql://bugd:s/cret@localhost/bugd",
		       "DATABASE_URL: it has an @ or / in the wrong place; expected %40 and %2F for them "
		       "in user and "
		       "password\n");
	assert_refused("DATABASE_URL", "postgresql://bugd:secret@localhost/bugd?schema=x",
		       "DATABASE_URL: invalid URI query parameter: \"schema\"; expected "
		       "postgresql://user@host:5432/bugd\n");
}

static void a_secret_may_be_in_a_file(void **state)
{
	(void)state;
	write_file("secret", KEY " of a file\r\n");
	unsetenv("SECRET_KEY");
	setenv("SECRET_KEY_FILE", "secret", 1);
	assert_true(load(NULL));
	assert_string_equal(config.secret_key, KEY " of a file");

	write_file(".env", "SECRET_KEY=another key that the environment wins over\n");
	assert_true(load(NULL));
	assert_string_equal(config.secret_key, KEY " of a file");

	setenv("SECRET_KEY", KEY, 1);
	assert_false(load(NULL));
	assert_string_equal(report.errors.p,
			    "SECRET_KEY: SECRET_KEY_FILE is given, too; expected one of the two\n");

	unsetenv("SECRET_KEY");
	setenv("SECRET_KEY_FILE", "nowhere", 1);
	assert_false(load(NULL));
	assert_string_equal(report.errors.p,
			    "SECRET_KEY_FILE: cannot open nowhere: No such file or directory\n");
}

static void what_a_command_needs_must_be_there(void **state)
{
	(void)state;
	clearenv();
	assert_false(load(NULL));
	assert_non_null(strstr(report.errors.p, "DATABASE_URL is not set; "));
	assert_non_null(strstr(report.errors.p, "SECRET_KEY is not set; "));
	config_report_free(&report);
	assert_true(config_load(&config, NULL, 0, &report));
}

static void settings_must_fit_each_other(void **state)
{
	(void)state;
	assert_refused("DB_STATEMENT_TIMEOUT", "30s",
		       "DB_STATEMENT_TIMEOUT: 30000 ms is not less than REQUEST_TIMEOUT, 30000 ms; "
		       "expected less, so "
		       "that a request ends by the database's answer\n");
	assert_refused("HOST", "unix:bugd.sock",
		       "HOST: \"unix:bugd.sock\" is not allowed; expected an absolute path behind unix:\n");
	assert_refused("BOOTSTRAP_ADMIN_EMAIL", "admin@example.org",
		       "BOOTSTRAP_ADMIN_EMAIL and BOOTSTRAP_ADMIN_PASSWORD: only one of them is set; "
		       "expected both or "
		       "none\n");
	setenv("BOOTSTRAP_ADMIN_PASSWORD", "correct horse battery", 1);
	assert_refused("BOOTSTRAP_ADMIN_EMAIL", "admin",
		       "BOOTSTRAP_ADMIN_EMAIL: \"admin\" is not an e-mail address; expected one such as "
		       "admin@example.org\n");
	unsetenv("BOOTSTRAP_ADMIN_PASSWORD");
	setenv("PASSWORD_PARALLELISM", "16", 1);
	assert_refused(
		"PASSWORD_MEMORY_KIB", "64",
		"PASSWORD_MEMORY_KIB: 64 is not enough for PASSWORD_PARALLELISM 16; expected at least 128\n");
}

static void misspelt_names_in_the_file_are_noticed(void **state)
{
	(void)state;
	write_file(".env", "PROT=80\nPOSTGRES_USER=x\nlog_level=info\nSECRET_KEY_FILE=\nPORT_FILE=x\n");
	assert_true(load(NULL));
	assert_non_null(strstr(report.warnings.p, ".env, line 1: bugd knows no PROT; is PORT meant?\n"));
	assert_non_null(
		strstr(report.warnings.p, ".env, line 3: bugd knows no log_level; is LOG_LEVEL meant?\n"));
	assert_non_null(strstr(report.warnings.p, ".env, line 5: bugd knows no PORT_FILE; is PORT meant?\n"));
	assert_null(strstr(report.warnings.p, "line 2"));
	assert_null(strstr(report.warnings.p, "line 4"));
}

/* One setting of .env.example: the comment above it as one line of text, and "#NAME=value". */
static void check_documented(struct str comment, struct str line, bool *found)
{
	struct str value = { line.p + 1, line.n - 1 };
	struct str name = str_cut(&value, '=');
	const struct setting *s = config_find(name);
	char documented[2048], expected[2048];
	struct buf allowed = { 0 };

	if (!s)
		fail_msg(".env.example has %.*s, which bugd does not know", STR_FMT(name));
	setting_expected(s, &allowed);
	snprintf(expected, sizeof(expected), "%s Expected: %.*s.%s", s->doc, STR_FMT(buf_str(&allowed)),
		 s->live ? " Read again on SIGHUP." : "");
	snprintf(documented, sizeof(documented), "%.*s", STR_FMT(comment));
	buf_free(&allowed);
	assert_string_equal(documented, expected);
	if (!str_eq_z(value, s->standard ? s->standard : ""))
		fail_msg(".env.example has the value %.*s for %s", STR_FMT(value), s->name);
	found[s - config_settings] = true;
}

static void env_example_documents_each_setting(void **state)
{
	struct arena arena = ARENA_EMPTY;
	struct buf comment = { 0 };
	char path[4200], error[FILE_ERROR_MAX];
	struct str text;
	bool found[100] = { false };

	(void)state;
	snprintf(path, sizeof(path), "%s/.env.example", start_folder);
	if (!file_read(path, MIB(1), &arena, &text, error))
		fail_msg("%s", error);
	while (text.p) {
		struct str line = str_cut(&text, '\n');

		if (str_starts(line, STR("# "))) {
			buf_printf(&comment, "%s%.*s", comment.n ? " " : "", (int)line.n - 2, line.p + 2);
			continue;
		}
		if (line.n > 1 && line.p[0] == '#')
			check_documented(buf_str(&comment), line, found);
		buf_clear(&comment, SIZE_MAX);
	}
	for (size_t i = 0; i < config_setting_count; i++)
		if (!found[i])
			fail_msg(".env.example does not document %s", config_settings[i].name);
	buf_free(&comment);
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(defaults_are_right, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_default_is_allowed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_environment_wins_over_the_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_file_that_is_named_must_be_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(units_are_understood, set_up, tear_down),
		cmocka_unit_test_setup_teardown(wrong_values_are_refused_with_what_is_allowed, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(all_wrong_ones_are_told_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(secrets_are_never_shown, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_secret_may_be_in_a_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_a_command_needs_must_be_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(settings_must_fit_each_other, set_up, tear_down),
		cmocka_unit_test_setup_teardown(misspelt_names_in_the_file_are_noticed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(env_example_documents_each_setting, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, go_into_folder, leave_folder);
}
