#include "db/compose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct args {
	int32_t first;
	struct str second;
	struct uuid third;
};

enum { BY_FIRST, BY_SECOND, ROWS };

static const struct statement_arg args_table[] = {
	{ "first", DB_INT4, false, offsetof(struct args, first) },
	{ "second", DB_TEXT, true, offsetof(struct args, second) },
	{ "second_id", DB_UUID, false, offsetof(struct args, third) },
};

static const struct statement_part parts[] = {
	{ "SELECT a::text, b FROM t WHERE c = :second_id\n", STATEMENT_ALWAYS },
	{ "AND a = :first::int\n", BY_FIRST },
	{ "AND b = :second AND d = :second AND a <> :first\n", BY_SECOND },
	{ "", STATEMENT_AFTER },
	{ "", STATEMENT_ORDER },
};

static const struct order_column columns[] = {
	{ "a", "t.a", "int4", "a" },
	{ "b", "lower(t.b)", "text", "_key_b" },
	{ "id", "t.id", "uuid", "id" },
};

static const struct statement list = {
	.name = "list",
	.lane = DB_SLOW,
	.args = args_table,
	.arg_count = 3,
	.parts = parts,
	.part_count = sizeof(parts) / sizeof(*parts),
};

static int end(void **state)
{
	(void)state;
	compose_stop();
	return 0;
}

static void assert_text(const struct choice *choice, const char *expected)
{
	struct composed *c = compose(&list, choice);

	assert_non_null(c);
	assert_string_equal(c->text, expected);
	composed_release(c);
}

#define BASE "SELECT a::text, b FROM t WHERE c = $1\n"

static void options_choose_lines_and_arguments(void **state)
{
	(void)state;
	assert_text(&(struct choice){ 0 }, BASE "\n");
	assert_text(&(struct choice){ .options = OPTION(BY_FIRST) }, BASE "AND a = $2::int\n\n");
	assert_text(&(struct choice){ .options = OPTION(BY_SECOND) },
		    BASE "AND b = $2 AND d = $2 AND a <> $3\n\n");
	/* The same argument has one number throughout. */
	assert_text(&(struct choice){ .options = OPTION(BY_FIRST) | OPTION(BY_SECOND) },
		    BASE "AND a = $2::int\nAND b = $3 AND d = $3 AND a <> $2\n\n");
}

static void orders_and_their_reverse(void **state)
{
	struct choice c = { .order = { { &columns[0], true }, { &columns[2], false } }, .order_count = 2 };

	(void)state;
	assert_text(&c, BASE "ORDER BY t.a DESC, t.id\n");
	c.backward = true;
	assert_text(&c, BASE "ORDER BY t.a, t.id DESC\n");
}

static void a_cursor_in_one_direction_is_one_range(void **state)
{
	struct choice c = { .order = { { &columns[0], true }, { &columns[2], true } },
			    .order_count = 2,
			    .after = true };

	(void)state;
	assert_text(&c, BASE "AND (t.a, t.id) < ($2::int4, $3::uuid)\nORDER BY t.a DESC, t.id DESC\n");
	c.backward = true;
	assert_text(&c, BASE "AND (t.a, t.id) > ($2::int4, $3::uuid)\nORDER BY t.a, t.id\n");
	c.order_count = 1;
	assert_text(&c, BASE "AND (t.a) > ($2::int4)\nORDER BY t.a\n");
	c.order_count = 0;
	assert_text(&c, BASE "\n");
}

static void a_cursor_in_mixed_directions(void **state)
{
	struct choice c = { .order = { { &columns[0], true }, { &columns[1], false }, { &columns[2], true } },
			    .order_count = 3,
			    .after = true };

	(void)state;
	assert_text(&c, BASE "AND t.a <= $2::int4 AND (t.a < $2::int4 OR (t.a = $2::int4 AND "
			     "(lower(t.b) > $3::text OR (lower(t.b) = $3::text AND (t.id < $4::uuid)))))\n"
			     "ORDER BY t.a DESC, lower(t.b), t.id DESC\n");
	c.backward = true;
	assert_text(&c, BASE "AND t.a >= $2::int4 AND (t.a > $2::int4 OR (t.a = $2::int4 AND "
			     "(lower(t.b) < $3::text OR (lower(t.b) = $3::text AND (t.id > $4::uuid)))))\n"
			     "ORDER BY t.a, lower(t.b) DESC, t.id\n");
}

static void values_come_in_the_order_of_their_numbers(void **state)
{
	static const struct args args = { 7, STR_INIT("x"), { { 9 } } };
	struct choice choice = { .options = OPTION(BY_SECOND),
				 .order = { { &columns[0], true }, { &columns[2], true } },
				 .order_count = 2,
				 .after = true,
				 .after_values = { STR_INIT("\0\0\0\5"), STR_INIT("0123456789abcdef") } };
	struct arena arena = ARENA_EMPTY;
	struct db_values v = { 0 };
	struct composed *c = compose(&list, &choice);

	(void)state;
	composed_encode(c, &list, &choice, &args, &arena, &v);
	assert_int_equal(v.count, 5);
	assert_int_equal(c->arg_count, 5);
	assert_memory_equal(v.value[0], args.third.b, 16);
	assert_memory_equal(v.value[1], "x", 1);
	assert_memory_equal(v.value[2], "\0\0\0\7", 4);
	assert_memory_equal(v.value[3], "\0\0\0\5", 4);
	assert_int_equal(v.length[4], 16);
	assert_memory_equal(v.value[4], "0123456789abcdef", 16);
	assert_int_equal(c->oid[0], 2950);
	assert_int_equal(c->oid[2], 23);
	assert_int_equal(c->oid[3], 0); /* its cast says it */
	composed_release(c);
	arena_reset(&arena);
}

static void the_same_choice_is_the_same_text(void **state)
{
	struct composed *a = compose(&list, &(struct choice){ .options = OPTION(BY_FIRST) });
	struct composed *b = compose(&list, &(struct choice){ .options = OPTION(BY_FIRST) });
	struct composed *c = compose(&list, &(struct choice){ 0 });

	(void)state;
	assert_ptr_equal(a, b);
	assert_int_equal(a->users, 2);
	assert_ptr_not_equal(a, c);
	assert_string_not_equal(a->name, c->name);
	composed_release(a);
	composed_release(b);
	composed_release(c);
}

/* The numbers of arguments are those of one statement, also when another one has the same text. */
static void two_statements_do_not_share_a_text(void **state)
{
	const struct statement_arg turned_round[] = { args_table[2], args_table[0], args_table[1] };
	static const struct args args = { 7, STR_INIT("x"), { { 9 } } };
	const struct choice nothing = { 0 };
	struct statement other = list;
	struct arena arena = ARENA_EMPTY;
	struct composed *a, *b;
	struct db_values v = { 0 };

	(void)state;
	other.args = turned_round;
	a = compose(&list, &nothing);
	b = compose(&other, &nothing);
	assert_string_equal(a->text, b->text);
	composed_encode(b, &other, &nothing, &args, &arena, &v);
	assert_int_equal(v.length[0], 16);
	assert_memory_equal(v.value[0], args.third.b, 16);
	composed_release(a);
	composed_release(b);
	arena_reset(&arena);
}

/* A statement is known by its address, so each number has one. */
/* Of a statement of its own for each number. */
static struct composed *numbered(int n)
{
	static struct statement st[COMPOSED_MAX + 1];
	static struct statement_part part[COMPOSED_MAX + 1];
	static char text[COMPOSED_MAX + 1][32];

	snprintf(text[n], sizeof(text[n]), "SELECT %d", n);
	part[n] = (struct statement_part){ text[n], STATEMENT_ALWAYS };
	st[n] = (struct statement){ .parts = &part[n], .part_count = 1 };
	return compose(&st[n], &(struct choice){ 0 });
}

static void the_least_used_makes_room(void **state)
{
	struct composed *c;
	uint64_t generation;

	(void)state;
	for (int i = 0; i < COMPOSED_MAX; i++)
		composed_release(numbered(i));
	c = numbered(0); /* used again, so that 1 is the oldest */
	generation = c->generation;
	composed_release(c);
	c = numbered(COMPOSED_MAX);
	assert_int_equal(c->slot, 1);
	assert_true(c->generation > COMPOSED_MAX);
	composed_release(c);
	c = numbered(0);
	assert_int_equal(c->generation, generation);
	composed_release(c);
}

static void what_is_in_use_stays(void **state)
{
	static struct composed *held[COMPOSED_MAX];

	(void)state;
	for (int i = 0; i < COMPOSED_MAX; i++)
		held[i] = numbered(i);
	assert_null(numbered(COMPOSED_MAX));
	assert_ptr_equal(numbered(5), held[5]);
	composed_release(held[5]);
	assert_null(numbered(COMPOSED_MAX));
	composed_release(held[5]);
	held[5] = numbered(COMPOSED_MAX);
	assert_int_equal(held[5]->slot, 5);
	assert_string_equal(held[6]->text, "SELECT 6");
	for (int i = 0; i < COMPOSED_MAX; i++)
		composed_release(held[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(options_choose_lines_and_arguments, end),
		cmocka_unit_test_teardown(orders_and_their_reverse, end),
		cmocka_unit_test_teardown(a_cursor_in_one_direction_is_one_range, end),
		cmocka_unit_test_teardown(a_cursor_in_mixed_directions, end),
		cmocka_unit_test_teardown(values_come_in_the_order_of_their_numbers, end),
		cmocka_unit_test_teardown(the_same_choice_is_the_same_text, end),
		cmocka_unit_test_teardown(two_statements_do_not_share_a_text, end),
		cmocka_unit_test_teardown(the_least_used_makes_room, end),
		cmocka_unit_test_teardown(what_is_in_use_stays, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
