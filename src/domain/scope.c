#include "domain/scope.h"

const char *const scope_names[SCOPE_COUNT] = {
#define SCOPE_NAME(scope, id, includes, text) [scope] = (id),
	SCOPE_TABLE(SCOPE_NAME)
#undef SCOPE_NAME
};

static const struct {
	unsigned includes;
	const char *doc;
} scopes[SCOPE_COUNT] = {
#define SCOPE_ROW(scope, id, includes, text) [scope] = { (includes), (text) },
	SCOPE_TABLE(SCOPE_ROW)
#undef SCOPE_ROW
};

const char *scope_doc(enum scope scope)
{
	return scopes[scope].doc;
}

bool scope_parse(struct str s, enum scope *out)
{
	for (unsigned i = 0; i < SCOPE_COUNT; i++) {
		if (str_eq_z(s, scope_names[i])) {
			*out = (enum scope)i;
			return true;
		}
	}
	return false;
}

unsigned scope_set_parse(struct str list)
{
	unsigned set = 0;
	enum scope scope;

	while (list.p) {
		if (scope_parse(str_cut(&list, ' '), &scope))
			set |= SCOPE_BIT(scope) | scopes[scope].includes;
	}
	return set;
}

bool scope_set_has(unsigned set, enum scope wanted)
{
	return wanted == SCOPE_ANY || (wanted < SCOPE_COUNT && (set & SCOPE_BIT(wanted)));
}
