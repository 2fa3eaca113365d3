#include "http/query.h"

#include "base/arena.h"
#include "base/ascii.h"

#include <string.h>

static bool needs_decoding(struct str s, bool form)
{
	return s.n && (memchr(s.p, '%', s.n) || (form && memchr(s.p, '+', s.n)));
}

bool percent_decode(struct arena *a, struct str s, bool form, struct str *out)
{
	char *to;
	size_t n = 0;

	*out = s;
	if (!needs_decoding(s, form))
		return text_valid(s);
	to = arena_alloc(a, s.n);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '%') {
			int high = s.n - i > 2 ? ascii_hex(s.p[i + 1]) : -1;
			int low = high >= 0 ? ascii_hex(s.p[i + 2]) : -1;

			if (low < 0)
				return false;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && form) {
			c = ' ';
		}
		to[n++] = c;
	}
	*out = (struct str){ to, n };
	return text_valid(*out);
}

static bool is_unreserved(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
	       c == '.' || c == '_' || c == '~';
}

void percent_encode(struct buf *out, struct str s)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (is_unreserved(s.p[i])) {
			buf_add_char(out, s.p[i]);
		} else {
			buf_add_char(out, '%');
			buf_add_char(out, digits[c >> 4]);
			buf_add_char(out, digits[c & 15]);
		}
	}
}

/* ---- reading into a shape ---- */

/* One read of a query string. */
struct reading {
	const struct shape *shape;
	char *out;
	struct field_set *given;
	struct field_errors *errors;
	size_t room[64]; /* of each repeated field's values */
};

/* Room for one value more behind those of a repeated field; it counts once it is checked. */
static void *next_value(struct reading *r, int place)
{
	const struct field *f = &r->shape->fields[place];
	struct field_values *values = (struct field_values *)(void *)(r->out + f->offset);
	size_t size = field_size(f->type);

	if (values->n == r->room[place]) {
		size_t room = values->n ? values->n * 2 : 4;
		void *larger = arena_alloc_array(r->errors->arena, room, size);

		if (values->n)
			memcpy(larger, values->v, values->n * size);
		values->v = larger;
		r->room[place] = room;
	}
	return (char *)(uintptr_t)values->v + values->n * size;
}

/* A value as it stands in the query, still encoded. False: it is malformed. */
static bool read_item(struct reading *r, int place, struct str raw)
{
	const struct field *f = &r->shape->fields[place];
	struct str value;

	if (!percent_decode(r->errors->arena, raw, true, &value))
		return false;
	if (field_check_text(f, value, str_of(f->name), next_value(r, place), r->errors))
		((struct field_values *)(void *)(r->out + f->offset))->n++;
	return true;
}

static bool read_list(struct reading *r, int place, struct str raw)
{
	if (r->shape->fields[place].flags & FIELD_WHOLE)
		return read_item(r, place, raw);
	while (raw.p) {
		if (!read_item(r, place, str_cut(&raw, ',')))
			return false;
	}
	return true;
}

static bool read_value(struct reading *r, int place, struct str raw)
{
	const struct field *f = &r->shape->fields[place];
	struct str value;

	if (f->flags & FIELD_REPEATED) {
		r->given->given |= UINT64_C(1) << place;
		return read_list(r, place, raw);
	}
	if (!percent_decode(r->errors->arena, raw, true, &value))
		return false;
	if (field_given(r->given, place)) {
		field_error_add(r->errors, str_of(f->name), "repeated_parameter",
				STR("Must be given once only"));
		return true;
	}
	r->given->given |= UINT64_C(1) << place;
	field_check_text(f, value, str_of(f->name), r->out + f->offset, r->errors);
	return true;
}

static bool read_param(struct reading *r, struct str param)
{
	struct str raw_name = str_cut(&param, '='), name;
	struct str raw_value = param.p ? param : STR("");
	int place;

	if (!percent_decode(r->errors->arena, raw_name, true, &name))
		return false;
	place = r->shape ? shape_find(r->shape, name) : -1;
	if (place >= 0)
		return read_value(r, place, raw_value);
	shape_refuse_unknown(r->shape, name, "unknown_parameter", r->errors);
	return true;
}

static void check_counts(const struct reading *r)
{
	for (size_t i = 0; i < r->shape->count; i++) {
		const struct field *f = &r->shape->fields[i];
		const struct field_values *values = (const struct field_values *)(void *)(r->out + f->offset);

		if (f->flags & FIELD_REPEATED && field_given(r->given, (int)i))
			field_check_count(f, values->n, str_of(f->name), r->errors);
	}
}

enum err query_read(struct str query, const struct shape *shape, void *out, struct field_errors *errors)
{
	struct reading r = { .shape = shape, .out = out, .errors = errors };
	size_t before = errors->count, params = 0;

	if (shape) {
		memset(out, 0, shape->size);
		r.given = (struct field_set *)(void *)(r.out + shape->given_offset);
	}
	while (query.p) {
		struct str param = str_cut(&query, '&');

		if (param.n == 0)
			continue;
		if (++params > QUERY_PARAMS_MAX || !read_param(&r, param))
			return ERR_BAD_QUERY;
	}
	if (shape) {
		if (errors->count == before)
			check_counts(&r);
		shape_check_required(shape, r.given, errors);
	}
	return errors->count == before ? ERR_NONE : ERR_VALIDATION;
}

const char *query_merge(const struct shape *shape, void *query, const void *more)
{
	struct field_set *given = (struct field_set *)(void *)((char *)query + shape->given_offset);
	const struct field_set *added =
		(const struct field_set *)(const void *)((const char *)more + shape->given_offset);
	const char *both = NULL;

	for (size_t i = 0; i < shape->count; i++) {
		const struct field *f = &shape->fields[i];

		if (!field_given(added, (int)i))
			continue;
		if (field_given(given, (int)i)) {
			both = f->name;
			continue;
		}
		memcpy((char *)query + f->offset, (const char *)more + f->offset,
		       f->flags & FIELD_REPEATED ? sizeof(struct field_values) : field_size(f->type));
		given->given |= UINT64_C(1) << i;
	}
	return both;
}
