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

bool ref_uuid(struct exchange *x, size_t n, struct uuid *out)
{
	if (uuid_parse(x->params[n], out))
		return true;
	exchange_fail(x, ERR_NOT_FOUND);
	return false;
}
