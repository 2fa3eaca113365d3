#include "json/read.h"

#include "base/mem.h"

#include <yyjson.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FEW            16 /* names that are compared each with each */
#define SHOWN_NAME_MAX 64 /* bytes of a client's name that an error repeats */

static struct str text_of(yyjson_val *v)
{
	return (struct str){ yyjson_get_str(v), yyjson_get_len(v) };
}

static const char *kind_of(yyjson_val *v)
{
	switch (yyjson_get_type(v)) {
	case YYJSON_TYPE_NULL:
		return "null";
	case YYJSON_TYPE_BOOL:
		return "true or false";
	case YYJSON_TYPE_STR:
		return "a string";
	case YYJSON_TYPE_ARR:
		return "an array";
	case YYJSON_TYPE_OBJ:
		return "an object";
	default:
		return "a number";
	}
}

/* ---- from bytes to a tree ----------------------------------------------------------------------------- */

/* The tree is memory of the heap, so that running out of it ends the process as everywhere (base/mem.h). */
static void *tree_alloc(void *context, size_t n)
{
	(void)context;
	return mem_alloc(n);
}

static void *tree_realloc(void *context, void *p, size_t old, size_t n)
{
	(void)context;
	(void)old;
	return mem_realloc(p, n);
}

static void tree_free(void *context, void *p)
{
	(void)context;
	free(p);
}

static void release(void *doc)
{
	yyjson_doc_free(doc);
}

/* "Line 3, column 14: unexpected character", columns counted in characters. */
static struct str located(struct arena *a, struct str body, const yyjson_read_err *err)
{
	size_t end = err->pos < body.n ? err->pos : body.n;
	size_t line = 1, column = 1;

	for (size_t i = 0; i < end; i++) {
		column += ((unsigned char)body.p[i] & 0xc0) != 0x80;
		if (body.p[i] == '\n') {
			line++;
			column = 1;
		}
	}
	return arena_printf(a, "Line %zu, column %zu: %s", line, column, err->msg);
}

/* The root of the body's tree, which lives as long as the arena. NULL: malformed, and *detail says where. */
static yyjson_val *parse(struct str body, struct arena *a, struct str *detail)
{
	const yyjson_alc heap = { tree_alloc, tree_realloc, tree_free, NULL };
	yyjson_read_err err = { .code = YYJSON_READ_ERROR_EMPTY_CONTENT };
	yyjson_doc *doc = NULL;

	/* Without YYJSON_READ_INSITU the bytes are only read. */
	if (body.n)
		doc = yyjson_read_opts((char *)(uintptr_t)body.p, body.n, YYJSON_READ_BIGNUM_AS_RAW, &heap,
				       &err);
	if (doc) {
		arena_defer(a, release, doc);
		return yyjson_doc_get_root(doc);
	}
	*detail = err.code == YYJSON_READ_ERROR_EMPTY_CONTENT ? STR("The body is empty")
							      : located(a, body, &err);
	return NULL;
}

/* ---- what is well-formed and refused all the same ----------------------------------------------------- */

static int compare_names(const void *left, const void *right)
{
	yyjson_val *const *a = left, *const *b = right;
	size_t n = yyjson_get_len(*a), m = yyjson_get_len(*b);

	if (n != m)
		return n < m ? -1 : 1;
	return memcmp(yyjson_get_str(*a), yyjson_get_str(*b), n);
}

/* A name that is there twice; NULL: none. A client's object may have 100,000, so many are sorted first. */
static yyjson_val *find_twin(yyjson_val **names, size_t n)
{
	size_t reach = n <= FEW ? n : 2;

	if (n > FEW)
		qsort(names, n, sizeof(*names), compare_names);
	for (size_t i = 0; i < n; i++) {
		for (size_t j = i + 1; j < n && j - i < reach; j++) {
			if (compare_names(&names[i], &names[j]) == 0)
				return names[i];
		}
	}
	return NULL;
}

static struct str duplicate_fault(struct arena *a, yyjson_val *object)
{
	yyjson_val *few[FEW];
	size_t n = yyjson_obj_size(object), i = 0;
	yyjson_val **names = n <= FEW ? few : mem_alloc(n * sizeof(yyjson_val *));
	yyjson_obj_iter at = yyjson_obj_iter_with(object);
	yyjson_val *twin;

	while (i < n)
		names[i++] = yyjson_obj_iter_next(&at);
	twin = find_twin(names, n);
	if (names != few)
		free(names);
	if (!twin)
		return STR_NONE;
	return arena_printf(a, "The name \"%.*s\" is there twice in one object",
			    STR_FMT(text_cut(text_of(twin), SHOWN_NAME_MAX)));
}

static struct str string_fault(yyjson_val *string)
{
	if (!memchr(yyjson_get_str(string), '\0', yyjson_get_len(string)))
		return STR_NONE;
	return STR("A string holds \\u0000, which no text may have");
}

static struct str value_fault(struct arena *a, yyjson_val *v, int depth);

static struct str object_fault(struct arena *a, yyjson_val *object, int depth)
{
	yyjson_obj_iter at = yyjson_obj_iter_with(object);
	struct str fault = STR_NONE;
	yyjson_val *name;

	while (!fault.p && (name = yyjson_obj_iter_next(&at))) {
		fault = string_fault(name);
		if (!fault.p)
			fault = value_fault(a, yyjson_obj_iter_get_val(name), depth);
	}
	return fault.p ? fault : duplicate_fault(a, object);
}

static struct str array_fault(struct arena *a, yyjson_val *array, int depth)
{
	yyjson_arr_iter at = yyjson_arr_iter_with(array);
	struct str fault = STR_NONE;
	yyjson_val *item;

	while (!fault.p && (item = yyjson_arr_iter_next(&at)))
		fault = value_fault(a, item, depth);
	return fault;
}

/* What is wrong with the value, which lies `depth` levels deep; absent: nothing. */
static struct str value_fault(struct arena *a, yyjson_val *v, int depth)
{
	if (yyjson_is_str(v))
		return string_fault(v);
	if (!yyjson_is_ctn(v))
		return STR_NONE;
	/* yyjson needs no stack for levels, and this function stops here. */
	if (depth == JSON_DEPTH_MAX)
		return arena_printf(a, "There are more than %d levels of nesting", JSON_DEPTH_MAX);
	return yyjson_is_obj(v) ? object_fault(a, v, depth + 1) : array_fault(a, v, depth + 1);
}

/* ---- from the tree to the struct ---------------------------------------------------------------------- */

static const char *kind_wanted(const struct field *f)
{
	return f->type == FIELD_INT ? "a whole number" : f->type == FIELD_BOOL ? "true or false" : "a string";
}

static bool refuse_type(const struct field *f, const char *wanted, yyjson_val *v, struct field_errors *errors)
{
	const char *kind = yyjson_is_real(v) ? "a number with a fraction or an exponent" : kind_of(v);

	field_error_add(errors, str_of(f->name), "invalid_type",
			arena_printf(errors->arena, "Must be %s, not %s", wanted, kind));
	return false;
}

static bool refuse_null(const struct field *f, struct field_errors *errors)
{
	field_error_add(errors, str_of(f->name), "null_not_allowed", STR("Must not be null"));
	return false;
}

/* Of a number that no C type holds: whether it is written without a fraction and an exponent. */
static bool is_raw_integer(yyjson_val *v)
{
	const char *digits = yyjson_get_raw(v);

	return yyjson_is_raw(v) && strspn(digits, "-0123456789") == yyjson_get_len(v);
}

static bool read_int(const struct field *f, yyjson_val *v, void *out, struct field_errors *errors)
{
	struct str name = str_of(f->name);

	if (yyjson_is_sint(v) || (yyjson_is_uint(v) && yyjson_get_uint(v) <= INT64_MAX))
		return field_check_int(f, yyjson_get_sint(v), name, out, errors);
	/* Too large: as a text it is refused as such. */
	if (yyjson_is_uint(v))
		return field_check_text(f, arena_printf(errors->arena, "%" PRIu64, yyjson_get_uint(v)), name,
					out, errors);
	if (is_raw_integer(v))
		return field_check_text(f, (struct str){ yyjson_get_raw(v), yyjson_get_len(v) }, name, out,
					errors);
	return refuse_type(f, kind_wanted(f), v, errors);
}

/* One value of the field's type; an error is reported under the field's name. */
static bool read_value(const struct field *f, yyjson_val *v, void *out, struct field_errors *errors)
{
	if (yyjson_is_null(v))
		return refuse_null(f, errors);
	if (f->type == FIELD_INT)
		return read_int(f, v, out, errors);
	if (f->type == FIELD_BOOL) {
		*(bool *)out = yyjson_get_bool(v);
		return yyjson_is_bool(v) || refuse_type(f, kind_wanted(f), v, errors);
	}
	return yyjson_is_str(v) ? field_check_text(f, text_of(v), str_of(f->name), out, errors)
				: refuse_type(f, kind_wanted(f), v, errors);
}

static void read_array(const struct field *f, yyjson_val *v, struct field_values *out,
		       struct field_errors *errors)
{
	size_t n = yyjson_arr_size(v), size = field_size(f->type);
	yyjson_arr_iter at;
	char *items;

	if (!yyjson_is_arr(v)) {
		refuse_type(f, "an array", v, errors);
		return;
	}
	if (!field_check_count(f, n, str_of(f->name), errors))
		return;
	items = arena_alloc_array(errors->arena, n, size);
	at = yyjson_arr_iter_with(v);
	for (size_t i = 0; i < n && !field_errors_full(errors); i++) {
		/* Only now, so that the good items cost no path. */
		if (!read_value(f, yyjson_arr_iter_next(&at), items + i * size, errors))
			errors->last->field = arena_printf(errors->arena, "%s[%zu]", f->name, i);
	}
	*out = (struct field_values){ items, n };
}

static void read_members(const struct shape *shape, yyjson_val *object, void *out,
			 struct field_errors *errors);

/* An object within the body; its errors get its name in front. */
static void read_object(const struct field *f, yyjson_val *v, void *out, struct field_errors *errors)
{
	struct field_error *before = errors->last;

	if (!yyjson_is_obj(v)) {
		refuse_type(f, "an object", v, errors);
		return;
	}
	read_members(f->shape, v, out, errors);
	for (struct field_error *e = before ? before->next : errors->first; e; e = e->next)
		e->field = arena_printf(errors->arena, "%s.%.*s", f->name, STR_FMT(e->field));
}

static void read_member(const struct shape *shape, yyjson_val *name, void *out, struct field_errors *errors)
{
	struct field_set *set = (void *)((char *)out + shape->given_offset);
	yyjson_val *v = yyjson_obj_iter_get_val(name);
	int place = shape_find(shape, text_of(name));
	const struct field *f;

	if (place < 0) {
		shape_refuse_unknown(shape, text_of(name), "unknown_field", errors);
		return;
	}
	f = &shape->fields[place];
	set->given |= UINT64_C(1) << place;
	if (yyjson_is_null(v) && f->flags & FIELD_NULLABLE && !(f->flags & FIELD_REQUIRED))
		set->nulls |= UINT64_C(1) << place;
	else if (yyjson_is_null(v))
		refuse_null(f, errors);
	else if (f->type == FIELD_OBJECT)
		read_object(f, v, (char *)out + f->offset, errors);
	else if (f->flags & FIELD_REPEATED)
		read_array(f, v, (void *)((char *)out + f->offset), errors);
	else
		read_value(f, v, (char *)out + f->offset, errors);
}

static void read_members(const struct shape *shape, yyjson_val *object, void *out,
			 struct field_errors *errors)
{
	yyjson_obj_iter at = yyjson_obj_iter_with(object);
	yyjson_val *name;

	while (!field_errors_full(errors) && (name = yyjson_obj_iter_next(&at)))
		read_member(shape, name, out, errors);
	shape_check_required(shape, (void *)((char *)out + shape->given_offset), errors);
}

enum err json_read(struct str body, const struct shape *shape, void *out, struct field_errors *errors,
		   struct str *detail)
{
	size_t errors_before = errors->count;
	yyjson_val *root = parse(body, errors->arena, detail);

	memset(out, 0, shape->size);
	if (!root)
		return ERR_BAD_JSON;
	*detail = value_fault(errors->arena, root, 0);
	if (!detail->p && !yyjson_is_obj(root))
		*detail = arena_printf(errors->arena, "A JSON object is expected, not %s", kind_of(root));
	if (detail->p)
		return ERR_BAD_JSON;

	read_members(shape, root, out, errors);
	return errors->count > errors_before ? ERR_VALIDATION : ERR_NONE;
}
