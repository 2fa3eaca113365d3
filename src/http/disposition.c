#include "http/disposition.h"

#include "http/query.h"

/* What can stand between quotes and means the same to everybody (RFC 6266, appendix D). */
static bool is_plain(char c)
{
	return c >= ' ' && c <= '~' && c != '"' && c != '\\' && c != '%';
}

void disposition_attachment(struct buf *out, struct str name)
{
	bool plain = true;

	buf_add_lit(out, "attachment; filename=\"");
	for (size_t i = 0; i < name.n; i++) {
		/* One underscore for a character, however many bytes it has. */
		if (is_plain(name.p[i]))
			buf_add_char(out, name.p[i]);
		else if (((unsigned char)name.p[i] & 0xc0) != 0x80)
			buf_add_char(out, '_');
		plain = plain && is_plain(name.p[i]);
	}
	buf_add_char(out, '"');
	if (plain)
		return;
	buf_add_lit(out, "; filename*=UTF-8''");
	percent_encode(out, name);
}

struct str disposition_base_name(struct str name)
{
	size_t at = name.n;

	while (at && name.p[at - 1] != '/' && name.p[at - 1] != '\\')
		at--;
	name = str_trim((struct str){ name.p + at, name.n - at });
	return str_eq_z(name, ".") || str_eq_z(name, "..") ? STR("") : name;
}

/* U+202A to U+202E, U+2066 to U+2069. */
static bool is_direction(const unsigned char *p, size_t left)
{
	return left >= 3 && p[0] == 0xe2 &&
	       ((p[1] == 0x80 && p[2] >= 0xaa && p[2] <= 0xae) ||
		(p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9));
}

bool disposition_has_controls(struct str name)
{
	const unsigned char *p = (const unsigned char *)name.p;

	for (size_t i = 0; i < name.n; i++) {
		if (p[i] < 0x20 || p[i] == 0x7f || (p[i] == 0xc2 && i + 1 < name.n && p[i + 1] < 0xa0) ||
		    is_direction(p + i, name.n - i))
			return true;
	}
	return false;
}
