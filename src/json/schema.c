#include "json/schema.h"

#include "json/suggest.h"

#define SHOWN_NAME_MAX 64

void field_error_add(struct field_errors *errors, struct str field, const char *code, struct str detail)
{
	struct field_error *e;

	if (field_errors_full(errors))
		return;
	e = arena_new(errors->arena, struct field_error);
	*e = (struct field_error){ .field = field, .code = code, .detail = detail };
	if (errors->last)
		errors->last->next = e;
	else
		errors->first = e;
	errors->last = e;
	errors->count++;
}

bool field_errors_full(const struct field_errors *errors)
{
	return errors->count >= FIELD_ERRORS_MAX;
}

int shape_find(const struct shape *s, struct str name)
{
	for (size_t i = 0; i < s->count; i++) {
		if (str_eq_z(name, s->fields[i].name))
			return (int)i;
	}
	return -1;
}

void shape_refuse_unknown(const struct shape *s, struct str name, const char *code,
			  struct field_errors *errors)
{
	struct suggestion suggestion = suggest_for(name);
	struct str detail = STR("This name is not known");

	if (field_errors_full(errors))
		return;
	for (size_t i = 0; s && i < s->count; i++)
		suggest_consider(&suggestion, s->fields[i].name);
	if (suggestion.best)
		detail = arena_printf(errors->arena, "This name is not known; did you mean \"%s\"?",
				      suggestion.best);
	field_error_add(errors, text_cut(name, SHOWN_NAME_MAX), code, detail);
}

bool field_given(const struct field_set *set, int place)
{
	return place >= 0 && (set->given >> place & 1);
}

bool field_null(const struct field_set *set, int place)
{
	return place >= 0 && (set->nulls >> place & 1);
}

void shape_check_required(const struct shape *s, const struct field_set *set, struct field_errors *errors)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct field *f = &s->fields[i];

		if (f->flags & FIELD_REQUIRED && !field_given(set, (int)i))
			field_error_add(errors, str_of(f->name), "required", STR("Must be given"));
	}
}

size_t field_size(enum field_type type)
{
	switch (type) {
	case FIELD_TEXT:
	case FIELD_ENUM:
	case FIELD_EMAIL:
	case FIELD_REF:
	case FIELD_ID_OR_NAME:
	case FIELD_SORT:
		return sizeof(struct str);
	case FIELD_UUID:
		return sizeof(struct uuid);
	case FIELD_INT:
	case FIELD_TIMESTAMP:
		return sizeof(int64_t);
	case FIELD_BOOL:
		return sizeof(bool);
	case FIELD_DATE:
		return sizeof(int32_t);
	case FIELD_OBJECT: /* that of its shape, and never one of several */
		break;
	}
	return 0;
}
