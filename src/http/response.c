#include "http/response.h"

#include <stdarg.h>
#include <string.h>

/* What a recycled exchange may keep. */
#define HEADERS_KEEP 1024u
#define BODY_KEEP    16384u

static void add_value(struct buf *out, struct str value)
{
	char *at = buf_reserve(out, value.n);

	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		at[i] = c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
	}
	out->n += value.n;
}

void response_header(struct response *r, const char *name, struct str value)
{
	if (strcmp(name, "Cache-Control") == 0)
		r->own |= RESPONSE_OWN_CACHE;
	else if (strcmp(name, "Content-Security-Policy") == 0)
		r->own |= RESPONSE_OWN_POLICY;
	buf_add_str(&r->headers, str_of(name));
	buf_add_lit(&r->headers, ": ");
	if (value.n)
		add_value(&r->headers, value);
	buf_add_lit(&r->headers, "\r\n");
}

void response_header_printf(struct response *r, const char *name, const char *format, ...)
{
	struct buf text = { 0 };
	va_list args;

	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	response_header(r, name, buf_str(&text));
	buf_free(&text);
}

struct json response_json(struct response *r, int status)
{
	r->status = status;
	r->content_type = STR("application/json");
	r->body.n = 0;
	return json_writer(&r->body);
}

void response_reset(struct response *r)
{
	r->status = 0;
	r->own = 0;
	r->content_type = STR_NONE;
	buf_clear(&r->headers, HEADERS_KEEP);
	buf_clear(&r->body, BODY_KEEP);
}

void response_free(struct response *r)
{
	buf_free(&r->headers);
	buf_free(&r->body);
	*r = (struct response){ 0 };
}
