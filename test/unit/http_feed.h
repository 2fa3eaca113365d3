/* Feeds the parser with requests as text, in pieces of every size: the outcome must always be the same. */
#ifndef BUGD_TEST_HTTP_FEED_H
#define BUGD_TEST_HTTP_FEED_H

#include "base/err.h"
#include "http/parser.h"

/* 1024 bytes of head, 100 of body, 10 header fields. */
struct outcome {
	enum parser_result result;
	enum err err;
	struct request request;
	struct message message;
	size_t used;
};

/* Feeds the text in pieces of `step` bytes. */
struct outcome feed(const char *text, size_t n, size_t step);
void forget(struct outcome *o);

/* The verdict over the text, which must not depend on how it is cut. */
enum err verdict_n(const char *text, size_t n);

struct row {
	const char *text;
	enum err err;
};

void check_rows(const struct row *rows, size_t n);

#define CHECK(...)                                                                                           \
	do {                                                                                                 \
		static const struct row rows[] = { __VA_ARGS__ };                                            \
		check_rows(rows, sizeof(rows) / sizeof(*rows));                                              \
	} while (0)

#define OK         ERR_NONE
#define BAD        ERR_BAD_REQUEST
#define GET(lines) "GET / HTTP/1.1\r\nHost: a\r\n" lines "\r\n"
#define POST(rest) "POST / HTTP/1.1\r\nHost: a\r\n" rest

#endif
