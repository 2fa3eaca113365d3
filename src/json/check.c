#include "json/schema.h"

#include "base/clock.h"
#include "domain/email.h"
#include "domain/issue.h"
#include "json/suggest.h"

#include <inttypes.h>

/* One value on its way into a field. */
struct check {
	const struct field *field;
	struct str path;
	struct field_errors *errors;
};

static bool refuse(const struct check *c, const char *code, struct str detail)
{
	field_error_add(c->errors, c->path, code, detail);
	return false;
}

static bool refuse_format(const struct check *c, const char *what, const char *example)
{
	if (c->field->example)
		example = c->field->example;
	return refuse(c, "invalid_format",
		      arena_printf(c->errors->arena, "Must be %s such as %s", what, example));
}

struct bounds {
	bool low, high;
	int64_t min, max;
};

static struct bounds bounds_of(const struct field *f)
{
	bool any = f->min != 0 || f->max != 0;

	bool high = any && f->max >= f->min && f->max != INT64_MAX;

	return (struct bounds){ .low = any, .high = high, .min = f->min, .max = f->max };
}

/* "Must have 1 to 255 characters", "Must be at least 0": the verb, the bounds and what they count. */
static struct str bounds_text(struct arena *a, const char *verb, struct bounds b, const char *unit)
{
	if (b.low && b.high && b.min == b.max)
		return arena_printf(a, "Must %s exactly %" PRId64 "%s", verb, b.min, unit);
	if (b.low && b.high)
		return arena_printf(a, "Must %s %" PRId64 " to %" PRId64 "%s", verb, b.min, b.max, unit);
	if (b.high)
		return arena_printf(a, "Must %s at most %" PRId64 "%s", verb, b.max, unit);
	return arena_printf(a, "Must %s at least %" PRId64 "%s", verb, b.min, unit);
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	}
	return false;
}

static bool check_text(const struct check *c, struct str v, struct str *out)
{
	const struct field *f = c->field;
	struct bounds b = bounds_of(f);
	int64_t n = (int64_t)(f->flags & FIELD_BYTES ? v.n : text_length(v));
	const char *unit = f->flags & FIELD_BYTES ? " bytes" : " characters";

	if (f->flags & FIELD_REPEATED)
		b = (struct bounds){ .low = true, .high = true, .min = 1, .max = FIELD_ITEM_MAX };
	if (f->flags & FIELD_SINGLE_LINE && has_control(v))
		return refuse(c, "invalid_character", STR("Must be one line without control characters"));
	if (f->flags & FIELD_NOT_BLANK && text_blank(v))
		return refuse(c, "blank", STR("Must have a character that is not white space"));
	/* "At least 0 characters" is not worth saying. */
	b.low = b.low && b.min > 0;
	/* What has a fixed length has a form, too. */
	if (f->example && b.low && b.high && b.min == b.max)
		unit = arena_printf(c->errors->arena, "%s, such as %s", unit, f->example).p;
	if (b.low && n < b.min)
		return refuse(c, "too_short", bounds_text(c->errors->arena, "have", b, unit));
	if (b.high && n > b.max)
		return refuse(c, "too_long", bounds_text(c->errors->arena, "have", b, unit));
	*out = v;
	return true;
}

static struct str allowed_text(const struct check *c, struct str v)
{
	const struct enum_names *names = c->field->names;
	struct suggestion s = suggest_for(v);
	struct str text = STR("Must be ");

	for (size_t i = 0; i < names->n; i++) {
		const char *before = i == 0 ? "" : i + 1 == names->n ? " or " : ", ";

		suggest_consider(&s, names->v[i]);
		text = arena_printf(c->errors->arena, "%.*s%s%s", STR_FMT(text), before, names->v[i]);
	}
	if (s.best)
		text = arena_printf(c->errors->arena, "%.*s; did you mean \"%s\"?", STR_FMT(text), s.best);
	return text;
}

static bool is_name(const struct check *c, struct str v, struct str *out)
{
	const struct enum_names *names = c->field->names;

	for (size_t i = 0; i < names->n; i++) {
		if (str_eq_z(v, names->v[i])) {
			*out = str_of(names->v[i]);
			return true;
		}
	}
	return false;
}

static bool check_enum(const struct check *c, struct str v, struct str *out)
{
	return is_name(c, v, out) || refuse(c, "invalid_value", allowed_text(c, v));
}

static bool check_sort(const struct check *c, struct str v, struct str *out)
{
	struct str name = str_starts(v, STR("-")) ? (struct str){ v.p + 1, v.n - 1 } : v;

	if (!is_name(c, name, out))
		return refuse(c, "invalid_value", allowed_text(c, name));
	*out = v;
	return true;
}

static bool check_id_or_name(const struct check *c, struct str v, struct str *out)
{
	struct uuid id;

	if (is_name(c, v, out))
		return true;
	if (!uuid_parse(v, &id))
		return refuse(c, "invalid_format",
			      arena_printf(c->errors->arena, "%.*s, or a UUID", STR_FMT(allowed_text(c, v))));
	*out = v;
	return true;
}

static struct bounds int_bounds(const struct field *f)
{
	return f->flags & FIELD_REPEATED ? (struct bounds){ 0 } : bounds_of(f);
}

static bool refuse_range(const struct check *c)
{
	struct bounds b = int_bounds(c->field);
	struct str detail = STR("Must fit into 64 bits");

	if (b.low)
		detail = bounds_text(c->errors->arena, "be", b, "");
	return refuse(c, "out_of_range", detail);
}

static bool check_int(const struct check *c, int64_t v, int64_t *out)
{
	struct bounds b = int_bounds(c->field);

	if ((b.low && v < b.min) || (b.high && v > b.max))
		return refuse_range(c);
	*out = v;
	return true;
}

static bool is_whole_number(struct str s)
{
	size_t i = s.n && s.p[0] == '-' ? 1 : 0;

	if (i == s.n)
		return false;
	for (; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	}
	return true;
}

static bool check_int_text(const struct check *c, struct str v, int64_t *out)
{
	int64_t number;

	if (str_to_i64(v, &number))
		return check_int(c, number, out);
	if (is_whole_number(v))
		return refuse_range(c);
	return refuse_format(c, "a whole number", "12");
}

static bool check_bool(const struct check *c, struct str v, bool *out)
{
	*out = str_eq_z(v, "true");
	return *out || str_eq_z(v, "false") || refuse(c, "invalid_value", STR("Must be true or false"));
}

static bool check_email(const struct check *c, struct str v, struct str *out)
{
	char *lower;

	if (!email_valid(v))
		return refuse_format(c, "an e-mail address", "user@example.org");
	lower = arena_alloc(c->errors->arena, v.n);
	email_normalise(v, lower);
	*out = (struct str){ lower, v.n };
	return true;
}

static bool check_ref(const struct check *c, struct str v, struct str *out)
{
	struct ref ref;

	if (!ref_parse_issue(v, &ref) && !ref_parse_project(v, &ref))
		return refuse_format(c, "a UUID, or a key", "WEB-12");
	*out = v;
	return true;
}

bool field_check_text(const struct field *f, struct str value, struct str path, void *out,
		      struct field_errors *errors)
{
	struct check c = { .field = f, .path = path, .errors = errors };

	if (!value.p)
		value = STR("");
	if (!text_valid(value))
		return refuse(&c, "invalid_character", STR("Must be UTF-8 text without NUL"));
	switch (f->type) {
	case FIELD_TEXT:
		return check_text(&c, value, out);
	case FIELD_ENUM:
		return check_enum(&c, value, out);
	case FIELD_UUID:
		return uuid_parse(value, out) ||
		       refuse_format(&c, "a UUID", "01932c07-20e6-7d32-9f4b-6a1c03e58b70");
	case FIELD_INT:
		return check_int_text(&c, value, out);
	case FIELD_BOOL:
		return check_bool(&c, value, out);
	case FIELD_DATE:
		return clock_parse_date(value, out) ||
		       refuse_format(&c, "a date of the calendar", "2026-11-20");
	case FIELD_TIMESTAMP:
		return clock_parse_timestamp(value, out) ||
		       refuse_format(&c, "a time with offset (RFC 3339)", "2026-11-20T10:10:10Z");
	case FIELD_EMAIL:
		return check_email(&c, value, out);
	case FIELD_REF:
		return check_ref(&c, value, out);
	case FIELD_ID_OR_NAME:
		return check_id_or_name(&c, value, out);
	case FIELD_SORT:
		return check_sort(&c, value, out);
	case FIELD_OBJECT: /* no text is one */
		break;
	}
	return false;
}

bool field_check_int(const struct field *f, int64_t value, struct str path, void *out,
		     struct field_errors *errors)
{
	struct check c = { .field = f, .path = path, .errors = errors };

	return check_int(&c, value, out);
}

bool field_check_count(const struct field *f, size_t n, struct str path, struct field_errors *errors)
{
	struct check c = { .field = f, .path = path, .errors = errors };
	struct bounds b = bounds_of(f);

	if (b.low && n < (size_t)b.min)
		return refuse(&c, "too_few", bounds_text(errors->arena, "have", b, " items"));
	if (b.high && n > (size_t)b.max)
		return refuse(&c, "too_many", bounds_text(errors->arena, "have", b, " items"));
	return true;
}
