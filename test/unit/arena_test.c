#include "base/arena.h"

#include <malloc.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void memory_is_zeroed_and_aligned(void **state)
{
	struct arena a = ARENA_EMPTY;

	(void)state;
	for (size_t n = 1; n < 600; n++) {
		char *p = arena_alloc(&a, n);

		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, n);
	}
	arena_reset(&a);
	arena_trim();
}

static void recycled_chunks_are_zeroed_again(void **state)
{
	struct arena a = ARENA_EMPTY;

	(void)state;
	for (int round = 0; round < 3; round++) {
		char *p = arena_alloc(&a, 4000);

		for (int i = 0; i < 4000; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, 4000);
		arena_reset(&a);
	}
	arena_trim();
}

static void things_do_not_overlap_whatever_their_size(void **state)
{
	static const size_t sizes[] = { 1, 100000, 16, 8192, 5000, 8176, 1 << 20, 17, 5000, 8177, 3 };
	struct arena a = ARENA_EMPTY;
	unsigned char *p[sizeof(sizes) / sizeof(*sizes)];

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		p[i] = arena_alloc(&a, sizes[i]);
		memset(p[i], (int)i + 1, sizes[i]);
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		for (size_t k = 0; k < sizes[i]; k++)
			assert_int_equal(p[i][k], i + 1);
	}
	arena_reset(&a);
	arena_trim();
}

static void a_large_thing_leaves_the_rest_of_the_chunk_in_use(void **state)
{
	struct arena a = ARENA_EMPTY;
	size_t before;

	(void)state;
	arena_alloc(&a, 16);
	arena_alloc(&a, 100000);
	before = a.total;
	arena_alloc(&a, 4000);
	assert_int_equal(a.total, before);
	arena_reset(&a);
	assert_int_equal(a.total, 0);
	arena_trim();
}

static void no_bytes_are_something_of_their_own(void **state)
{
	struct arena a = ARENA_EMPTY;

	(void)state;
	assert_ptr_not_equal(arena_alloc(&a, 0), arena_alloc(&a, 0));
	assert_non_null(arena_array(&a, int, 0));
	arena_reset(&a);
	arena_trim();
}

static void copies_have_a_nul_behind_them_and_absence_stays(void **state)
{
	struct arena a = ARENA_EMPTY;
	struct str s = arena_str(&a, STR("hello"));

	(void)state;
	assert_string_equal(s.p, "hello");
	assert_int_equal(s.n, 5);
	s = arena_str(&a, STR(""));
	assert_non_null(s.p);
	assert_int_equal(s.n, 0);
	assert_null(arena_str(&a, STR_NONE).p);
	s = arena_printf(&a, "%d and %s", 7, "more");
	assert_string_equal(s.p, "7 and more");
	assert_int_equal(s.n, 10);
	arena_reset(&a);
	arena_trim();
}

/* Only so much of what is not needed any more waits for its next use. */
static void what_was_once_needed_is_given_back(void **state)
{
	struct arena a = ARENA_EMPTY;
	size_t before = mallinfo2().uordblks, kept;

	(void)state;
	for (int i = 0; i < 4000; i++)
		arena_alloc(&a, 7000);
	arena_reset(&a);
	kept = mallinfo2().uordblks;
	assert_true(kept < before + 4000000);
	arena_trim();
}

static void a_size_that_no_number_holds_ends_the_process(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	if (child == 0) {
		struct arena a = ARENA_EMPTY;

		signal(SIGABRT, SIG_DFL);
		fclose(stderr);
		arena_alloc_array(&a, SIZE_MAX / 2, 4);
		_exit(0);
	}
	waitpid(child, &status, 0);
	assert_int_not_equal(status, 0);
}

static char order[8];

static void note(void *thing)
{
	strcat(order, thing);
}

static void deferred_things_are_released_last_first_and_once(void **state)
{
	struct arena a = ARENA_EMPTY;
	char one[] = "1", two[] = "2", three[] = "3";

	(void)state;
	order[0] = '\0';
	arena_defer(&a, note, one);
	arena_defer(&a, note, two);
	arena_alloc(&a, 100000);
	arena_defer(&a, note, three);
	assert_string_equal(order, "");
	arena_reset(&a);
	assert_string_equal(order, "321");
	arena_reset(&a);
	assert_string_equal(order, "321");
	arena_trim();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(recycled_chunks_are_zeroed_again),
		cmocka_unit_test(things_do_not_overlap_whatever_their_size),
		cmocka_unit_test(a_large_thing_leaves_the_rest_of_the_chunk_in_use),
		cmocka_unit_test(no_bytes_are_something_of_their_own),
		cmocka_unit_test(copies_have_a_nul_behind_them_and_absence_stays),
		cmocka_unit_test(what_was_once_needed_is_given_back),
		cmocka_unit_test(a_size_that_no_number_holds_ends_the_process),
		cmocka_unit_test(deferred_things_are_released_last_first_and_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
