/* Why a request fails, as its handler says it. */
#include "http/exchange.h"

#include <stdarg.h>

void exchange_fail(struct exchange *x, enum err err)
{
	if (!x->problem.err)
		x->problem.err = err;
}

void exchange_fail_detail(struct exchange *x, enum err err, const char *format, ...)
{
	struct str detail;
	va_list args;

	if (x->problem.err)
		return;
	x->problem.err = err;
	va_start(args, format);
	detail = arena_vprintf(&x->arena, format, args);
	va_end(args);
	x->problem.detail = detail.n ? detail : STR_NONE;
}

void exchange_fail_field(struct exchange *x, const char *field, const char *code, const char *detail)
{
	exchange_fail(x, ERR_VALIDATION);
	field_error_add(&x->problem.fields, str_of(field), code, str_of(detail));
}
