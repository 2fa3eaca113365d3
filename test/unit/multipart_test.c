/* multipart/form-data, cut in every way: what is in it, and what is refused. */
#include "base/buf.h"
#include "http/multipart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TYPE               "multipart/form-data; boundary=xyz"
#define PART(head, body)   "--xyz\r\n" head "\r\n\r\n" body "\r\n"
#define FIELD(name, value) PART("Content-Disposition: form-data; name=\"" name "\"", value)
#define FILE_PART(name, body)                                                                                \
	PART("Content-Disposition: form-data; name=\"file\"; filename=\"" name "\"", body)
#define END "--xyz--\r\n"

static const struct multipart_limits limits = { .parts = 4, .field_bytes = 20 };

static void tell(struct buf *out, enum multipart_event event, const struct multipart_part *p)
{
	switch (event) {
	case MULTIPART_FIELD:
		buf_printf(out, "%.*s=%.*s;", STR_FMT(p->name), STR_FMT(p->value));
		break;
	case MULTIPART_FILE:
		buf_printf(out, "%.*s<%.*s,%.*s>", STR_FMT(p->name), STR_FMT(p->filename),
			   p->type.p ? (int)p->type.n : 1, p->type.p ? p->type.p : "-");
		break;
	case MULTIPART_DATA:
		assert_true(p->data.n > 0);
		buf_add_str(out, p->data);
		break;
	case MULTIPART_FILE_END:
		buf_add_char(out, ';');
		break;
	case MULTIPART_MORE:
	case MULTIPART_BAD:
	default:
		break;
	}
}

/* What is in the body, in pieces of `step` bytes, each in memory of its own; or "!" and the error's code. */
static struct buf read_form(const char *type, struct str body, size_t step)
{
	struct arena arena = ARENA_EMPTY;
	struct buf out = { 0 };
	enum multipart_event event = MULTIPART_MORE;
	const char *detail;
	enum err err;
	struct multipart *m = multipart_create(&arena, str_of(type), &limits, &err, &detail);

	if (!m)
		buf_printf(&out, "!%s", err_code(err));
	for (size_t at = 0; m && at < body.n && event != MULTIPART_BAD; at += step) {
		size_t n = body.n - at < step ? body.n - at : step;
		char *copy = malloc(n);
		struct str input = { copy, n };

		memcpy(copy, body.p + at, n);
		while ((event = multipart_next(m, &input, at + n == body.n)) != MULTIPART_MORE) {
			if (event == MULTIPART_BAD)
				break;
			tell(&out, event, multipart_part(m));
		}
		free(copy);
	}
	if (event == MULTIPART_BAD) {
		assert_int_equal(multipart_next(m, &(struct str){ "", 0 }, true), MULTIPART_BAD);
		out.n = 0;
		buf_printf(&out, "!%s", err_code(multipart_error(m, &detail)));
		assert_non_null(detail);
	}
	arena_reset(&arena);
	return out;
}

static void expect_n(const char *type, const char *body, size_t n, const char *expected)
{
	for (size_t step = 1; step <= n; step++) {
		struct buf got = read_form(type, (struct str){ body, n }, step);

		if (!str_eq_z(buf_str(&got), expected))
			fail_msg("in pieces of %zu: %.*s instead of %s\n%s", step, STR_FMT(buf_str(&got)),
				 expected, body);
		buf_free(&got);
	}
}

static void expect(const char *body, const char *expected)
{
	expect_n(TYPE, body, strlen(body), expected);
}

static void fields_and_files_come_in_order(void **state)
{
	(void)state;
	expect(FIELD("a", "1") FILE_PART("x.txt", "hello") FIELD("b", "") END, "a=1;file<x.txt,->hello;b=;");
	expect(PART("content-disposition:form-data;name=file;filename=a.png\r\nContent-Type: image/png\r\nX-Other: 1",
		    "p") END,
	       "file<a.png,image/png>p;");
	expect(FILE_PART("", "") END, "file<,->;");
	expect(END, "");
	expect("--xyz--", "");
}

static void what_looks_like_a_boundary_is_data(void **state)
{
	static const char binary[] = FILE_PART("f", "a\0b") END;

	(void)state;
	expect(FILE_PART("f", "\r\n--xy\r\n-\r\n--\r\r\n\r--xyz\n--xyz") END,
	       "file<f,->\r\n--xy\r\n-\r\n--\r\r\n\r--xyz\n--xyz;");
	expect(FILE_PART("f", "\r\r\r\n\r\n") END, "file<f,->\r\r\r\n\r\n;");
	for (size_t step = 1; step < sizeof(binary); step++) {
		struct buf got = read_form(TYPE, (struct str){ binary, sizeof(binary) - 1 }, step);

		assert_true(str_eq(buf_str(&got), STR("file<f,->a\0b;")));
		buf_free(&got);
	}
}

static void preamble_padding_and_epilogue_are_nobodys(void **state)
{
	(void)state;
	expect("hello\r\n" FIELD("a", "1") END, "a=1;");
	expect("\r\n--xyz \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n" END "more\r\n--xyz\r\n",
	       "a=1;");
}

static void names_are_unescaped_as_browsers_escape_them(void **state)
{
	(void)state;
	expect(FILE_PART("a%22b%0D%0a%20%25.txt", "") END, "file<a\"b\r\n%20%25.txt,->;");
	expect(FILE_PART("a\\\"b\\\\c", "") END, "file<a\"b\\c,->;");
	expect(FILE_PART("C:\\dir\\x.txt", "") END, "file<C:\\dir\\x.txt,->;");
	expect(FILE_PART("a;b=c", "") END, "file<a;b=c,->;");
	expect(FILE_PART("\xc3\xa4\xe2\x82\xac.txt", "") END, "file<\xc3\xa4\xe2\x82\xac.txt,->;");
}

static void boundaries_are_read_as_mail_does(void **state)
{
	static const char body[] = "--a b:c\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--a b:c--";

	(void)state;
	expect_n("Multipart/Form-Data;charset=utf-8; Boundary=\"a b:c\"", body, sizeof(body) - 1, "a=1;");
	expect_n("multipart/form-data", "x", 1, "!bad_request");
	expect_n("multipart/form-data; boundary=", "x", 1, "!bad_request");
	expect_n("multipart/form-data; boundary=\"\"", "x", 1, "!bad_request");
	expect_n("multipart/form-data; boundary=\"a \"", "x", 1, "!bad_request");
	expect_n("multipart/form-data; boundary=a; boundary=b", "x", 1, "!bad_request");
	expect_n("multipart/form-data; boundary=\xc3\xa4", "x", 1, "!bad_request");
	expect_n("multipart/form-data; boundary=a{", "x", 1, "!bad_request");
	expect_n("multipart/form-data; boundary="
		 "12345678901234567890123456789012345678901234567890123456789012345678901",
		 "x", 1, "!bad_request");
	expect_n("multipart/mixed; boundary=a", "x", 1, "!unsupported_media_type");
	expect_n("application/json", "x", 1, "!unsupported_media_type");
	expect_n(NULL, "x", 1, "!unsupported_media_type");
}

static void what_is_cut_off_is_refused(void **state)
{
	static const char whole[] = FIELD("a", "1") FILE_PART("x", "data") "--xyz--";

	(void)state;
	for (size_t n = 1; n < sizeof(whole) - 1; n++)
		expect_n(TYPE, whole, n, "!bad_request");
	expect_n(TYPE, whole, sizeof(whole) - 1, "a=1;file<x,->data;");
}

static void malformed_bodies_are_refused(void **state)
{
	static const char *const bodies[] = {
		"--abc\r\n\r\n",
		"--xyzw\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n" END,
		"--xyz-\r\n",
		"--xyz\nContent-Disposition: form-data; name=a\n\n1\n--xyz--",
		"--xyz\r\n\r\n1\r\n" END,
		PART("X: y", "1") END,
		PART("Content-Disposition: form-data", "1") END,
		PART("Content-Disposition: attachment; name=a", "1") END,
		PART("Content-Disposition: form-data; name", "1") END,
		PART("Content-Disposition: form-data; name=", "1") END,
		PART("Content-Disposition: form-data; name=\"a", "1") END,
		PART("Content-Disposition: form-data; name=a b", "1") END,
		PART("Content-Disposition: form-data; name=a; name=b", "1") END,
		PART("Content-Disposition: form-data; name=a;", "1") END,
		PART("Content-Disposition: form-data; name=a; filename*=UTF-8''x", "1") END,
		PART("Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b", "1")
			END,
		PART("Content-Disposition: form-data; name=a\r\nContent-Type: a/b\r\nContent-Type: a/b", "1")
			END,
		PART("Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64", "1") END,
		PART("Content-Disposition: form-data;\r\n name=a", "1") END,
		PART("Content-Disposition : form-data; name=a", "1") END,
		PART("Content-Disposition: form-data; name=\"a\nb\"", "1") END,
		PART("Content-Disposition: form-data; name=\"\xff\"", "1") END,
		PART(": form-data; name=a", "1") END,
		FIELD("a", "\xff") END,
		FIELD("a", "1") FIELD("b", "1") FIELD("c", "1") FIELD("d", "1") FIELD("e", "1") END,
	};
	static const char nul[] = PART("Content-Disposition: form-data; name=\"a\0b\"", "1") END;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		expect(bodies[i], "!bad_request");
	expect_n(TYPE, nul, sizeof(nul) - 1, "!bad_request");
	expect_n(TYPE, FIELD("a", "\0") END, sizeof(FIELD("a", "\0") END) - 1, "!bad_request");
}

static void sizes_are_bounded(void **state)
{
	struct buf body = { 0 };

	(void)state;
	expect(FIELD("a", "12345678901234567890") END, "a=12345678901234567890;");
	expect(FIELD("a", "123456789012345678901") END, "!body_too_large");
	buf_add_lit(&body, "--xyz\r\nX: ");
	for (int i = 0; i < MULTIPART_HEAD_MAX; i++)
		buf_add_char(&body, 'a');
	buf_add_lit(&body, "\r\n");
	for (size_t step = 1; step < 10000; step += 999) {
		struct buf got = read_form(TYPE, buf_str(&body), step);

		assert_true(str_eq_z(buf_str(&got), "!bad_request"));
		buf_free(&got);
	}
	body.n = 0;
	for (int i = 0; i < 2000; i++)
		buf_add_char(&body, 'a');
	{
		struct buf got = read_form(TYPE, buf_str(&body), 100);

		assert_true(str_eq_z(buf_str(&got), "!bad_request"));
		buf_free(&got);
	}
	buf_free(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_and_files_come_in_order),
		cmocka_unit_test(what_looks_like_a_boundary_is_data),
		cmocka_unit_test(preamble_padding_and_epilogue_are_nobodys),
		cmocka_unit_test(names_are_unescaped_as_browsers_escape_them),
		cmocka_unit_test(boundaries_are_read_as_mail_does),
		cmocka_unit_test(what_is_cut_off_is_refused),
		cmocka_unit_test(malformed_bodies_are_refused),
		cmocka_unit_test(sizes_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
