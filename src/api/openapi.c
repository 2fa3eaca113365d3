#include "api/openapi.h"

#include "openapi_internal.h"
#include "version.h"

#include <string.h>

/* ---- info, tags ---- */

static void info(struct json *j)
{
	struct buf introduction = { 0 };

	openapi_introduction(&introduction);
	json_key_raw(j, JSON_KEY("info"));
	json_object_begin(j);
	openapi_text(j, "title", "bugd");
	openapi_text(j, "summary", "An issue tracker's server");
	json_key_raw(j, JSON_KEY("description"));
	json_str(j, buf_str(&introduction));
	openapi_text(j, "version", BUGD_VERSION);
	json_key_raw(j, JSON_KEY("contact"));
	json_object_begin(j);
	openapi_text(j, "name", "the bugd authors");
	json_object_end(j);
	json_key_raw(j, JSON_KEY("license"));
	json_object_begin(j);
	openapi_text(j, "name", "MIT");
	openapi_text(j, "identifier", "MIT");
	json_object_end(j);
	json_object_end(j);
	buf_free(&introduction);
}

static void servers(struct json *j, struct str base_path)
{
	json_key_raw(j, JSON_KEY("servers"));
	json_array_begin(j);
	json_object_begin(j);
	json_key_raw(j, JSON_KEY("url"));
	json_str(j, base_path.n ? base_path : STR("/"));
	openapi_text(j, "description", "The server that this document comes from.");
	json_object_end(j);
	json_array_end(j);
}

static bool is_used(const char *tag, const struct route *routes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(routes[i].tag, tag) == 0)
			return true;
	}
	return false;
}

static void tags(struct json *j, const struct route *routes, size_t count)
{
	json_key_raw(j, JSON_KEY("tags"));
	json_array_begin(j);
	for (const struct openapi_tag *t = openapi_tags; t->name; t++) {
		if (!is_used(t->name, routes, count))
			continue;
		json_object_begin(j);
		openapi_text(j, "name", t->name);
		openapi_text(j, "description", t->doc);
		json_object_end(j);
	}
	json_array_end(j);
}

/* ---- paths ---- */

static const char *method_key(enum http_method m)
{
	static const char *const keys[] = {
		[HTTP_GET] = "get",        [HTTP_HEAD] = "head",   [HTTP_POST] = "post",
		[HTTP_PUT] = "put",        [HTTP_PATCH] = "patch", [HTTP_DELETE] = "delete",
		[HTTP_OPTIONS] = "options"
	};

	return keys[m];
}

/* Whether an earlier row has this path, and so has begun its object. */
static bool is_repeated(const struct route *routes, size_t place)
{
	for (size_t i = 0; i < place; i++) {
		if (strcmp(routes[i].path, routes[place].path) == 0)
			return true;
	}
	return false;
}

static void paths(struct json *j, const struct route *routes, size_t count)
{
	json_key_raw(j, JSON_KEY("paths"));
	json_object_begin(j);
	for (size_t i = 0; i < count; i++) {
		if (is_repeated(routes, i))
			continue;
		json_key(j, str_of(routes[i].path));
		json_object_begin(j);
		for (size_t k = i; k < count; k++) {
			if (strcmp(routes[k].path, routes[i].path) != 0)
				continue;
			json_key(j, str_of(method_key(routes[k].method)));
			openapi_operation(j, &routes[k]);
		}
		json_object_end(j);
	}
	json_object_end(j);
}

/* ---- components ---- */

/* Each body once, though several routes may take it. */
static void bodies(struct json *j, const struct route *routes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t k = 0;

		while (k < i && openapi_body(&routes[k]) != openapi_body(&routes[i]))
			k++;
		if (openapi_body(&routes[i]) && k == i)
			openapi_shape(j, openapi_body(&routes[i]));
	}
}

static bool answers_with(const struct route *r, struct str shape)
{
	for (const struct route_answer *a = r->answers; a && a->status; a++) {
		if (a->status < 300 && a->shape && str_eq_z(shape, a->shape))
			return true;
	}
	return false;
}

static bool is_answered(const struct route *routes, size_t count, struct str shape, bool sparse)
{
	for (size_t i = 0; i < count; i++) {
		bool fits = !sparse || (routes[i].query && shape_find(routes[i].query, STR("fields")) >= 0);

		if (fits && answers_with(&routes[i], shape))
			return true;
	}
	return false;
}

static void list_and_partial(struct json *j, const struct representation *r, const struct route *routes,
			     size_t count)
{
	struct buf name = { 0 };
	bool listed;

	buf_printf(&name, "%sList", r->name);
	listed = is_answered(routes, count, buf_str(&name), false);
	if (listed)
		openapi_list(j, buf_str(&name), r);
	if (listed || is_answered(routes, count, str_of(r->name), true))
		openapi_partial(j, r);
	buf_free(&name);
}

static void schemas(struct json *j, const struct route *routes, size_t count)
{
	json_key_raw(j, JSON_KEY("schemas"));
	json_object_begin(j);
	for (const struct representation *const *r = representations; *r; r++) {
		if ((*r)->media)
			continue;
		openapi_representation(j, *r);
		list_and_partial(j, *r, routes, count);
	}
	bodies(j, routes, count);
	json_object_end(j);
}

static void components(struct json *j, const struct route *routes, size_t count)
{
	json_key_raw(j, JSON_KEY("components"));
	json_object_begin(j);
	schemas(j, routes, count);
	json_key_raw(j, JSON_KEY("responses"));
	openapi_common_responses(j);
	json_key_raw(j, JSON_KEY("headers"));
	openapi_headers(j);
	json_key_raw(j, JSON_KEY("securitySchemes"));
	json_object_begin(j);
	json_key_raw(j, JSON_KEY("bearer"));
	json_object_begin(j);
	openapi_text(j, "type", "http");
	openapi_text(j, "scheme", "bearer");
	openapi_text(j, "description",
		     "The `access_token` that signing in gives, or a personal access token.");
	json_object_end(j);
	json_object_end(j);
	json_object_end(j);
}

void openapi_write(struct buf *out, const struct route *routes, size_t count, struct str base_path)
{
	struct json j = json_writer(out);

	json_object_begin(&j);
	openapi_text(&j, "openapi", "3.1.0");
	info(&j);
	servers(&j, base_path);
	tags(&j, routes, count);
	paths(&j, routes, count);
	components(&j, routes, count);
	json_key_raw(&j, JSON_KEY("x-any-request"));
	openapi_refusals(&j);
	json_object_end(&j);
}

/* ---- gaps ---- */

static bool is_described(const char *tag)
{
	for (const struct openapi_tag *t = openapi_tags; t->name; t++) {
		if (tag && strcmp(t->name, tag) == 0)
			return true;
	}
	return false;
}

static void gap(struct buf *out, const struct route *r, const char *what, const char *name)
{
	buf_printf(out, "%s %s: %s%s%s\n", http_method_name(r->method), r->path, what, name ? " " : "",
		   name ? name : "");
}

static void field_gaps(struct buf *out, const struct route *r, const struct shape *s)
{
	for (size_t i = 0; s && i < s->count; i++) {
		if (!s->fields[i].doc)
			gap(out, r, "no text (.doc) for its field", s->fields[i].name);
	}
}

static void path_gaps(struct buf *out, const struct route *r)
{
	struct str path = str_of(r->path), rest = path;

	while (rest.p) {
		struct str segment = str_cut(&rest, '/');
		struct str until = { path.p, (size_t)(segment.p - path.p) + segment.n };

		if (segment.n > 2 && segment.p[0] == '{' &&
		    !openapi_path_param(until, (struct str){ segment.p + 1, segment.n - 2 }))
			buf_printf(out, "%s %s: no row in openapi_text.c for the parameter %.*s\n",
				   http_method_name(r->method), r->path, STR_FMT(segment));
	}
}

static void answer_gaps(struct buf *out, const struct route *r)
{
	if (!r->answers || !r->answers->status)
		gap(out, r, "no answers (ANSWERS)", NULL);
	for (const struct route_answer *a = r->answers; a && a->status; a++) {
		if (!a->doc)
			gap(out, r, "an answer without a text", NULL);
		if (a->shape && !representation_find(str_of(a->shape)) &&
		    !representation_item(str_of(a->shape)))
			gap(out, r, "no table in representation.c for its answer", a->shape);
	}
}

static void name_gaps(struct buf *out, const struct route *routes, size_t place)
{
	const struct route *r = &routes[place];

	if (!r->summary)
		gap(out, r, "no .summary", NULL);
	if (!is_described(r->tag))
		gap(out, r, "no row in openapi_text.c for its tag", r->tag ? r->tag : "(none)");
	if (!r->operation)
		gap(out, r, "no .operation", NULL);
	for (size_t i = 0; r->operation && i < place; i++) {
		if (routes[i].operation && strcmp(routes[i].operation, r->operation) == 0)
			gap(out, r, "another route has the .operation", r->operation);
	}
}

void openapi_gaps(struct buf *out, const struct route *routes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		name_gaps(out, routes, i);
		path_gaps(out, &routes[i]);
		field_gaps(out, &routes[i], routes[i].query);
		field_gaps(out, &routes[i], openapi_body(&routes[i]));
		answer_gaps(out, &routes[i]);
	}
}
