/*
 * Requests as an attacker writes them: any bytes, in any pieces. The outcome must not depend on the pieces, and
 * what is accepted must keep the bounds. The target, once accepted, goes on to the path, the query and the router.
 * Bodies that are streamed must be the same as those that are collected, and hold no more than what was fed.
 *
 * Input: a byte that chooses the pieces, then what the client sends.
 */
#include "base/arena.h"
#include "http/intake.h"
#include "http/parser.h"
#include "http/query.h"
#include "http/router.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct parser_limits limits = { .head_bytes = 1024, .body_bytes = 256, .header_count = 8 };

struct item_query {
	struct field_set given;
	struct str q;
	struct field_values n;
};

static const struct field fields[] = {
	{ .name = "q", .type = FIELD_TEXT, .offset = offsetof(struct item_query, q), .max = 20 },
	{ .name = "n",
	  .type = FIELD_INT,
	  .flags = FIELD_REPEATED,
	  .offset = offsetof(struct item_query, n),
	  .max = 9 },
};
static const struct shape shape = SHAPE(struct item_query, "ItemQuery", fields, "");

static const struct route routes[] = {
	{ .method = HTTP_GET, .path = "/" },
	{ .method = HTTP_GET, .path = "/a/{b}" },
	{ .method = HTTP_POST, .path = "/a/{b}/c/{d}" },
};

static void expect(int condition)
{
	if (!condition)
		abort();
}

/* What the requests of one connection come to, as a number; and how they ended. */
struct outcome {
	uint64_t hash;
	enum parser_result last;
	enum err err;
	unsigned requests;
};

static void mix(struct outcome *o, struct str s)
{
	o->hash = (o->hash ^ s.n) * 0x100000001b3;
	for (size_t i = 0; i < s.n; i++)
		o->hash = (o->hash ^ (unsigned char)s.p[i]) * 0x100000001b3;
}

static void look_at(struct outcome *o, struct request *r)
{
	static struct router *router;
	struct arena arena = ARENA_EMPTY;
	struct field_errors errors = { .arena = &arena };
	struct item_query query;
	const char *detail;

	if (!router)
		router = router_create(routes, sizeof(routes) / sizeof(*routes));
	expect(r->header_count <= limits.header_count && r->body.n <= limits.body_bytes);
	expect(r->target.n > 0 && r->path.n > 0 && r->method != HTTP_OTHER);
	mix(o, r->target);
	mix(o, r->host.p ? r->host : STR(""));
	mix(o, r->body);
	for (size_t i = 0; i < r->header_count; i++) {
		mix(o, r->headers[i].name);
		mix(o, r->headers[i].value);
	}
	if (r->path.p[0] == '/' && intake_path(r, &arena, &detail) == ERR_NONE) {
		expect(text_valid(r->path) && r->path.p[0] == '/');
		router_find(router, r->method, r->path);
	}
	if (query_read(r->query, &shape, &query, &errors) == ERR_NONE)
		expect(errors.count == 0 && query.n.n <= 9);
	arena_reset(&arena);
}

/* What a route that streams gets; refused beyond the bound for the others, so that both come to the same. */
static enum parser_result take_streamed(struct parser *parser, struct message *message, struct buf *body,
					size_t fed)
{
	expect(message->body.n <= fed);
	buf_add_str(body, buf_str(&message->body));
	message->body.n = 0;
	parser->request->body = buf_str(body);
	return body->n > limits.body_bytes ? PARSER_REFUSED : PARSER_MORE;
}

static enum parser_result take_head(struct parser *parser, bool streams)
{
	uint64_t length = parser_length(parser);

	expect(length > 0);
	if (!streams)
		return parser_collect(parser);
	parser_stream(parser);
	return length != UINT64_MAX && length > limits.body_bytes ? PARSER_REFUSED : PARSER_MORE;
}

/* Reads one connection, in pieces of at most `step` bytes, each in memory of its own. */
static struct outcome read_all(const uint8_t *data, size_t n, size_t step, bool streams)
{
	struct outcome o = { 0 };
	struct message message = { 0 };
	struct request request = { 0 };
	struct parser parser;
	struct buf body = { 0 };
	bool idle = true;

	parser_init(&parser, &limits);
	for (size_t at = 0; at < n && o.last != PARSER_REFUSED;) {
		size_t piece = n - at < step ? n - at : step, used;
		char *copy = malloc(piece);

		memcpy(copy, data + at, piece);
		if (idle && (copy[0] == '\r' || copy[0] == '\n')) {
			free(copy);
			at++;
			continue;
		}
		if (idle) {
			message_clear(&message);
			request = (struct request){ 0 };
			parser_begin(&parser, &request, &message);
			body.n = 0;
			idle = false;
		}
		o.last = parser_feed(&parser, copy, piece, &used);
		free(copy);
		at += used;
		if (o.last == PARSER_FRAMED)
			o.last = take_head(&parser, streams);
		else if (streams && o.last != PARSER_REFUSED &&
			 take_streamed(&parser, &message, &body, used) == PARSER_REFUSED)
			o.last = PARSER_REFUSED;
		if (o.last == PARSER_REFUSED && !parser.err)
			parser.err = ERR_BODY_TOO_LARGE;
		if (o.last == PARSER_DONE) {
			idle = true;
			o.requests++;
			look_at(&o, &request);
			if (!request.keep_alive)
				break;
		}
	}
	o.err = o.last == PARSER_REFUSED ? parser.err : ERR_NONE;
	expect((o.last == PARSER_REFUSED) == (o.err != ERR_NONE));
	message_free(&message);
	buf_free(&body);
	return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct outcome whole, cut, streamed;

	if (n < 2)
		return 0;
	whole = read_all(data + 1, n - 1, n - 1, false);
	cut = read_all(data + 1, n - 1, data[0] % 32 + 1u, false);
	streamed = read_all(data + 1, n - 1, data[0] / 32 * 8 + 1u, true);
	expect(whole.requests == cut.requests && whole.hash == cut.hash && whole.last == cut.last);
	expect(whole.requests == streamed.requests && whole.hash == streamed.hash &&
	       whole.last == streamed.last);
	/* What is wrong in two ways may be refused for either: an ninth header field with a broken name. */
	expect(whole.err == cut.err || whole.err == ERR_HEAD_TOO_LARGE || cut.err == ERR_HEAD_TOO_LARGE);
	return 0;
}
