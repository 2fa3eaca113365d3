#include "domain/role.h"

const char *const role_names[ROLE_COUNT] = {
	[ROLE_REPORTER] = "reporter",
	[ROLE_DEVELOPER] = "developer",
	[ROLE_MANAGER] = "manager",
	[ROLE_ADMIN] = "admin",
};

static const struct {
	const char *name;
	enum role lowest;
	enum permission_place place;
	enum scope scope;
	const char *doc;
} permissions[PERM_COUNT] = {
#define PERMISSION_ROW(permission, id, role, place, scope, text)                                             \
	[permission] = { (id), (role), (place), (scope), (text) },
	PERMISSION_TABLE(PERMISSION_ROW)
#undef PERMISSION_ROW
};

bool role_parse(struct str s, enum role *out)
{
	for (unsigned i = 0; i < ROLE_COUNT; i++) {
		if (str_eq_z(s, role_names[i])) {
			*out = (enum role)i;
			return true;
		}
	}
	return false;
}

bool role_may(enum role role, enum permission permission)
{
	return permission < PERM_COUNT && role >= permissions[permission].lowest;
}

const char *permission_name(enum permission permission)
{
	return permissions[permission].name;
}

enum role permission_lowest(enum permission permission)
{
	return permissions[permission].lowest;
}

enum permission_place permission_place(enum permission permission)
{
	return permissions[permission].place;
}

enum scope permission_scope(enum permission permission)
{
	return permissions[permission].scope;
}

const char *permission_doc(enum permission permission)
{
	return permissions[permission].doc;
}
