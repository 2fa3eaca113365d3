#include "api/answer.h"

#include <string.h>
#include <xxhash.h>

#define ETAG_MAX 64

static const struct field read_fields[] = { FIELD_FIELDS(struct read_query) };
const struct shape read_query_shape =
	SHAPE(struct read_query, "Read", read_fields, "What to read of a resource.");

bool answer_mask(struct exchange *x, const struct row_shape *shape, const struct field_values *fields,
		 uint64_t *mask)
{
	const struct str *names = fields ? fields->v : NULL;
	bool ok = true;

	*mask = fields && fields->n ? 0 : UINT64_MAX;
	for (size_t i = 0; fields && i < fields->n; i++) {
		uint64_t bit = row_field(shape, names[i]);

		if (!bit) {
			exchange_fail(x, ERR_VALIDATION);
			field_error_add(
				&x->problem.fields, STR("fields"), "unknown_field",
				arena_printf(&x->arena, "There is no field \"%.*s\".", STR_FMT(names[i])));
			ok = false;
		}
		*mask |= bit;
	}
	return ok;
}

static struct str make_etag(char out[ETAG_MAX], struct str body, int64_t version, bool weak)
{
	struct buf b = { 0 };
	uint64_t hash = XXH3_64bits(body.p, body.n);
	static const char hex[] = "0123456789abcdef";
	size_t n;

	if (weak)
		buf_add_lit(&b, "W/");
	buf_add_char(&b, '"');
	if (version) {
		buf_add_i64(&b, version);
		buf_add_char(&b, '-');
	}
	for (int shift = 60; shift >= 0; shift -= 4)
		buf_add_char(&b, hex[hash >> shift & 15]);
	buf_add_char(&b, '"');
	n = b.n < ETAG_MAX ? b.n : ETAG_MAX;
	memcpy(out, b.p, n);
	buf_free(&b);
	return (struct str){ out, n };
}

static struct str opaque(struct str tag)
{
	if (str_starts(tag, STR("W/")))
		return (struct str){ tag.p + 2, tag.n - 2 };
	return tag;
}

/* If-None-Match compares weakly (RFC 9110, sections 8.8.3.2 and 13.1.2). Our tags hold no comma. */
bool answer_client_has(const struct exchange *x, struct str etag)
{
	struct str list = request_header(&x->request, "if-none-match");

	while (list.p) {
		struct str tag = str_trim(str_cut(&list, ','));

		if (str_eq_z(tag, "*") || str_eq(opaque(tag), opaque(etag)))
			return true;
	}
	return false;
}

static bool is_read(const struct exchange *x)
{
	return x->request.method == HTTP_GET || x->request.method == HTTP_HEAD;
}

void answer_conditional(struct exchange *x, int64_t version, bool weak)
{
	struct response *r = &x->response;
	char text[ETAG_MAX];
	struct str etag = make_etag(text, buf_str(&r->body), version, weak);

	response_header(r, "ETag", etag);
	response_header(r, "Cache-Control", STR("private, no-cache"));
	if (!is_read(x) || !answer_client_has(x, etag))
		return;
	r->status = 304;
	r->body.n = 0;
	r->content_type = STR_NONE;
}

static int64_t version_of(const struct row_shape *s, const PGresult *r, int row)
{
	return s->version_column < 0 ? 0 : row_int(r, row, s->version_column);
}

bool answer_row(struct exchange *x, int status, const struct statement *st, const PGresult *r, int row,
		const struct field_values *fields)
{
	const struct row_shape *shape = row_shape(st, r);
	uint64_t mask;
	struct json j;

	if (!answer_mask(x, shape, fields, &mask))
		return false;
	j = response_json(&x->response, status);
	row_write(&j, shape, r, row, mask);
	answer_conditional(x, version_of(shape, r, row), false);
	return true;
}

void answer_location(struct exchange *x, const char *collection, const struct uuid *id)
{
	char text[UUID_TEXT_LEN];

	uuid_format(id, text);
	response_header_printf(&x->response, "Location", "%.*s/api/v1/%s/%.*s",
			       STR_FMT(x->service->front->base_path), collection, UUID_TEXT_LEN, text);
}
