/* Why a request fails, as its handler says it. */
#include "http/exchange.h"

#include <stdarg.h>
#include <stdio.h>

void exchange_fail(struct exchange *x, enum err err)
{
	if (!x->problem.err)
		x->problem.err = err;
}

void exchange_fail_detail(struct exchange *x, enum err err, const char *format, ...)
{
	va_list args, again;
	char *text;
	int n;

	if (x->problem.err)
		return;
	x->problem.err = err;
	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	if (n > 0) {
		text = arena_alloc(&x->arena, (size_t)n + 1);
		vsnprintf(text, (size_t)n + 1, format, again);
		x->problem.detail = (struct str){ text, (size_t)n };
	}
	va_end(again);
	va_end(args);
}

void exchange_fail_field(struct exchange *x, const char *field, const char *code, const char *detail)
{
	exchange_fail(x, ERR_VALIDATION);
	field_error_add(&x->problem.fields, str_of(field), code, str_of(detail));
}
