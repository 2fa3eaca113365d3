/* The body of a request: de-chunked, bounded, and kept or passed on. */
#include "parser_internal.h"

/*
 * What the framing of a chunk takes: two ends of lines, and a size of up to eight digits. What goes beyond it is
 * chunk extensions, zeros in front of sizes, and trailer fields: read and dropped, and all of them together may
 * have no more bytes than a head.
 */
#define CHUNK_FRAMING 12

#define TOO_LARGE "The body is larger than the server takes."

/* The padding of a chunked body up to its byte `at`, when no data has come since data_end. */
static size_t padding_at(const struct parser *p, size_t at)
{
	size_t framing = at - p->data_end;

	return p->padding + (framing > CHUNK_FRAMING ? framing - CHUNK_FRAMING : 0);
}

int parser_check_padding(struct parser *p, size_t at)
{
	if (padding_at(p, at) <= p->limits->head_bytes)
		return 0;
	return parser_refuse(
		p, ERR_HEAD_TOO_LARGE,
		"The body's trailer fields and chunk extensions are larger than the server takes.");
}

int parser_on_body(llhttp_t *h, const char *at, size_t n)
{
	struct parser *p = parser_of(h);
	struct buf *body = &p->message->body;
	size_t place = p->wire + (size_t)(at - p->fed);

	if (h->flags & F_CHUNKED) {
		if (parser_check_padding(p, place))
			return -1;
		p->padding = padding_at(p, place);
		p->data_end = place + n;
	}
	if (!p->streams && n > p->limits->body_bytes - body->n)
		return parser_refuse(p, ERR_BODY_TOO_LARGE, TOO_LARGE);
	buf_add(body, at, n);
	return 0;
}

enum parser_result parser_collect(struct parser *p)
{
	if (p->llhttp.flags & F_CHUNKED || p->llhttp.content_length <= p->limits->body_bytes)
		return PARSER_MORE;
	parser_refuse(p, ERR_BODY_TOO_LARGE, TOO_LARGE);
	return PARSER_REFUSED;
}

void parser_stream(struct parser *p)
{
	p->streams = true;
}

uint64_t parser_length(const struct parser *p)
{
	return p->llhttp.flags & F_CHUNKED ? UINT64_MAX : p->llhttp.content_length;
}
