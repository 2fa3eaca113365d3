#include "api/ref.h"

bool ref_issue(struct exchange *x, struct ref *out)
{
	if (ref_parse_issue(x->params[0], out))
		return true;
	exchange_fail(x, ERR_NOT_FOUND);
	return false;
}

bool ref_project(struct exchange *x, struct ref *out)
{
	if (ref_parse_project(x->params[0], out))
		return true;
	exchange_fail(x, ERR_NOT_FOUND);
	return false;
}
