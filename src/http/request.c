#include "http/request.h"

#include <stdio.h>
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

struct str http_method_names(unsigned methods, char out[HTTP_METHOD_NAMES_MAX])
{
	size_t n = 0;

	for (enum http_method m = HTTP_GET; m <= HTTP_OPTIONS; m++) {
		if (methods & HTTP_METHOD_BIT(m))
			n += (size_t)snprintf(out + n, HTTP_METHOD_NAMES_MAX - n, "%s%s", n ? ", " : "",
					      http_method_name(m));
	}
	return (struct str){ out, n };
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
