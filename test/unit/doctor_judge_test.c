#include "app/doctor_judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MIB_BYTES (UINT64_C(1) << 20)

static struct doctor d;

static int set_up(void **state)
{
	(void)state;
	doctor_free(&d);
	d = (struct doctor){ .processes = 1 };
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	doctor_free(&d);
	arena_trim();
	return 0;
}

/* The one finding there is now: its level; it names `word`, and whoever is not well is told what to do. */
static enum finding_level only(const char *word)
{
	enum finding_level level;

	assert_int_equal(d.n, 1);
	level = d.v[0].level;
	assert_non_null(strstr(d.v[0].text.p, word));
	assert_int_equal(level != FINDING_OK, d.v[0].mend.n > 0);
	set_up(NULL);
	return level;
}

static void clocks_may_differ_by_less_than_a_second(void **state)
{
	static const struct {
		int64_t ahead;
		uint64_t trip;
		enum finding_level level;
	} cases[] = {
		{ 0, 1, FINDING_OK },
		{ 999, 0, FINDING_OK },
		{ -999, 0, FINDING_OK },
		{ 1000, 0, FINDING_WARNING },
		{ -1000, 0, FINDING_WARNING },
		{ 1100, 400, FINDING_OK },
		{ 30000, 0, FINDING_PROBLEM },
		{ -31000, 10, FINDING_PROBLEM },
		{ 31000, 60000, FINDING_WARNING },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		judge_clock(&d, cases[i].ahead, cases[i].trip);
		assert_int_equal(only("clock"), cases[i].level);
	}
}

static void connections_have_to_fit_and_one_process_more_for_upgrades(void **state)
{
	struct database_facts f = {
		.role = "bugd", .max_connections = 100, .reserved = 3, .role_limit = -1, .database_limit = -1
	};

	(void)state;
	judge_connections(&d, &f, 17);
	assert_int_equal(only("room for 97"), FINDING_OK);
	d.processes = 5;
	judge_connections(&d, &f, 17);
	assert_int_equal(only("fit into 97"), FINDING_WARNING);
	d.processes = 6;
	judge_connections(&d, &f, 17);
	assert_int_equal(only("need 102"), FINDING_PROBLEM);
	f.role_limit = 16;
	judge_connections(&d, &f, 17);
	assert_int_equal(only("room for 16"), FINDING_PROBLEM);
	f = (struct database_facts){ .role = "x",
				     .max_connections = 20,
				     .reserved = 3,
				     .role_limit = -1,
				     .database_limit = -1,
				     .used_by_others = 90 };
	judge_connections(&d, &f, 5);
	assert_int_equal(only("room for 0"), FINDING_PROBLEM);
}

static void a_mend_for_connections_never_lowers_the_limit(void **state)
{
	struct database_facts f = {
		.role = "bugd", .max_connections = 500, .reserved = 3, .role_limit = 5, .database_limit = -1
	};

	(void)state;
	judge_connections(&d, &f, 17);
	assert_non_null(strstr(d.v[0].mend.p, "max_connections = 500"));
}

static void versions_from_14_on_are_supported(void **state)
{
	(void)state;
	judge_version(&d, &(struct database_facts){ .version = 139999, .version_text = "13.99" });
	assert_int_equal(only("13.99"), FINDING_PROBLEM);
	judge_version(&d, &(struct database_facts){ .version = 140000, .version_text = "14.0" });
	assert_int_equal(only("14.0"), FINDING_OK);
}

static void a_server_that_takes_no_changes_is_a_problem(void **state)
{
	struct database_facts f = { .encoding = "UTF8", .role = "bugd", .fsync = true };

	(void)state;
	judge_server(&d, &f);
	assert_int_equal(only("takes changes"), FINDING_OK);
	f.read_only = true;
	judge_server(&d, &f);
	assert_int_equal(only("read_only"), FINDING_PROBLEM);
	f.standby = true;
	judge_server(&d, &f);
	assert_int_equal(only("standby"), FINDING_PROBLEM);
}

static void roles_need_a_schema_and_no_more_than_that(void **state)
{
	struct database_facts f = { .role = "bugd", .schema = "public", .may_create = true };

	(void)state;
	judge_role(&d, &f);
	assert_int_equal(only("bugd"), FINDING_OK);
	f.superuser = true;
	judge_role(&d, &f);
	assert_int_equal(only("superuser"), FINDING_WARNING);
	f.schema = "";
	judge_role(&d, &f);
	assert_int_equal(only("no schema"), FINDING_PROBLEM);
}

static void secrets_that_repeat_can_be_guessed(void **state)
{
	(void)state;
	judge_secret(&d, "SECRET_KEY", STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
	assert_null(strstr(d.v[0].text.p, "aaa"));
	assert_int_equal(only("SECRET_KEY"), FINDING_PROBLEM);
	judge_secret(&d, "SECRET_KEY", STR("q8Zt3vKxW0pLr7Yd2NcHs5JbGf9MuEa1"));
	assert_null(strstr(d.v[0].text.p, "q8Z"));
	assert_int_equal(only("32 bytes"), FINDING_OK);
}

static void files_of_secrets_are_for_their_owner_and_readers_in_its_group(void **state)
{
	(void)state;
	for (mode_t mode = 0; mode < 01000; mode++) {
		bool wrong = mode & (S_IROTH | S_IWOTH | S_IWGRP);

		judge_secret_file(&d, "SECRET_KEY_FILE", "/etc/key", mode | S_IFREG);
		assert_int_equal(only("/etc/key"), wrong ? FINDING_PROBLEM : FINDING_OK);
	}
}

static void space_has_to_hold_an_attachment(void **state)
{
	(void)state;
	judge_space(&d, "/x", 24 * MIB_BYTES, 1000 * MIB_BYTES, 25 * MIB_BYTES);
	assert_int_equal(only("24 MiB"), FINDING_PROBLEM);
	judge_space(&d, "/x", 49 * MIB_BYTES, 1000 * MIB_BYTES, 25 * MIB_BYTES);
	assert_int_equal(only("twentieth"), FINDING_WARNING);
	judge_space(&d, "/x", 50 * MIB_BYTES, 1000 * MIB_BYTES, 25 * MIB_BYTES);
	assert_int_equal(only("/x"), FINDING_OK);
}

static void descriptors_have_to_reach(void **state)
{
	(void)state;
	judge_descriptors(&d, 200, 10000, 144);
	assert_int_equal(only("200"), FINDING_PROBLEM);
	judge_descriptors(&d, 4096, 10000, 144);
	assert_non_null(strstr(d.v[0].mend.p, "MAX_CONNECTIONS=3952"));
	assert_int_equal(only("10144"), FINDING_WARNING);
	judge_descriptors(&d, UINT64_MAX, 10000, 144);
	assert_int_equal(only("10144"), FINDING_OK);
}

static size_t fronts(const char *host, const char *proxies, const char *accel, const char *metrics,
		     enum finding_level level)
{
	struct config c = { .host = host,
			    .port = 8080,
			    .trusted_proxies = proxies,
			    .x_accel_redirect = accel,
			    .metrics_networks = metrics,
			    .refresh_token_ttl = 1,
			    .rate_limit = true };
	struct str wrong;
	size_t n;

	if (proxies)
		assert_true(network_list_parse(&c.front.proxies, str_of(proxies), &wrong));
	assert_true(network_list_parse(&c.metrics_from, str_of(metrics), &wrong));
	judge_fronts(&d, &c);
	n = doctor_count(&d, level);
	set_up(NULL);
	return n;
}

static void settings_must_not_contradict_each_other(void **state)
{
	(void)state;
	assert_int_equal(fronts("127.0.0.1", NULL, NULL, "unix", FINDING_OK), 3);
	assert_int_equal(fronts("*", NULL, NULL, "unix", FINDING_WARNING), 1);
	assert_int_equal(fronts("*", "10.0.0.1", NULL, "unix", FINDING_OK), 3);
	assert_int_equal(fronts("127.0.0.1", "0.0.0.0/0", NULL, "unix", FINDING_PROBLEM), 1);
	assert_int_equal(fronts("127.0.0.1", "::/0", NULL, "unix", FINDING_PROBLEM), 1);
	assert_int_equal(fronts("unix:/run/x", "127.0.0.1", NULL, "unix", FINDING_WARNING), 1);
	assert_int_equal(fronts("unix:/run/x", "unix", NULL, "unix", FINDING_OK), 3);
	assert_int_equal(fronts("127.0.0.1", NULL, "/files", "unix", FINDING_WARNING), 1);
	assert_int_equal(fronts("127.0.0.1", NULL, NULL, "0.0.0.0/0", FINDING_WARNING), 1);
}

static void operators_are_not_served_on_every_address(void **state)
{
	static const struct {
		const char *host;
		size_t warnings;
	} cases[] = { { "127.0.0.1", 0 }, { "10.0.0.5", 0 }, { "*", 1 }, { "0.0.0.0", 1 }, { "::", 1 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct config c = { .host = "127.0.0.1",
				    .admin_listen = cases[i].host,
				    .admin = { .host = cases[i].host },
				    .refresh_token_ttl = 1 };

		judge_fronts(&d, &c);
		assert_int_equal(doctor_count(&d, FINDING_WARNING), cases[i].warnings);
		set_up(NULL);
	}
}

static void terminals_get_no_control_characters(void **state)
{
	struct buf out = { 0 };

	(void)state;
	doctor_say(&d, FINDING_WARNING, "x", "do\x1b[2J", "a\nb%s", "\x1b]0;c\x07");
	doctor_print(&d, &out);
	for (size_t i = 0; i < out.n; i++)
		assert_true((unsigned char)out.p[i] >= ' ' || out.p[i] == '\n');
	assert_non_null(memmem(out.p, out.n, "warning  x  a b", 15));
	buf_free(&out);
}

static void findings_are_bounded_and_counted(void **state)
{
	struct buf out = { 0 };

	(void)state;
	for (int i = 0; i < FINDINGS_MAX + 3; i++)
		doctor_say(&d, FINDING_OK, "x", NULL, "%d", i);
	doctor_print_json(&d, &out);
	assert_non_null(memmem(out.p, out.n, "\"dropped\":3", 11));
	buf_free(&out);
}

static void replicas_have_to_follow_the_primary_and_keep_up(void **state)
{
	struct replica_facts f = { .name = "there:5432" };

	(void)state;
	judge_replica(&d, &f);
	assert_int_equal(only("no standby"), FINDING_PROBLEM);
	f.standby = true;
	judge_replica(&d, &f);
	assert_int_equal(only("the primary alone"), FINDING_OK);
	f.primary_known = true;
	judge_replica(&d, &f);
	assert_int_equal(only("does not follow"), FINDING_PROBLEM);
	f.same_history = true;
	judge_replica(&d, &f);
	assert_int_equal(only("follows the primary"), FINDING_OK);
	f.behind = 4096;
	judge_replica(&d, &f);
	assert_int_equal(only("4096 bytes"), FINDING_WARNING);
	f.paused = true;
	judge_replica(&d, &f);
	assert_int_equal(only("paused"), FINDING_WARNING);
}

static void the_schema_of_a_replica_counts_where_it_is_not_the_primarys(void **state)
{
	struct replica_facts f = { .name = "there:5432",
				   .standby = true,
				   .primary_known = true,
				   .same_history = true,
				   .schema = "older" };

	(void)state;
	judge_replica(&d, &f);
	assert_int_equal(only("follows the primary"), FINDING_OK);
	f.behind = 1;
	judge_replica(&d, &f);
	assert_int_equal(d.n, 2);
	assert_non_null(strstr(d.v[1].text.p, "there:5432: older"));
	set_up(NULL);
	f.primary_known = false;
	judge_replica(&d, &f);
	assert_int_equal(doctor_count(&d, FINDING_WARNING), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(clocks_may_differ_by_less_than_a_second, set_up),
		cmocka_unit_test_setup(replicas_have_to_follow_the_primary_and_keep_up, set_up),
		cmocka_unit_test_setup(the_schema_of_a_replica_counts_where_it_is_not_the_primarys, set_up),
		cmocka_unit_test_setup(connections_have_to_fit_and_one_process_more_for_upgrades, set_up),
		cmocka_unit_test_setup(a_mend_for_connections_never_lowers_the_limit, set_up),
		cmocka_unit_test_setup(versions_from_14_on_are_supported, set_up),
		cmocka_unit_test_setup(a_server_that_takes_no_changes_is_a_problem, set_up),
		cmocka_unit_test_setup(roles_need_a_schema_and_no_more_than_that, set_up),
		cmocka_unit_test_setup(secrets_that_repeat_can_be_guessed, set_up),
		cmocka_unit_test_setup(files_of_secrets_are_for_their_owner_and_readers_in_its_group, set_up),
		cmocka_unit_test_setup(space_has_to_hold_an_attachment, set_up),
		cmocka_unit_test_setup(descriptors_have_to_reach, set_up),
		cmocka_unit_test_setup(settings_must_not_contradict_each_other, set_up),
		cmocka_unit_test_setup(operators_are_not_served_on_every_address, set_up),
		cmocka_unit_test_setup(terminals_get_no_control_characters, set_up),
		cmocka_unit_test_setup(findings_are_bounded_and_counted, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
