#include "http/request.h"

#include <string.h>
#include <strings.h>

const char *http_method_name(enum http_method m)
{
	static const char *const names[] = {
		[HTTP_OTHER] = "OTHER",   [HTTP_GET] = "GET",         [HTTP_HEAD] = "HEAD",
		[HTTP_POST] = "POST",     [HTTP_PUT] = "PUT",         [HTTP_PATCH] = "PATCH",
		[HTTP_DELETE] = "DELETE", [HTTP_OPTIONS] = "OPTIONS",
	};

	return names[m];
}

struct str request_header(const struct request *r, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < r->header_count; i++) {
		const struct header *h = &r->headers[i];

		if (h->name.n == n && strncasecmp(h->name.p, name, n) == 0)
			return h->value;
	}
	return STR_NONE;
}

size_t request_header_count(const struct request *r, const char *name)
{
	size_t n = strlen(name), count = 0;

	for (size_t i = 0; i < r->header_count; i++) {
		const struct header *h = &r->headers[i];

		count += h->name.n == n && strncasecmp(h->name.p, name, n) == 0;
	}
	return count;
}
