/*
 * From bytes to a request: llhttp, our bounds, and what llhttp leaves to its user (http/conformance.h).
 *
 * Bytes may come in any pieces: the outcome is the same. Every lenient flag of llhttp is off.
 */
#ifndef BUGD_HTTP_PARSER_H
#define BUGD_HTTP_PARSER_H

#include "base/err.h"
#include "http/limits.h"
#include "http/message.h"
#include "http/request.h"

#include <stdbool.h>
#include <stddef.h>

/* llhttp's names for some methods are ours, too: here they get a prefix while its header is read. */
#define HTTP_GET     LLHTTP_GET
#define HTTP_HEAD    LLHTTP_HEAD
#define HTTP_POST    LLHTTP_POST
#define HTTP_PUT     LLHTTP_PUT
#define HTTP_PATCH   LLHTTP_PATCH
#define HTTP_DELETE  LLHTTP_DELETE
#define HTTP_OPTIONS LLHTTP_OPTIONS
#include <llhttp.h>
#undef HTTP_GET
#undef HTTP_HEAD
#undef HTTP_POST
#undef HTTP_PUT
#undef HTTP_PATCH
#undef HTTP_DELETE
#undef HTTP_OPTIONS

#define PARSER_METHOD_MAX 24
#define PARSER_TAIL       5 /* the length of "HTTP/" */

enum parser_stage {
	PARSER_HEAD, /* from the request's first byte */
	PARSER_BODY, /* the head is complete, checked and in the request */
	PARSER_END,  /* complete */
};

enum parser_result {
	PARSER_MORE,    /* all bytes are used, more are needed */
	PARSER_FRAMED,  /* the head is complete, a body follows: parser_collect or parser_stream is next */
	PARSER_DONE,    /* the request is complete; what follows belongs to the next */
	PARSER_REFUSED, /* parser.err and parser.detail say why; the connection cannot go on */
};

struct parser {
	llhttp_t llhttp;
	struct request *request;
	struct message *message;
	const struct parser_limits *limits;
	size_t wire;     /* bytes used of this head or chunked body, as they came */
	size_t data_end; /* where in a chunked body's bytes the last data ended */
	size_t padding;  /* bytes of chunk extensions and the like up to there */
	const char *fed; /* where the bytes that llhttp is looking at begin */
	size_t name_at;  /* where the current header field's name begins in message->head, */
	size_t value_at; /* and its value */
	enum err err;
	const char *detail;
	unsigned char stage; /* enum parser_stage */
	unsigned char start_n;
	unsigned char version_n; /* bytes of the version */
	bool in_field;
	bool streams;                  /* the body's size has no limit here */
	char start[PARSER_METHOD_MAX]; /* the first bytes, for methods that llhttp does not know */
	char tail[PARSER_TAIL];        /* the last bytes of the piece before, while in the head */
};

/* The limits must outlive the parser. */
void parser_init(struct parser *p, const struct parser_limits *limits);

/* The next byte is the first of a request (no empty line), which is to be read into these two. */
void parser_begin(struct parser *p, struct request *request, struct message *message);

/*
 * The body is kept whole in message->body and bounded by the limits. PARSER_MORE, or PARSER_REFUSED when its
 * announced length is too large already.
 */
enum parser_result parser_collect(struct parser *p);

/* Whoever feeds the parser takes the bytes out of message->body, before they become too many. */
void parser_stream(struct parser *p);

/* The length of a framed body that is announced; UINT64_MAX when it comes in chunks. */
uint64_t parser_length(const struct parser *p);

/*
 * Reads until the end of the head or of the request at most; *used says how many bytes that were. When refused, the request
 * holds what was read so far, its header fields among it.
 */
enum parser_result parser_feed(struct parser *p, const char *data, size_t n, size_t *used);

#endif
