/* A row of the route table as an OpenAPI operation. */
#include "api/list.h"
#include "openapi_internal.h"

#include <string.h>

/* ---- parameters ---- */

static bool has_answer(const struct route *r, int status)
{
	for (const struct route_answer *a = r->answers; a && a->status; a++) {
		if (a->status == status)
			return true;
	}
	return false;
}

/* The representation that the operation answers with, alone or in a list. */
static const struct representation *answered(const struct route *r)
{
	for (const struct route_answer *a = r->answers; a && a->status; a++) {
		if (a->status == 200 && a->shape) {
			struct str name = str_of(a->shape);
			const struct representation *item = representation_item(name);

			return item ? item : representation_find(name);
		}
	}
	return NULL;
}

static void begin_parameter(struct json *j, const char *in, struct str name, bool required, const char *doc)
{
	json_object_begin(j);
	json_key_raw(j, JSON_KEY("name"));
	json_str(j, name);
	openapi_text(j, "in", in);
	openapi_text(j, "description", doc);
	json_key_raw(j, JSON_KEY("required"));
	json_bool(j, required);
}

/* What fits this list: a field to sort by, or the first two fields. */
static void fitting_example(struct json *j, const struct field *f, const struct representation *names)
{
	struct buf sort = { 0 };

	json_array_begin(j);
	if (f->type == FIELD_SORT) {
		buf_printf(&sort, "-%s", f->names->v[0]);
		json_str(j, buf_str(&sort));
		buf_free(&sort);
	}
	for (size_t i = 0; names && i < 2 && i < names->field_count; i++)
		json_str(j, str_of(names->fields[i].name));
	json_array_end(j);
}

static void parameter_example(struct json *j, const struct field *f, const struct representation *names)
{
	if (!f->example)
		return;
	json_key_raw(j, JSON_KEY("example"));
	if (names || f->type == FIELD_SORT)
		fitting_example(j, f, names);
	else
		openapi_field_example(j, f);
}

static void field_parameter(struct json *j, const char *in, struct str name, const struct field *f,
			    const struct representation *names)
{
	struct field schema = *f;

	schema.doc = schema.example = NULL;
	begin_parameter(j, in, name, strcmp(in, "path") == 0 || f->flags & FIELD_REQUIRED, f->doc);
	json_key_raw(j, JSON_KEY("schema"));
	openapi_field_schema(j, &schema, names);
	/* The order of what is sorted by matters, and names of fields are short: one parameter, with commas. */
	if (f->type == FIELD_SORT || names) {
		openapi_text(j, "style", "form");
		json_key_raw(j, JSON_KEY("explode"));
		json_bool(j, false);
	}
	parameter_example(j, f, names);
	json_object_end(j);
}

static void header_parameter(struct json *j, const char *name, const char *doc)
{
	begin_parameter(j, "header", str_of(name), false, doc);
	json_key_raw(j, JSON_KEY("schema"));
	json_object_begin(j);
	openapi_text(j, "type", "string");
	json_object_end(j);
	json_object_end(j);
}

static void path_parameters(struct json *j, struct str path)
{
	struct str rest = path;

	while (rest.p) {
		struct str segment = str_cut(&rest, '/');
		struct str until = { path.p, (size_t)(segment.p - path.p) + segment.n };
		struct str name = { segment.p + 1, segment.n - 2 };
		const struct field *f;

		if (segment.n < 3 || segment.p[0] != '{')
			continue;
		f = openapi_path_param(until, name);
		if (f)
			field_parameter(j, "path", name, f, NULL);
	}
}

static void query_parameters(struct json *j, const struct route *r)
{
	for (size_t i = 0; r->query && i < r->query->count; i++) {
		const struct field *f = &r->query->fields[i];
		bool names_fields = strcmp(f->name, "fields") == 0;

		field_parameter(j, "query", str_of(f->name), f, names_fields ? answered(r) : NULL);
	}
}

static void parameters(struct json *j, const struct route *r)
{
	json_key_raw(j, JSON_KEY("parameters"));
	json_array_begin(j);
	path_parameters(j, str_of(r->path));
	query_parameters(j, r);
	if (has_answer(r, 304))
		header_parameter(j, "If-None-Match",
				 "The `ETag` of the copy that the client has; 304 when it is still right.");
	if (has_answer(r, 412))
		header_parameter(j, "If-Match", "The `ETag` of the version that the change is based on.");
	if (r->method == HTTP_POST)
		header_parameter(
			j, "Idempotency-Key",
			"A text that the client makes up, 1 to 255 characters: a repetition with the same one "
			"gets the same answer, and changes nothing.");
	json_array_end(j);
}

/* ---- the body ---- */

static void body_content(struct json *j, const struct route *r, const char *media)
{
	json_key(j, str_of(media));
	json_object_begin(j);
	json_key_raw(j, JSON_KEY("schema"));
	openapi_reference(j, "schemas", str_of(openapi_body(r)->name));
	openapi_request_example(j, r->operation);
	json_object_end(j);
}

/* The body of a route that reads it by itself: form data with a file, as far as it is known here. */
static void file_body(struct json *j, const struct route *r)
{
	json_key_raw(j, JSON_KEY("requestBody"));
	json_object_begin(j);
	json_key_raw(j, JSON_KEY("required"));
	json_bool(j, true);
	json_key_raw(j, JSON_KEY("content"));
	json_object_begin(j);
	json_key(j, str_of(r->media));
	json_object_begin(j);
	json_key_raw(j, JSON_KEY("schema"));
	json_raw(
		j,
		STR("{\"type\":\"object\",\"properties\":{\"file\":{\"type\":\"string\","
		    "\"contentMediaType\":\"application/octet-stream\",\"description\":\"The file, with its name.\"}},"
		    "\"required\":[\"file\"],\"additionalProperties\":false}"));
	json_object_end(j);
	json_object_end(j);
	json_object_end(j);
}

static void request_body(struct json *j, const struct route *r)
{
	json_key_raw(j, JSON_KEY("requestBody"));
	json_object_begin(j);
	openapi_text(j, "description", openapi_body(r)->doc);
	json_key_raw(j, JSON_KEY("required"));
	json_bool(j, true);
	json_key_raw(j, JSON_KEY("content"));
	json_object_begin(j);
	body_content(j, r, r->form ? r->media : "application/json");
	if (r->merge_patch)
		body_content(j, r, "application/merge-patch+json");
	json_object_end(j);
	json_object_end(j);
}

/* ---- the whole ---- */

static void description(struct json *j, const struct route *r)
{
	enum permission p = (enum permission)r->permission;
	struct buf text = { 0 };

	if (r->doc)
		buf_printf(&text, "%s\n\n", r->doc);
	if (p == PERM_PUBLIC)
		buf_add_lit(&text, "Needs no token.");
	else
		buf_printf(&text, "Permission `%s`, from the role %s on: %s.", permission_name(p),
			   role_names[permission_lowest(p)], permission_doc(p));
	json_key_raw(j, JSON_KEY("description"));
	json_str(j, buf_str(&text));
	buf_free(&text);
}

static void security(struct json *j, const struct route *r)
{
	json_key_raw(j, JSON_KEY("security"));
	json_array_begin(j);
	if (r->permission != PERM_PUBLIC) {
		json_object_begin(j);
		json_key_raw(j, JSON_KEY("bearer"));
		json_array_begin(j);
		json_array_end(j);
		json_object_end(j);
	}
	json_array_end(j);
}

void openapi_operation(struct json *j, const struct route *r)
{
	json_object_begin(j);
	json_key_raw(j, JSON_KEY("tags"));
	json_array_begin(j);
	json_str(j, str_of(r->tag));
	json_array_end(j);
	openapi_text(j, "summary", r->summary);
	description(j, r);
	openapi_text(j, "operationId", r->operation);
	parameters(j, r);
	if (openapi_body(r))
		request_body(j, r);
	else if (r->streams && r->media)
		file_body(j, r);
	openapi_responses(j, r);
	security(j, r);
	json_object_end(j);
}
