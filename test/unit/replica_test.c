/* Which replica a read goes to, how old its data is, and the setting that names replicas. */
#include "db/replica_choice.h"
#include "db/replica_urls.h"
#include "db/wal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* ---- choice ---- */

static void reads_go_to_one_that_has_seen_enough(void **state)
{
	const struct replica_view v[] = {
		{ .usable = true, .lsn = 10, .as_of_us = 100 },
		{ .usable = true, .lsn = 20, .as_of_us = 200 },
		{ .usable = false, .lsn = 90, .as_of_us = 900 },
	};

	(void)state;
	assert_int_equal(replica_choose(v, 3, &(struct db_need){ 0 }, 1), 0);
	assert_int_equal(replica_choose(v, 3, &(struct db_need){ .lsn = 10 }, 1), 0);
	assert_int_equal(replica_choose(v, 3, &(struct db_need){ .lsn = 11 }, 1), 1);
	assert_int_equal(replica_choose(v, 3, &(struct db_need){ .since_us = 101 }, 1), 1);
	assert_int_equal(replica_choose(v, 3, &(struct db_need){ 0 }, 101), 1);
	assert_int_equal(replica_choose(v, 3, &(struct db_need){ .lsn = 21 }, 1), -1);
	assert_int_equal(replica_choose(v, 3, &(struct db_need){ .lsn = 5, .since_us = 201 }, 1), -1);
	assert_int_equal(replica_choose(v, 3, &(struct db_need){ .lsn = UINT64_MAX }, 1), -1);
	assert_int_equal(replica_choose(v, 3, &(struct db_need){ 0 }, 201), -1);
	assert_int_equal(replica_choose(v, 0, &(struct db_need){ 0 }, 1), -1);
}

static void a_reader_stays_with_his_replica_while_it_keeps_up(void **state)
{
	struct replica_view v[] = {
		{ .usable = true, .lsn = 10, .as_of_us = 100 },
		{ .usable = true, .lsn = 10, .as_of_us = 100 },
		{ .usable = true, .lsn = 10, .as_of_us = 100 },
	};

	(void)state;
	for (size_t reader = 0; reader < 9; reader++)
		assert_int_equal(replica_choose(v, 3, &(struct db_need){ .affinity = reader }, 1),
				 reader % 3);
	v[1].load = REPLICA_LEEWAY;
	assert_int_equal(replica_choose(v, 3, &(struct db_need){ .affinity = 1 }, 1), 1);
	v[1].load++;
	assert_int_equal(replica_choose(v, 3, &(struct db_need){ .affinity = 1 }, 1), 2);
	v[1].load = 0;
	v[1].usable = false;
	assert_int_equal(replica_choose(v, 3, &(struct db_need){ .affinity = 1 }, 1), 2);
}

/* ---- places in the log ---- */

static void a_place_tells_the_moment_that_all_is_there_of(void **state)
{
	static struct wal_clock c;

	(void)state;
	memset(&c, 0, sizeof(c));
	assert_int_equal(wal_clock_at(&c, 1000), 0);
	assert_int_equal(wal_clock_last(&c), 0);
	wal_clock_add(&c, 100, 1);
	wal_clock_add(&c, 200, 2);
	wal_clock_add(&c, 300, 3);
	assert_int_equal(wal_clock_at(&c, 99), 0);
	assert_int_equal(wal_clock_at(&c, 100), 1);
	assert_int_equal(wal_clock_at(&c, 299), 2);
	assert_int_equal(wal_clock_at(&c, 300), 3);
	assert_int_equal(wal_clock_at(&c, UINT64_MAX), 3);
	/* Nothing was written: who was up to date still is. */
	wal_clock_add(&c, 300, 9);
	assert_int_equal(wal_clock_at(&c, 300), 9);
	assert_int_equal(wal_clock_at(&c, 299), 2);
	/* A place before the last is of another history. */
	wal_clock_add(&c, 250, 10);
	assert_int_equal(wal_clock_at(&c, 249), 0);
	assert_int_equal(wal_clock_at(&c, 300), 10);
}

static void what_is_known_of_the_primary_has_a_bound(void **state)
{
	static struct wal_clock c;

	(void)state;
	memset(&c, 0, sizeof(c));
	for (uint64_t i = 1; i <= 3 * WAL_SAMPLES + 7; i++)
		wal_clock_add(&c, i * 10, i);
	assert_int_equal(c.count, WAL_SAMPLES);
	assert_int_equal(wal_clock_last(&c), 3 * WAL_SAMPLES + 7);
	assert_int_equal(wal_clock_at(&c, (2 * WAL_SAMPLES + 8) * 10), 2 * WAL_SAMPLES + 8);
	assert_int_equal(wal_clock_at(&c, (2 * WAL_SAMPLES + 7) * 10), 0);
}

static void tokens_come_back_as_they_went(void **state)
{
	static const uint64_t places[] = { 0, 1, UINT64_C(0x31c75d8), UINT64_C(0x8000000000000000),
					   UINT64_MAX };
	char token[WAL_TOKEN_LEN + 1];
	uint64_t lsn;

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		wal_token_format(places[i], token);
		assert_int_equal(strlen(token), WAL_TOKEN_LEN);
		assert_true(wal_token_parse(str_of(token), &lsn));
		assert_int_equal(lsn, places[i]);
	}
	assert_true(wal_token_parse(STR("00000000031C75D8"), &lsn));
	assert_int_equal(lsn, places[2]);
	assert_false(wal_token_parse(STR(""), &lsn));
	assert_false(wal_token_parse(STR("0/31C75D8"), &lsn));
	assert_false(wal_token_parse(STR("00000000031c75d"), &lsn));
	assert_false(wal_token_parse(STR("00000000031c75d80"), &lsn));
	assert_false(wal_token_parse(STR("-0000000031c75d8"), &lsn));
	assert_false(wal_token_parse(STR("0000000 031c75d8"), &lsn));
	assert_false(wal_token_parse(STR("000000000P1c75d8"), &lsn));
}

/* ---- the setting ---- */

static struct arena arena;
static struct buf errors;
static struct replica_urls urls;

static bool parse(const char *text)
{
	buf_free(&errors);
	errors = (struct buf){ 0 };
	return replica_urls_parse(text, &arena, &urls, &errors);
}

static int release(void **state)
{
	(void)state;
	arena_reset(&arena);
	buf_free(&errors);
	return 0;
}

static void addresses_are_separated_by_spaces_and_commas(void **state)
{
	static const char *const texts[] = {
		"postgresql://u@a/d postgres://u@b:6000/d",
		"postgresql://u@a/d,postgres://u@b:6000/d",
		" postgresql://u@a/d , postgres://u@b:6000/d,\n",
		"postgresql://u@a/d\n\tpostgres://u@b:6000/d\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_true(parse(texts[i]));
		assert_int_equal(urls.n, 2);
		assert_string_equal(urls.url[0], "postgresql://u@a/d");
		assert_string_equal(urls.name[0], "a:5432");
		assert_string_equal(urls.url[1], "postgres://u@b:6000/d");
		assert_string_equal(urls.name[1], "b:6000");
	}
	assert_true(parse(" ,, "));
	assert_int_equal(urls.n, 0);
	assert_true(parse("postgresql:///d?host=/run/pg&port=5433"));
	assert_string_equal(urls.name[0], "/run/pg:5433");
}

static void assert_refused(const char *text, const char *why)
{
	assert_false(parse(text));
	buf_add_char(&errors, '\0');
	if (!strstr(errors.p, why))
		fail_msg("expected \"%s\" in: %s", why, errors.p);
	assert_null(strstr(errors.p, "secret"));
}

static void what_is_no_address_of_one_server_is_refused_without_showing_it(void **state)
{
	(void)state;
	assert_refused("host=a password=secret", "address 1: it is not a connection URL");
	assert_refused("postgresql://u:secret@a/d mysql://u:secret@b/d",
		       "address 2: it is not a connection URL");
	assert_refused("postgresql://u:secret@a,b/d", "several hosts");
	assert_refused("postgresql://u:sec@ret/secret@a/d", "in the wrong place");
	assert_refused("postgresql://u:secret@a/d?sslmood=on", "sslmood");
	assert_refused("postgresql://u:secret@a/d postgresql://v:secret@a:5432/d", "twice");
	assert_refused("postgresql://a postgresql://b postgresql://c postgresql://d postgresql://e "
		       "postgresql://f postgresql://g postgresql://h postgresql://i",
		       "more than 8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_go_to_one_that_has_seen_enough),
		cmocka_unit_test(a_reader_stays_with_his_replica_while_it_keeps_up),
		cmocka_unit_test(a_place_tells_the_moment_that_all_is_there_of),
		cmocka_unit_test(what_is_known_of_the_primary_has_a_bound),
		cmocka_unit_test(tokens_come_back_as_they_went),
		cmocka_unit_test_teardown(addresses_are_separated_by_spaces_and_commas, release),
		cmocka_unit_test_teardown(what_is_no_address_of_one_server_is_refused_without_showing_it,
					  release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
