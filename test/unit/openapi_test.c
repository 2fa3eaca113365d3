/* The document has everything: a route that is added without its documentation fails here. */
#include "api/api.h"
#include "api/openapi.h"
#include "api/representation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <yyjson.h>

#include <cmocka.h>

static void assert_gaps(const struct route *routes, size_t count, const char *expected)
{
	struct buf gaps = { 0 };

	openapi_gaps(&gaps, routes, count);
	buf_add_char(&gaps, '\0');
	assert_string_equal(gaps.p, expected);
	buf_free(&gaps);
}

static void test_every_route_is_documented(void **state)
{
	(void)state;
	assert_gaps(api_routes, api_route_count, "");
}

static void test_what_is_missing_is_named(void **state)
{
	static const struct field fields[] = { { .name = "q", .type = FIELD_TEXT } };
	static const struct shape query = { .name = "Query", .fields = fields, .count = 1 };
	static const struct route_answer answers[] = { { 200, "Nothing", "It is." },
						       { 201, "NothingList", NULL },
						       { 0 } };
	static const struct route routes[] = {
		{ .method = HTTP_GET,
		  .path = "/a",
		  .tag = "Issues",
		  .operation = "getA",
		  .summary = "A",
		  .answers = answers },
		{ .method = HTTP_PUT,
		  .path = "/b/{unheard}",
		  .tag = "Nobody's",
		  .operation = "getA",
		  .query = &query },
	};

	(void)state;
	assert_gaps(routes, 2,
		    "GET /a: no table in representation.c for its answer Nothing\n"
		    "GET /a: an answer without a text\n"
		    "GET /a: no table in representation.c for its answer NothingList\n"
		    "PUT /b/{unheard}: no .summary\n"
		    "PUT /b/{unheard}: no row in openapi_text.c for its tag Nobody's\n"
		    "PUT /b/{unheard}: another route has the .operation getA\n"
		    "PUT /b/{unheard}: no row in openapi_text.c for the parameter {unheard}\n"
		    "PUT /b/{unheard}: no text (.doc) for its field q\n"
		    "PUT /b/{unheard}: no answers (ANSWERS)\n");
}

static void test_every_member_of_a_representation_is_described(void **state)
{
	(void)state;
	for (const struct representation *const *r = representations; *r; r++) {
		for (size_t i = 0; i < (*r)->field_count; i++)
			assert_non_null((*r)->fields[i].doc);
		for (size_t i = 0; i < (*r)->member_count; i++) {
			const char *shape = (*r)->members[i].shape;

			assert_non_null((*r)->members[i].doc);
			assert_true(!shape || representation_find(str_of(shape)));
		}
	}
}

static void test_lists_are_known_by_their_items(void **state)
{
	(void)state;
	assert_ptr_equal(representation_item(STR("IssueList")), representation_find(STR("Issue")));
	assert_null(representation_item(STR("Issue")));
	assert_null(representation_item(STR("List")));
	assert_null(representation_item(STR("UnheardList")));
}

/* Not every reader of JSON bears a name that is there twice; some take the first, some the last. */
static void assert_names_differ(yyjson_val *v)
{
	size_t i, k, n;
	yyjson_val *key, *item;

	if (yyjson_is_arr(v)) {
		yyjson_arr_foreach(v, i, n, item) assert_names_differ(item);
	} else if (yyjson_is_obj(v)) {
		yyjson_obj_foreach(v, i, n, key, item)
		{
			yyjson_val *other, *value;
			size_t count;
			int found = 0;

			yyjson_obj_foreach(v, k, count, other, value) found += yyjson_equals(key, other);
			assert_int_equal(found, 1);
			assert_names_differ(item);
		}
	}
}

static void test_document_has_no_name_twice(void **state)
{
	struct buf out = { 0 };
	yyjson_doc *doc;

	(void)state;
	openapi_write(&out, api_routes, api_route_count, STR(""));
	doc = yyjson_read(out.p, out.n, 0);
	assert_non_null(doc);
	assert_names_differ(yyjson_doc_get_root(doc));
	yyjson_doc_free(doc);
	buf_free(&out);
}

static void test_document_has_every_route(void **state)
{
	struct buf out = { 0 };
	yyjson_doc *doc;

	(void)state;
	openapi_write(&out, api_routes, api_route_count, STR(""));
	doc = yyjson_read(out.p, out.n, 0);
	assert_non_null(doc);
	for (size_t i = 0; i < api_route_count; i++) {
		yyjson_val *path =
			yyjson_obj_get(yyjson_obj_get(yyjson_doc_get_root(doc), "paths"), api_routes[i].path);
		bool found = false;
		size_t at, n;
		yyjson_val *key, *operation;

		yyjson_obj_foreach(path, at, n, key, operation)
		{
			yyjson_val *id = yyjson_obj_get(operation, "operationId");

			found = found || yyjson_equals_str(id, api_routes[i].operation);
		}
		assert_true(found);
	}
	yyjson_doc_free(doc);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_route_is_documented),
		cmocka_unit_test(test_what_is_missing_is_named),
		cmocka_unit_test(test_every_member_of_a_representation_is_described),
		cmocka_unit_test(test_lists_are_known_by_their_items),
		cmocka_unit_test(test_document_has_every_route),
		cmocka_unit_test(test_document_has_no_name_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
