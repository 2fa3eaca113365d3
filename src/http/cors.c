#include "http/cors.h"

#include "http/conformance.h"

#include <string.h>

/* What browsers may send beyond the fields that they may always send. */
#define REQUEST_FIELDS                                                                                                 \
	"Authorization, Bugd-Consistency, Content-Type, Idempotency-Key, If-Match, If-Modified-Since, If-None-Match, " \
	"If-Range, Last-Event-ID, Prefer, Range, X-Request-Id, traceparent"

/* What pages may read beyond the fields that they may always read. */
#define ANSWER_FIELDS                                                                                                          \
	"Accept-Patch, Accept-Post, Allow, Bugd-Consistency, Content-Disposition, Content-Range, ETag, Idempotency-Replayed, " \
	"Link, Location, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id"

/* Seconds that browsers keep the answer of a preflight: changes of the setting show within this time. */
#define MAX_AGE "3600"

/* scheme "://" host [":" port], in lower case, as browsers write it, and no pattern: else nothing would be equal. */
static bool is_origin(struct str s)
{
	const char *colon = memchr(s.p, ':', s.n);
	struct str scheme = { s.p, colon ? (size_t)(colon - s.p) : 0 };
	struct str rest = { s.p + scheme.n, s.n - scheme.n };

	for (size_t i = 0; i < s.n; i++) {
		if ((s.p[i] >= 'A' && s.p[i] <= 'Z') || s.p[i] == '*')
			return false;
	}
	return scheme.n && str_starts(rest, STR("://")) &&
	       conformance_host((struct str){ rest.p + 3, rest.n - 3 });
}

bool cors_parse(struct cors *c, struct str text, struct str *wrong)
{
	*c = (struct cors){ 0 };
	while (text.p) {
		*wrong = str_trim(str_cut(&text, ','));
		if (str_eq_z(*wrong, "*"))
			c->any = true;
		else if (c->n < CORS_ORIGINS_MAX && is_origin(*wrong))
			c->origins[c->n++] = *wrong;
		else
			return false;
	}
	*wrong = STR("*");
	return !(c->any && c->n);
}

static bool is_listed(const struct cors *c, struct str origin)
{
	for (size_t i = 0; i < c->n; i++) {
		if (str_eq(c->origins[i], origin))
			return true;
	}
	return false;
}

/* Credentials are cookies and the like, of which the API has none; pages that send them all the same may. */
static bool allow_origin(const struct cors *c, struct str origin, struct response *response)
{
	if (c->any) {
		response_header(response, "Access-Control-Allow-Origin", STR("*"));
		return true;
	}
	/* What is answered depends on who asks, so caches have to know. */
	response_header(response, "Vary", STR("Origin"));
	if (!origin.p || !is_listed(c, origin))
		return false;
	response_header(response, "Access-Control-Allow-Origin", origin);
	response_header(response, "Access-Control-Allow-Credentials", STR("true"));
	return true;
}

void cors_answer(const struct cors *c, const struct request *request, struct response *response,
		 unsigned methods)
{
	struct str origin = request_header(request, "Origin");
	char names[HTTP_METHOD_NAMES_MAX];

	if ((!c->any && c->n == 0) || !allow_origin(c, origin, response) || !origin.p)
		return;
	if (request->method != HTTP_OPTIONS || !request_header(request, "Access-Control-Request-Method").p) {
		response_header(response, "Access-Control-Expose-Headers", STR(ANSWER_FIELDS));
		return;
	}
	response_header(response, "Access-Control-Allow-Methods", http_method_names(methods, names));
	response_header(response, "Access-Control-Allow-Headers", STR(REQUEST_FIELDS));
	response_header(response, "Access-Control-Max-Age", STR(MAX_AGE));
}
