#include "parser_internal.h"

#include "http/conformance.h"

#include <string.h>

/* Those that we know by the numbers that llhttp has for them; HTTP_OTHER is 0. */
static enum http_method method_of(llhttp_t *h)
{
	static const unsigned char known[] = {
		[LLHTTP_GET] = HTTP_GET,         [LLHTTP_HEAD] = HTTP_HEAD,   [LLHTTP_POST] = HTTP_POST,
		[LLHTTP_PUT] = HTTP_PUT,         [LLHTTP_PATCH] = HTTP_PATCH, [LLHTTP_DELETE] = HTTP_DELETE,
		[LLHTTP_OPTIONS] = HTTP_OPTIONS,
	};
	unsigned method = llhttp_get_method(h);

	return method < sizeof(known) ? (enum http_method)known[method] : HTTP_OTHER;
}

static void take_method(struct parser *p)
{
	p->request->method = method_of(&p->llhttp);
	p->request->method_text = str_of(llhttp_method_name((llhttp_method_t)llhttp_get_method(&p->llhttp)));
}

/* ---- the head ---- */

/* Keeps bytes of the head. There is room: the pieces are no more than the head that they are cut from. */
static void keep(struct message *m, const char *at, size_t n)
{
	memcpy(m->head + m->head_n, at, n);
	m->head_n += n;
}

static int on_url(llhttp_t *h, const char *at, size_t n)
{
	struct parser *p = parser_of(h);

	keep(p->message, at, n);
	p->request->target = (struct str){ p->message->head, p->message->head_n };
	return 0;
}

/* llhttp takes RTSP and ICE as well, so the protocol's name is looked at here: the five bytes before `at`. */
static bool is_http(const struct parser *p, const char *at)
{
	char name[PARSER_TAIL];
	size_t here = (size_t)(at - p->fed);

	here = here < PARSER_TAIL ? here : PARSER_TAIL;
	memcpy(name, p->tail + here, PARSER_TAIL - here);
	memcpy(name + PARSER_TAIL - here, at - here, here);
	return memcmp(name, "HTTP/", PARSER_TAIL) == 0;
}

/* llhttp takes several spaces for one (RFC 9112, section 3, has exactly one): where the version begins tells. */
static bool is_single_spaced(struct parser *p, const char *at)
{
	const char *method = llhttp_method_name((llhttp_method_t)llhttp_get_method(&p->llhttp));
	size_t expected = strlen(method) + 1 + p->request->target.n + 1 + PARSER_TAIL;

	return p->wire + (size_t)(at - p->fed) == expected;
}

static int on_version(llhttp_t *h, const char *at, size_t n)
{
	struct parser *p = parser_of(h);

	if (p->version_n == 0 && !is_http(p, at))
		return parser_refuse(p, ERR_BAD_REQUEST,
				     "The request line does not end with a version of HTTP.");
	if (p->version_n == 0 && !is_single_spaced(p, at))
		return parser_refuse(p, ERR_BAD_REQUEST,
				     "The request line has more than one space between its parts.");
	p->version_n = (unsigned char)(p->version_n + n);
	return 0;
}

static int on_header_field(llhttp_t *h, const char *at, size_t n)
{
	struct parser *p = parser_of(h);
	struct message *m = p->message;

	if (p->stage != PARSER_HEAD)
		return 0; /* trailer fields are dropped (RFC 9110, section 6.5.1) */
	if (!p->in_field) {
		if (m->header_count == m->header_max)
			return parser_refuse(p, ERR_HEAD_TOO_LARGE,
					     "The request has too many header fields.");
		p->in_field = true;
		p->name_at = p->value_at = m->head_n;
	}
	keep(m, at, n);
	p->value_at = m->head_n;
	return 0;
}

static int on_header_value(llhttp_t *h, const char *at, size_t n)
{
	struct parser *p = parser_of(h);

	if (p->stage == PARSER_HEAD)
		keep(p->message, at, n);
	return 0;
}

static int on_header_value_complete(llhttp_t *h)
{
	struct parser *p = parser_of(h);
	struct message *m = p->message;
	struct header *header;

	if (p->stage != PARSER_HEAD)
		return 0;
	header = &m->headers[m->header_count++];
	header->name = (struct str){ m->head + p->name_at, p->value_at - p->name_at };
	header->value = str_trim((struct str){ m->head + p->value_at, m->head_n - p->value_at });
	p->in_field = false;
	return 0;
}

/* Digit, dot, digit: what llhttp makes of less is no version, and what it lets pass is at most that long. */
static int check_version(struct parser *p)
{
	unsigned major = llhttp_get_http_major(&p->llhttp), minor = llhttp_get_http_minor(&p->llhttp);

	if (p->version_n != 3)
		return parser_refuse(p, ERR_BAD_REQUEST,
				     "The request line does not end with a version of HTTP.");
	if (major != 1 || minor > 1)
		return parser_refuse(p, ERR_HTTP_VERSION, "The server speaks HTTP/1.1 and HTTP/1.0.");
	p->request->http_1_0 = minor == 0;
	return 0;
}

static int on_headers_complete(llhttp_t *h)
{
	struct parser *p = parser_of(h);
	struct request *r = p->request;

	r->headers = p->message->headers;
	r->header_count = p->message->header_count;
	take_method(p);
	if (check_version(p))
		return -1;
	p->err = conformance_check(r, &p->detail);
	if (p->err)
		return -1;
	/* A server may ignore Upgrade (RFC 9110, section 7.8): what follows is HTTP. */
	h->upgrade = 0;
	p->stage = PARSER_BODY;
	p->wire = p->data_end = p->padding = 0;
	/* Who gets the body is decided now; and the bytes of a chunked one are counted from here. */
	return h->flags & F_CHUNKED || h->content_length ? HPE_PAUSED : 0;
}

/* ---- the end ---- */

static int on_message_complete(llhttp_t *h)
{
	struct parser *p = parser_of(h);

	p->stage = PARSER_END;
	p->request->keep_alive = llhttp_should_keep_alive(h);
	p->request->body = buf_str(&p->message->body);
	return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
	.on_url = on_url,
	.on_version = on_version,
	.on_header_field = on_header_field,
	.on_header_value = on_header_value,
	.on_header_value_complete = on_header_value_complete,
	.on_headers_complete = on_headers_complete,
	.on_body = parser_on_body,
	.on_message_complete = on_message_complete,
};

void parser_init(struct parser *p, const struct parser_limits *limits)
{
	*p = (struct parser){ .limits = limits };
	llhttp_init(&p->llhttp, HTTP_REQUEST, &settings);
}

void parser_begin(struct parser *p, struct request *request, struct message *message)
{
	message_prepare(message, p->limits->head_bytes, p->limits->header_count);
	p->request = request;
	p->message = message;
	p->wire = 0;
	p->err = ERR_NONE;
	p->stage = PARSER_HEAD;
	p->start_n = 0;
	p->version_n = 0;
	p->in_field = false;
	p->streams = false;
}

/* ---- refusals ---- */

static bool is_token_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

/*
 * A method that is a token is one that we do not know; anything else is no HTTP. Only the bytes up to the one
 * that llhttp stumbled over count: what is behind it may be there or not, depending on how the bytes arrived.
 */
static void refuse_method(struct parser *p)
{
	size_t seen = p->wire + (size_t)(llhttp_get_error_pos(&p->llhttp) - p->fed) + 1, n = 0;

	seen = seen < p->start_n ? seen : p->start_n;
	while (n < seen && is_token_char(p->start[n]))
		n++;
	if (n > 0 && (n == seen || p->start[n] == ' '))
		parser_refuse(p, ERR_NOT_IMPLEMENTED, "The server does not implement this method.");
	else
		parser_refuse(p, ERR_BAD_REQUEST, "The request does not begin with a method.");
}

static void refuse_by_llhttp(struct parser *p, llhttp_errno_t e)
{
	if (e == HPE_INVALID_METHOD)
		refuse_method(p);
	else if (e == HPE_PAUSED_H2_UPGRADE)
		parser_refuse(p, ERR_HTTP_VERSION, "The server speaks HTTP/1.1 and HTTP/1.0.");
	else if (e != HPE_INVALID_VERSION || check_version(p) == 0)
		parser_refuse(p, ERR_BAD_REQUEST, llhttp_get_error_reason(&p->llhttp));
}

/* What was read of the head is the request's, whatever came of it: its log line and answer say what they can. */
static enum parser_result refused(struct parser *p, llhttp_errno_t e)
{
	if (!p->err)
		refuse_by_llhttp(p, e);
	if (p->request->target.p)
		take_method(p);
	p->request->headers = p->message->headers;
	p->request->header_count = p->message->header_count;
	return PARSER_REFUSED;
}

/* ---- feeding ---- */

static void keep_start(struct parser *p, const char *data, size_t n)
{
	size_t room = sizeof(p->start) - p->start_n;

	n = n < room ? n : room;
	memcpy(p->start + p->start_n, data, n);
	p->start_n = (unsigned char)(p->start_n + n);
}

static void keep_tail(struct parser *p, const char *data, size_t n)
{
	if (n >= PARSER_TAIL) {
		memcpy(p->tail, data + n - PARSER_TAIL, PARSER_TAIL);
	} else {
		memmove(p->tail, p->tail + n, PARSER_TAIL - n);
		memcpy(p->tail + PARSER_TAIL - n, data, n);
	}
}

/* Counts what was used without completing anything. False: that was too much. */
static bool within_bounds(struct parser *p, unsigned stage_before, const char *data, size_t n)
{
	const struct parser_limits *l = p->limits;

	if (p->stage == PARSER_HEAD) {
		keep_tail(p, data, n);
		p->wire += n;
		if (p->wire < l->head_bytes)
			return true;
		if (p->version_n == 0 && p->message->header_count == 0)
			parser_refuse(p, ERR_URI_TOO_LONG,
				      "The request target is longer than the server takes.");
		else
			parser_refuse(p, ERR_HEAD_TOO_LARGE,
				      "The request's head is larger than the server takes.");
		return false;
	}
	if (stage_before == PARSER_HEAD || !(p->llhttp.flags & F_CHUNKED))
		return true;
	p->wire += n;
	return parser_check_padding(p, p->wire) == 0;
}

/* One piece, or as much of it as belongs to the request: *used. */
static llhttp_errno_t execute(struct parser *p, const char *data, size_t n, size_t *used)
{
	unsigned stage = p->stage;
	llhttp_errno_t e;

	p->fed = data;
	*used = n;
	e = llhttp_execute(&p->llhttp, data, n);
	if (e == HPE_PAUSED) {
		*used = (size_t)(llhttp_get_error_pos(&p->llhttp) - data);
		llhttp_resume(&p->llhttp);
		e = HPE_OK;
	}
	if (e == HPE_OK && !within_bounds(p, stage, data, *used))
		e = HPE_USER;
	return e;
}

enum parser_result parser_feed(struct parser *p, const char *data, size_t n, size_t *used)
{
	size_t at = 0;

	*used = n;
	if (p->stage == PARSER_HEAD && p->start_n < sizeof(p->start))
		keep_start(p, data, n);
	while (at < n) {
		size_t piece = n - at, room = p->limits->head_bytes - p->wire;
		unsigned stage = p->stage;
		llhttp_errno_t e;

		if (p->stage == PARSER_HEAD && piece > room)
			piece = room;
		e = execute(p, data + at, piece, &piece);
		if (e != HPE_OK)
			return refused(p, e);
		at += piece;
		if (p->stage == PARSER_END) {
			*used = at;
			return PARSER_DONE;
		}
		if (stage == PARSER_HEAD && p->stage == PARSER_BODY) {
			*used = at;
			return PARSER_FRAMED;
		}
	}
	return PARSER_MORE;
}
