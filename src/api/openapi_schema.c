/* Fields, shapes and representations as JSON Schema (draft 2020-12). */
#include "openapi_internal.h"

#include <stdlib.h>
#include <string.h>

/* The largest whole number that every reader of JSON takes exactly. */
#define EXACT_MAX INT64_C(9007199254740991)

void openapi_text(struct json *j, const char *key, const char *text)
{
	if (!text)
		return;
	json_key(j, str_of(key));
	json_str(j, str_of(text));
}

void openapi_reference(struct json *j, const char *kind, struct str name)
{
	struct buf b = { 0 };

	buf_printf(&b, "#/components/%s/%.*s", kind, STR_FMT(name));
	json_object_begin(j);
	json_key_raw(j, JSON_KEY("$ref"));
	json_str(j, buf_str(&b));
	json_object_end(j);
	buf_free(&b);
}

static void number(struct json *j, const char *key, int64_t v)
{
	json_key(j, str_of(key));
	json_int(j, v);
}

static void type(struct json *j, const char *name, bool nullable)
{
	json_key_raw(j, JSON_KEY("type"));
	if (!nullable) {
		json_str(j, str_of(name));
		return;
	}
	json_array_begin(j);
	json_str(j, str_of(name));
	json_str(j, STR("null"));
	json_array_end(j);
}

/* ---- single values ---- */

static void bounds(struct json *j, const struct field *f, const char *low, const char *high)
{
	if (f->min == 0 && f->max == 0)
		return;
	if (f->min != 0 || f->type == FIELD_INT)
		number(j, low, f->min);
	if (f->max >= f->min && f->max <= EXACT_MAX)
		number(j, high, f->max);
}

static void text_rules(struct json *j, const struct field *f)
{
	if (f->flags & FIELD_REPEATED) {
		number(j, "minLength", 1);
		number(j, "maxLength", FIELD_ITEM_MAX);
	} else if (!(f->flags & FIELD_BYTES)) {
		bounds(j, f, "minLength", "maxLength");
	} else if (f->max >= f->min) {
		/* So many bytes are at most as many characters, and at least a quarter. */
		number(j, "minLength", (f->min + 3) / 4);
		number(j, "maxLength", f->max);
	}
	if (f->pattern)
		openapi_text(j, "pattern", f->pattern);
	else if (f->flags & FIELD_NOT_BLANK && f->flags & FIELD_SINGLE_LINE)
		openapi_text(
			j, "pattern",
			"^[^\\u0000-\\u001F\\u007F]*[^\\s\\u0000-\\u001F\\u007F][^\\u0000-\\u001F\\u007F]*$");
	else if (f->flags & FIELD_NOT_BLANK)
		openapi_text(j, "pattern", "\\S");
	else if (f->flags & FIELD_SINGLE_LINE)
		openapi_text(j, "pattern", "^[^\\u0000-\\u001F\\u007F]*$");
}

static void alternatives(struct json *j, const struct field *f)
{
	bool sort = f->type == FIELD_SORT;

	json_key_raw(j, JSON_KEY("enum"));
	json_array_begin(j);
	for (size_t i = 0; i < f->names->n; i++) {
		struct buf b = { 0 };

		json_str(j, str_of(f->names->v[i]));
		if (!sort)
			continue;
		buf_printf(&b, "-%s", f->names->v[i]);
		json_str(j, buf_str(&b));
		buf_free(&b);
	}
	if (f->flags & FIELD_NULLABLE && !(f->flags & FIELD_REPEATED))
		json_null(j);
	json_array_end(j);
}

static void field_names(struct json *j, const struct representation *r)
{
	json_key_raw(j, JSON_KEY("enum"));
	json_array_begin(j);
	for (size_t i = 0; i < r->field_count; i++)
		json_str(j, str_of(r->fields[i].name));
	for (size_t i = 0; i < r->member_count; i++)
		json_str(j, str_of(r->members[i].name));
	json_array_end(j);
}

static void id_or_name(struct json *j, const struct field *f)
{
	json_key_raw(j, JSON_KEY("anyOf"));
	json_array_begin(j);
	json_object_begin(j);
	type(j, "string", false);
	alternatives(j, f);
	json_object_end(j);
	json_object_begin(j);
	type(j, "string", false);
	openapi_text(j, "format", "uuid");
	json_object_end(j);
	json_array_end(j);
}

static const char *type_name(enum field_type t)
{
	return t == FIELD_INT ? "integer" : t == FIELD_BOOL ? "boolean" : "string";
}

static const char *format_name(enum field_type t)
{
	switch (t) {
	case FIELD_UUID:
		return "uuid";
	case FIELD_INT:
		return "int64";
	case FIELD_DATE:
		return "date";
	case FIELD_TIMESTAMP:
		return "date-time";
	case FIELD_EMAIL:
		return "email";
	default:
		return NULL;
	}
}

static void shape_members(struct json *j, const struct shape *s);

/* The keywords of one value, or of one item. */
static void value_keywords(struct json *j, const struct field *f, const struct representation *names)
{
	bool nullable = f->flags & FIELD_NULLABLE && !(f->flags & FIELD_REPEATED);

	if (f->type == FIELD_ID_OR_NAME) {
		id_or_name(j, f);
		return;
	}
	if (f->type == FIELD_OBJECT) {
		type(j, "object", false);
		shape_members(j, f->shape);
		return;
	}
	type(j, type_name(f->type), nullable);
	openapi_text(j, "format", format_name(f->type));
	if (names)
		field_names(j, names);
	else if (f->type == FIELD_ENUM || f->type == FIELD_SORT)
		alternatives(j, f);
	else if (f->type == FIELD_TEXT)
		text_rules(j, f);
	else if (f->type == FIELD_INT && !(f->flags & FIELD_REPEATED))
		bounds(j, f, "minimum", "maximum");
}

void openapi_field_schema(struct json *j, const struct field *f, const struct representation *names)
{
	json_object_begin(j);
	openapi_text(j, "description", f->doc);
	if (f->flags & FIELD_REPEATED) {
		type(j, "array", f->flags & FIELD_NULLABLE);
		bounds(j, f, "minItems", "maxItems");
		json_key_raw(j, JSON_KEY("items"));
		json_object_begin(j);
		value_keywords(j, f, names);
		json_object_end(j);
	} else {
		value_keywords(j, f, names);
	}
	if (f->example) {
		json_key_raw(j, JSON_KEY("examples"));
		json_array_begin(j);
		openapi_field_example(j, f);
		json_array_end(j);
	}
	json_object_end(j);
}

void openapi_field_example(struct json *j, const struct field *f)
{
	struct str rest = str_of(f->example);
	int64_t v;

	if (f->flags & FIELD_REPEATED) {
		json_array_begin(j);
		while (rest.p)
			json_str(j, str_cut(&rest, ','));
		json_array_end(j);
	} else if (f->type == FIELD_INT && str_to_i64(rest, &v)) {
		json_int(j, v);
	} else if (f->type == FIELD_BOOL) {
		json_bool(j, str_eq_z(rest, "true"));
	} else {
		json_str(j, rest);
	}
}

/* ---- objects ---- */

static void begin(struct json *j, struct str name, const char *doc)
{
	json_key(j, name);
	json_object_begin(j);
	type(j, "object", false);
	openapi_text(j, "description", doc);
}

static void begin_list(struct json *j, const char *key)
{
	json_key(j, str_of(key));
	json_array_begin(j);
}

static void required_names(struct json *j, const struct shape *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->count; i++) {
		if (!(s->fields[i].flags & FIELD_REQUIRED))
			continue;
		if (n++ == 0)
			begin_list(j, "required");
		json_str(j, str_of(s->fields[i].name));
	}
	if (n)
		json_array_end(j);
}

/* What is in an object, without its braces. */
static void shape_members(struct json *j, const struct shape *s)
{
	required_names(j, s);
	json_key_raw(j, JSON_KEY("properties"));
	json_object_begin(j);
	for (size_t i = 0; i < s->count; i++) {
		json_key(j, str_of(s->fields[i].name));
		openapi_field_schema(j, &s->fields[i], NULL);
	}
	json_object_end(j);
	json_key_raw(j, JSON_KEY("additionalProperties"));
	json_bool(j, false);
}

void openapi_shape(struct json *j, const struct shape *s)
{
	begin(j, str_of(s->name), s->doc);
	shape_members(j, s);
	json_object_end(j);
}

static void member_schema(struct json *j, const struct member *m)
{
	json_object_begin(j);
	openapi_text(j, "description", m->doc);
	if (m->flags & FIELD_REPEATED) {
		type(j, "array", m->flags & FIELD_NULLABLE);
		json_key_raw(j, JSON_KEY("items"));
		if (m->shape)
			openapi_reference(j, "schemas", str_of(m->shape));
		else
			json_bool(j, true);
	} else if (m->shape && m->flags & FIELD_NULLABLE) {
		begin_list(j, "anyOf");
		openapi_reference(j, "schemas", str_of(m->shape));
		json_object_begin(j);
		type(j, "null", false);
		json_object_end(j);
		json_array_end(j);
	} else if (m->shape) {
		begin_list(j, "allOf");
		openapi_reference(j, "schemas", str_of(m->shape));
		json_array_end(j);
	}
	json_object_end(j);
}

static void properties(struct json *j, const struct representation *r)
{
	json_key_raw(j, JSON_KEY("properties"));
	json_object_begin(j);
	for (size_t i = 0; i < r->field_count; i++) {
		json_key(j, str_of(r->fields[i].name));
		openapi_field_schema(j, &r->fields[i], NULL);
	}
	for (size_t i = 0; i < r->member_count; i++) {
		json_key(j, str_of(r->members[i].name));
		member_schema(j, &r->members[i]);
	}
	json_object_end(j);
}

void openapi_representation(struct json *j, const struct representation *r)
{
	begin(j, str_of(r->name), r->doc);
	begin_list(j, "required");
	for (size_t i = 0; i < r->field_count; i++) {
		if (!(r->fields[i].flags & MEMBER_OPTIONAL))
			json_str(j, str_of(r->fields[i].name));
	}
	for (size_t i = 0; i < r->member_count; i++) {
		if (!(r->members[i].flags & MEMBER_OPTIONAL))
			json_str(j, str_of(r->members[i].name));
	}
	json_array_end(j);
	properties(j, r);
	json_object_end(j);
}

static void partial_name(struct buf *out, const struct representation *r)
{
	buf_printf(out, "Partial%s", r->name);
}

void openapi_partial(struct json *j, const struct representation *r)
{
	struct buf name = { 0 };

	partial_name(&name, r);
	begin(j, buf_str(&name), "Those of its fields that the parameter `fields` names.");
	properties(j, r);
	json_object_end(j);
	buf_free(&name);
}

/* The whole representation, or what `fields` makes of it. */
static void whole_or_partial(struct json *j, const struct representation *r)
{
	struct buf name = { 0 };

	partial_name(&name, r);
	json_object_begin(j);
	begin_list(j, "anyOf");
	openapi_reference(j, "schemas", str_of(r->name));
	openapi_reference(j, "schemas", buf_str(&name));
	json_array_end(j);
	json_object_end(j);
	buf_free(&name);
}

void openapi_list(struct json *j, struct str name, const struct representation *item)
{
	begin(j, name, "A page of a list.");
	begin_list(j, "required");
	json_str(j, STR("items"));
	json_str(j, STR("meta"));
	json_array_end(j);
	json_key_raw(j, JSON_KEY("properties"));
	json_object_begin(j);
	json_key_raw(j, JSON_KEY("items"));
	json_object_begin(j);
	type(j, "array", false);
	json_key_raw(j, JSON_KEY("items"));
	whole_or_partial(j, item);
	json_object_end(j);
	json_key_raw(j, JSON_KEY("meta"));
	openapi_reference(j, "schemas", STR("ListMeta"));
	json_object_end(j);
	json_object_end(j);
}

void openapi_answer_schema(struct json *j, struct str name, bool sparse)
{
	const struct representation *r = representation_find(name);

	if (sparse && r)
		whole_or_partial(j, r);
	else
		openapi_reference(j, "schemas", name);
}
