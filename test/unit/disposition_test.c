/* Names of files: in headers, and as clients send them. */
#include "http/disposition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void expect(const char *name, const char *header)
{
	struct buf out = { 0 };

	disposition_attachment(&out, str_of(name));
	if (!str_eq_z(buf_str(&out), header))
		fail_msg("%.*s instead of %s", STR_FMT(buf_str(&out)), header);
	buf_free(&out);
}

static void every_name_can_be_said(void **state)
{
	(void)state;
	expect("a b.txt", "attachment; filename=\"a b.txt\"");
	expect("\xc3\xa4\xe2\x82\xac.txt",
	       "attachment; filename=\"__.txt\"; filename*=UTF-8''%C3%A4%E2%82%AC.txt");
	expect("a\"b\\c%d", "attachment; filename=\"a_b_c_d\"; filename*=UTF-8''a%22b%5Cc%25d");
	expect("a\r\nSet-Cookie: x",
	       "attachment; filename=\"a__Set-Cookie: x\"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x");
}

static void paths_are_cut_off(void **state)
{
	(void)state;
	assert_true(str_eq_z(disposition_base_name(STR("../../etc/passwd")), "passwd"));
	assert_true(str_eq_z(disposition_base_name(STR("C:\\a\\ b.txt ")), "b.txt"));
	assert_int_equal(disposition_base_name(STR("a/..")).n, 0);
	assert_int_equal(disposition_base_name(STR("a/")).n, 0);
	assert_int_equal(disposition_base_name(STR(".")).n, 0);
}

static void controls_are_seen(void **state)
{
	(void)state;
	assert_false(disposition_has_controls(STR("\xc3\xa4 \xe2\x82\xac.txt")));
	assert_true(disposition_has_controls(STR("a\nb")));
	assert_true(disposition_has_controls(STR("a\x7f")));
	assert_true(disposition_has_controls(STR("a\xc2\x85")));
	assert_true(disposition_has_controls(STR("a\xe2\x80\xaegpj.exe")));
	assert_true(disposition_has_controls(STR("a\xe2\x81\xa6")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_can_be_said),
		cmocka_unit_test(paths_are_cut_off),
		cmocka_unit_test(controls_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
