/* A row of the route table as an OpenAPI operation. */
#include "api/list.h"
#include "openapi_internal.h"

#include <string.h>

#define ANSWERS_MAX 40

/* What every operation may answer, whatever its row says. */
static const struct common_answer {
	struct route_answer answer;
	const char *name; /* in components.responses */
} common[] = {
	{ { 400, "Problem", "The request is malformed." }, "Malformed" },
	{ { 413, "Problem", "The body is too large." }, "BodyTooLarge" },
	{ { 414, "Problem", "The request target is too long." }, "TargetTooLong" },
	{ { 422, "Problem", "Some fields or parameters are not valid." }, "Invalid" },
	{ { 431, "Problem", "The header section is too large." }, "HeadersTooLarge" },
	{ { 500, "Problem", "The server has a fault; nothing of its inside is told." }, "Internal" },
	{ { 503, "Problem", "The database is away, there is too much to do, or the server is stopping." },
	  "Unavailable" },
};
#define COMMON_COUNT (sizeof(common) / sizeof(*common))

/* ---- parameters ---- */

static bool has_answer(const struct route *r, int status)
{
	for (const struct route_answer *a = r->answers; a && a->status; a++) {
		if (a->status == status)
			return true;
	}
	return false;
}

static const struct field *query_field(const struct route *r, const char *name)
{
	int place = r->query ? shape_find(r->query, str_of(name)) : -1;

	return place < 0 ? NULL : &r->query->fields[place];
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
	if (f->example) {
		json_key_raw(j, JSON_KEY("example"));
		openapi_field_example(j, f);
	}
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
	json_array_end(j);
}

/* ---- the body ---- */

static void examples(struct json *j, const char *operation, int status, bool request)
{
	bool begun = false;

	for (size_t i = 0; i < openapi_example_count; i++) {
		const struct openapi_example *e = &openapi_examples[i];
		const char *text = request ? e->request : e->reply;

		if (strcmp(e->operation, operation) != 0 || !*text ||
		    (request ? e->status >= 300 : e->status != status))
			continue;
		if (!begun) {
			json_key_raw(j, JSON_KEY("examples"));
			json_object_begin(j);
			begun = true;
		}
		json_key(j, str_of(e->name));
		json_object_begin(j);
		json_key_raw(j, JSON_KEY("value"));
		json_raw(j, str_of(text));
		json_object_end(j);
	}
	if (begun)
		json_object_end(j);
}

static void body_content(struct json *j, const struct route *r, const char *media)
{
	json_key(j, str_of(media));
	json_object_begin(j);
	json_key_raw(j, JSON_KEY("schema"));
	openapi_reference(j, "schemas", str_of(r->body->name));
	examples(j, r->operation, 0, true);
	json_object_end(j);
}

static void request_body(struct json *j, const struct route *r)
{
	json_key_raw(j, JSON_KEY("requestBody"));
	json_object_begin(j);
	openapi_text(j, "description", r->body->doc);
	json_key_raw(j, JSON_KEY("required"));
	json_bool(j, true);
	json_key_raw(j, JSON_KEY("content"));
	json_object_begin(j);
	body_content(j, r, "application/json");
	if (r->merge_patch)
		body_content(j, r, "application/merge-patch+json");
	json_object_end(j);
	json_object_end(j);
}

/* ---- answers ---- */

static void header(struct json *j, const char *name)
{
	json_key(j, str_of(name));
	openapi_reference(j, "headers", str_of(name));
}

static bool is_tagged(const struct route_answer *a)
{
	const struct representation *r = a->shape ? representation_find(str_of(a->shape)) : NULL;

	if (a->status == 304)
		return true;
	return a->status < 300 && a->shape && (r ? r->tagged : representation_item(str_of(a->shape)) != NULL);
}

static const char *accepts_header(enum http_method m)
{
	return m == HTTP_POST ? "Accept-Post" : m == HTTP_PATCH ? "Accept-Patch" : "Accept";
}

static void headers(struct json *j, enum http_method method, const struct route_answer *a)
{
	json_key_raw(j, JSON_KEY("headers"));
	json_object_begin(j);
	header(j, "X-Request-Id");
	if (a->status == 201 || a->status == 308)
		header(j, "Location");
	if (is_tagged(a))
		header(j, "ETag");
	if (a->status == 200 && a->shape && representation_item(str_of(a->shape)))
		header(j, "Link");
	if (a->status == 401)
		header(j, "WWW-Authenticate");
	if (a->status == 429 || a->status == 503)
		header(j, "Retry-After");
	if (a->status == 415)
		header(j, accepts_header(method));
	json_object_end(j);
}

static void opaque_content(struct json *j, const struct representation *r)
{
	struct str rest = str_of(r->media);

	while (rest.p) {
		struct str media = str_trim(str_cut(&rest, ','));

		json_key(j, str_cut(&media, ';'));
		json_object_begin(j);
		json_key_raw(j, JSON_KEY("schema"));
		json_object_begin(j);
		openapi_text(j, "type", strcmp(r->media, "application/json") == 0 ? "object" : "string");
		openapi_text(j, "description", r->doc);
		json_object_end(j);
		json_object_end(j);
	}
}

static void content(struct json *j, const char *operation, const struct route_answer *a, bool sparse)
{
	const struct representation *r = representation_find(str_of(a->shape));

	json_key_raw(j, JSON_KEY("content"));
	json_object_begin(j);
	if (r && r->media) {
		opaque_content(j, r);
	} else {
		json_key(j, a->status >= 400 ? STR("application/problem+json") : STR("application/json"));
		json_object_begin(j);
		json_key_raw(j, JSON_KEY("schema"));
		openapi_answer_schema(j, str_of(a->shape), sparse);
		examples(j, operation, a->status, false);
		json_object_end(j);
	}
	json_object_end(j);
}

static void answer(struct json *j, const struct route *r, const struct route_answer *a, struct str doc)
{
	json_object_begin(j);
	json_key_raw(j, JSON_KEY("description"));
	json_str(j, doc);
	headers(j, r ? r->method : HTTP_GET, a);
	if (a->shape)
		content(j, r ? r->operation : "*", a,
			r && a->status == 200 && query_field(r, "fields") != NULL);
	json_object_end(j);
}

static const struct common_answer *common_of(int status)
{
	for (size_t i = 0; i < COMMON_COUNT; i++) {
		if (common[i].answer.status == status)
			return &common[i];
	}
	return NULL;
}

/* Whether a common answer can come: without a body none is too large, and some need neither database nor wait. */
static bool may_come(const struct route *r, int status)
{
	if (status == 413)
		return r->body != NULL;
	return status != 503 || has_answer(r, 503);
}

/* The texts of all the row's answers of this status. */
static void join_docs(struct buf *out, const struct route *r, int status)
{
	for (const struct route_answer *a = r->answers; a && a->status; a++) {
		if (a->status == status && a->doc)
			buf_printf(out, "%s%s", out->n ? " " : "", a->doc);
	}
}

static void row_answer(struct json *j, const struct route *r, const struct route_answer *a)
{
	struct buf doc = { 0 };

	join_docs(&doc, r, a->status);
	answer(j, r, a, buf_str(&doc));
	buf_free(&doc);
}

/* In the order of the status codes, of which there are few: the one of the row, else the common one. */
static void responses(struct json *j, const struct route *r)
{
	json_key_raw(j, JSON_KEY("responses"));
	json_object_begin(j);
	for (int status = 100; status < 600; status++) {
		const struct common_answer *c = common_of(status);
		const struct route_answer *a = r->answers;
		char key[4] = { (char)('0' + status / 100), (char)('0' + status / 10 % 10),
				(char)('0' + status % 10) };

		while (a && a->status && a->status != status)
			a++;
		if (a && a->status) {
			json_key(j, str_of(key));
			row_answer(j, r, a);
		} else if (c && may_come(r, status)) {
			json_key(j, str_of(key));
			openapi_reference(j, "responses", str_of(c->name));
		}
	}
	json_object_end(j);
}

void openapi_common_responses(struct json *j)
{
	json_object_begin(j);
	for (size_t i = 0; i < COMMON_COUNT; i++) {
		json_key(j, str_of(common[i].name));
		answer(j, NULL, &common[i].answer, str_of(common[i].answer.doc));
	}
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
	if (r->body)
		request_body(j, r);
	responses(j, r);
	security(j, r);
	json_object_end(j);
}
