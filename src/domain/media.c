#include "domain/media.h"

#include <string.h>

bool media_allowed(struct str list, struct str type)
{
	while (list.p) {
		struct str item = str_trim(str_cut(&list, ','));

		if (item.n && item.p[item.n - 1] == '*' &&
		    str_starts(type, (struct str){ item.p, item.n - 1 }))
			return true;
		if (str_ieq(item, type))
			return true;
	}
	return false;
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c != '\0' && strchr("!#$&^_.+-", c));
}

static bool is_item(struct str s)
{
	unsigned slashes = 0;

	if (s.n && s.p[s.n - 1] == '*') {
		s.n--;
		if (s.n == 0)
			return true;
		slashes = memchr(s.p, '/', s.n) ? 0 : 2;
	}
	for (size_t i = 0; i < s.n; i++) {
		slashes += s.p[i] == '/';
		if (s.p[i] != '/' && !is_name_char(s.p[i]))
			return false;
	}
	return slashes == 1 && s.p[0] != '/';
}

bool media_list_valid(struct str list, struct str *wrong)
{
	while (list.p) {
		*wrong = str_trim(str_cut(&list, ','));
		if (!is_item(*wrong))
			return false;
	}
	return true;
}

/* Names that mean the same, and what a type is a kind of. */
static const struct {
	const char *name, *same;
} aliases[] = {
	{ "image/jpg", "image/jpeg" },
	{ "image/pjpeg", "image/jpeg" },
	{ "image/x-png", "image/png" },
	{ "image/x-ms-bmp", "image/bmp" },
	{ "audio/mp3", "audio/mpeg" },
	{ "audio/x-wav", "audio/wav" },
	{ "audio/x-m4a", "audio/mp4" },
	{ "video/x-m4v", "video/mp4" },
	{ "application/x-gzip", "application/gzip" },
	{ "application/x-zip-compressed", "application/zip" },
	{ "application/x-zip", "application/zip" },
	{ "application/x-pdf", "application/pdf" },
	{ "application/x-bzip2", "application/bzip2" },
	{ "application/x-xz", "application/xz" },
	{ "application/x-zstd", "application/zstd" },
	{ "text/xml", "application/xml" },
	{ "application/x-ndjson", "application/json" },
};

static struct str plain_name(struct str type)
{
	type = str_trim(str_cut(&type, ';'));
	for (size_t i = 0; i < sizeof(aliases) / sizeof(*aliases); i++) {
		if (str_ieq_z(type, aliases[i].name))
			return str_of(aliases[i].same);
	}
	return type;
}

static bool ends_with(struct str s, struct str end)
{
	return s.n >= end.n && str_ieq((struct str){ s.p + s.n - end.n, end.n }, end);
}

static bool begins_with(struct str s, struct str start)
{
	return s.n >= start.n && str_ieq((struct str){ s.p, start.n }, start);
}

/* What is made of text: hypertext is not, as browsers run it. */
static bool is_text(struct str type)
{
	return (begins_with(type, STR("text/")) && !str_ieq_z(type, "text/html")) ||
	       str_ieq_z(type, "application/json") || str_ieq_z(type, "application/xml") ||
	       str_ieq_z(type, "application/javascript") || str_ieq_z(type, "application/x-sh") ||
	       str_ieq_z(type, "application/x-yaml") || str_ieq_z(type, "application/yaml") ||
	       str_ieq_z(type, "application/toml") || str_ieq_z(type, "application/sql") ||
	       (ends_with(type, STR("+json")) && begins_with(type, STR("application/"))) ||
	       (ends_with(type, STR("+xml")) && begins_with(type, STR("application/")) &&
		!str_ieq_z(type, "application/xhtml+xml"));
}

static bool is_zipped(struct str type)
{
	return begins_with(type, STR("application/vnd.openxmlformats-officedocument")) ||
	       begins_with(type, STR("application/vnd.oasis.opendocument")) || ends_with(type, STR("+zip")) ||
	       str_ieq_z(type, "application/java-archive") ||
	       str_ieq_z(type, "application/vnd.android.package-archive");
}

bool media_fits(struct str declared, struct str found)
{
	declared = plain_name(declared.p ? declared : STR(""));
	found = plain_name(found);
	return declared.n == 0 || str_ieq_z(declared, "application/octet-stream") ||
	       str_ieq(declared, found) || (is_text(declared) && is_text(found)) ||
	       (is_zipped(declared) && str_ieq_z(found, "application/zip"));
}
