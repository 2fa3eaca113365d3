#include "http/intake.h"

#include "http/query.h"
#include "json/read.h"

#include <string.h>

/* ---- the path ---- */

static enum err bad(const char **detail, const char *text)
{
	*detail = text;
	return ERR_BAD_REQUEST;
}

static bool has_encoded_slash(struct str s)
{
	for (size_t i = 0; i + 2 < s.n; i++) {
		if (s.p[i] == '%' && s.p[i + 1] == '2' && (s.p[i + 2] | 0x20) == 'f')
			return true;
	}
	return false;
}

static bool has_dot_segment(struct str path)
{
	if (!memmem(path.p, path.n, "/.", 2))
		return false;
	while (path.p) {
		struct str segment = str_cut(&path, '/');

		if (str_eq(segment, STR(".")) || str_eq(segment, STR("..")))
			return true;
	}
	return false;
}

enum err intake_path(struct request *r, struct arena *a, const char **detail)
{
	struct str path = r->path;

	if (memchr(path.p, '%', path.n)) {
		if (has_encoded_slash(path))
			return bad(detail, "The path has an encoded slash, which no name here contains.");
		if (!percent_decode(a, path, false, &path))
			return bad(
				detail,
				"The path has a broken percent-encoding, NUL, or bytes that are not UTF-8.");
	}
	if (has_dot_segment(path))
		return bad(detail, "The path has dot segments; they must be resolved by the client.");
	if (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	r->path = path;
	return ERR_NONE;
}

/* ---- the body's media type ---- */

static struct str unquoted(struct str s)
{
	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		return (struct str){ s.p + 1, s.n - 2 };
	return s;
}

/* Whether no parameter names another encoding of characters than UTF-8, the only one that JSON has. */
static bool charset_fits(struct str params)
{
	while (params.p) {
		struct str value = str_cut(&params, ';');
		struct str name = str_trim(str_cut(&value, '='));

		if (str_ieq(name, STR("charset")) &&
		    !(value.p && str_ieq(unquoted(str_trim(value)), STR("utf-8"))))
			return false;
	}
	return true;
}

static bool media_type_fits(const struct route *route, struct str type)
{
	struct str name = str_trim(str_cut(&type, ';'));

	if (!str_ieq(name, STR("application/json")) &&
	    !(route->merge_patch && str_ieq(name, STR("application/merge-patch+json"))))
		return false;
	return charset_fits(type);
}

static enum err check_media(struct exchange *x)
{
	const struct request *r = &x->request;
	struct str type = request_header(r, "Content-Type");
	struct str coding = request_header(r, "Content-Encoding");

	/* An empty body has no type; that it must not be empty is said by who reads it. */
	if (r->body.n == 0 && !type.p)
		return ERR_NONE;
	if (!type.p || !media_type_fits(x->route, type)) {
		exchange_fail_detail(x, ERR_MEDIA_TYPE, "Content-Type must be application/json%s.",
				     x->route->merge_patch ? " or application/merge-patch+json" : "");
		return ERR_MEDIA_TYPE;
	}
	if (coding.p && !str_ieq(coding, STR("identity"))) {
		exchange_fail_detail(x, ERR_MEDIA_TYPE, "Content-Encoding is not supported.");
		return ERR_MEDIA_TYPE;
	}
	/* A part of a representation must not be taken for the whole (RFC 9110, section 14.5). */
	if (r->method == HTTP_PUT && request_header(r, "Content-Range").p) {
		exchange_fail_detail(x, ERR_BAD_REQUEST, "Content-Range is not supported.");
		return ERR_BAD_REQUEST;
	}
	return ERR_NONE;
}

static struct str route_media(const struct route *route)
{
	if (route->streams && route->media)
		return str_of(route->media);
	return route->merge_patch ? STR("application/json, application/merge-patch+json")
				  : STR("application/json");
}

void intake_accepts(struct exchange *x)
{
	const char *name = "Accept";

	if (x->request.method == HTTP_POST)
		name = "Accept-Post";
	else if (x->request.method == HTTP_PATCH)
		name = "Accept-Patch";
	response_header(&x->response, name, x->route ? route_media(x->route) : STR("application/json"));
}

/* ---- query and body ---- */

static enum err read_query(struct exchange *x)
{
	const struct shape *shape = x->route->query;
	enum err err;

	if (shape)
		x->query = arena_alloc(&x->arena, shape->size);
	else if (!x->request.query.p)
		return ERR_NONE;
	err = query_read(x->request.query, shape, x->query, &x->problem.fields);
	if (err == ERR_BAD_QUERY)
		exchange_fail_detail(
			x, err,
			"The query has a broken percent-encoding, NUL, bytes that are not UTF-8, "
			"or more than %d parameters.",
			QUERY_PARAMS_MAX);
	return err;
}

static enum err read_body(struct exchange *x)
{
	const struct shape *shape = x->route->body;
	struct str detail = STR_NONE;
	enum err err;

	if (!shape)
		return ERR_NONE;
	err = check_media(x);
	if (err)
		return err;
	x->body = arena_alloc(&x->arena, shape->size);
	err = json_read(x->request.body, shape, x->body, &x->problem.fields, &detail);
	if (err == ERR_BAD_JSON) {
		exchange_fail(x, err);
		x->problem.detail = detail;
	}
	return err;
}

enum err intake_input(struct exchange *x)
{
	enum err query = read_query(x), body;

	if (query == ERR_BAD_QUERY)
		return query;
	body = read_body(x);
	if (body && body != ERR_VALIDATION) {
		/* What is malformed has to be put right first. */
		x->problem.fields = (struct field_errors){ .arena = &x->arena };
		return body;
	}
	if (query || body)
		exchange_fail(x, ERR_VALIDATION);
	return query ? query : body;
}
