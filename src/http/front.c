#include "http/front.h"

#include <string.h>

static bool is_unreserved(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
	       c == '.' || c == '_' || c == '~';
}

static bool is_segment(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!is_unreserved(s.p[i]))
			return false;
	}
	return s.n && !str_eq_z(s, ".") && !str_eq_z(s, "..");
}

bool front_base_path_valid(struct str path)
{
	if (path.n == 0)
		return true;
	if (str_cut(&path, '/').n)
		return false;
	do {
		if (!is_segment(str_cut(&path, '/')))
			return false;
	} while (path.p);
	return true;
}

bool front_cut_base_path(const struct front *f, struct str *path)
{
	size_t n = f->base_path.n;

	if (n == 0)
		return true;
	if (!str_starts(*path, f->base_path) || (path->n > n && path->p[n] != '/'))
		return false;
	*path = path->n > n ? (struct str){ path->p + n, path->n - n } : STR("/");
	return true;
}
