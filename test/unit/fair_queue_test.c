#include "db/fair_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define OPS 12

static struct fair_queue queue;
static struct op ops[OPS];

static void begin(size_t lists)
{
	fair_queue_init(&queue, lists);
	for (size_t i = 0; i < OPS; i++) {
		ops[i] = (struct op){ 0 };
		list_init(&ops[i].node);
	}
}

static void append(size_t i, uint32_t owner)
{
	ops[i].owner = owner;
	fair_queue_append(&queue, &ops[i]);
}

static void next_is(size_t i)
{
	assert_ptr_equal(fair_queue_pop(&queue), &ops[i]);
}

static void end(void)
{
	assert_null(fair_queue_pop(&queue));
	assert_int_equal(queue.count, 0);
	fair_queue_free(&queue);
}

static void people_take_turns(void **state)
{
	(void)state;
	begin(FAIR_QUEUE_LISTS);
	for (size_t i = 0; i < 6; i++)
		append(i, 7);
	append(6, 9);
	append(7, 9);
	append(8, 300 + FAIR_QUEUE_LISTS); /* whatever the number is */
	assert_int_equal(queue.count, 9);
	assert_int_equal(fair_queue_list(&queue, &ops[0])->count, 6);
	next_is(0);
	next_is(6);
	next_is(8);
	next_is(1);
	next_is(7);
	next_is(2);
	append(9, 9);
	next_is(9);
	next_is(3);
	next_is(4);
	next_is(5);
	end();
}

static void one_list_is_a_queue(void **state)
{
	(void)state;
	begin(1);
	for (size_t i = 0; i < 4; i++)
		append(i, (uint32_t)(i % 2));
	for (size_t i = 0; i < 4; i++)
		next_is(i);
	end();
}

static void what_comes_back_is_the_first_of_its_owner(void **state)
{
	(void)state;
	begin(FAIR_QUEUE_LISTS);
	append(0, 3);
	append(1, 3);
	append(2, 5);
	next_is(0);
	fair_queue_prepend(&queue, &ops[0]);
	next_is(2);
	next_is(0);
	next_is(1);
	end();
}

static void one_from_the_middle_leaves_the_others(void **state)
{
	(void)state;
	begin(FAIR_QUEUE_LISTS);
	for (size_t i = 0; i < 3; i++)
		append(i, 3);
	fair_queue_remove(&queue, &ops[1]);
	assert_int_equal(queue.count, 2);
	assert_int_equal(fair_queue_list(&queue, &ops[0])->count, 2);
	next_is(0);
	next_is(2);
	end();
}

static void a_list_that_was_emptied_is_passed_over(void **state)
{
	(void)state;
	begin(FAIR_QUEUE_LISTS);
	append(0, 3);
	append(1, 4);
	append(2, 4);
	append(3, 200);
	fair_queue_remove(&queue, &ops[0]);
	next_is(1);
	fair_queue_remove(&queue, &ops[2]);
	next_is(3);
	append(4, 3);
	fair_queue_prepend(&queue, &ops[0]);
	next_is(0);
	next_is(4);
	end();
}

/* As whoever looks at one list after the other finds them, over the ends of words and of the lists. */
static void turns_go_round_all_lists(void **state)
{
	static const uint32_t owners[] = { 0, 1, 62, 63, 64, 127, 128, 191, 192, 254, 255 };

	(void)state;
	for (uint32_t first = 0; first < FAIR_QUEUE_LISTS; first++) {
		size_t from = 0;

		begin(FAIR_QUEUE_LISTS);
		append(OPS - 1, first);
		next_is(OPS - 1); /* it is the next one's turn */
		for (size_t i = 11; i-- > 0;)
			append(i, owners[i]);
		while (from < 11 && owners[from] <= first)
			from++;
		for (size_t i = 0; i < 11; i++)
			next_is((from + i) % 11);
		end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(people_take_turns),
		cmocka_unit_test(one_list_is_a_queue),
		cmocka_unit_test(what_comes_back_is_the_first_of_its_owner),
		cmocka_unit_test(one_from_the_middle_leaves_the_others),
		cmocka_unit_test(a_list_that_was_emptied_is_passed_over),
		cmocka_unit_test(turns_go_round_all_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
