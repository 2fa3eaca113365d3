/* The inside of the parser, shared by parser.c (heads, feeding, refusals) and parser_body.c. */
#ifndef BUGD_HTTP_PARSER_INTERNAL_H
#define BUGD_HTTP_PARSER_INTERNAL_H

#include "http/parser.h"

static inline struct parser *parser_of(llhttp_t *h)
{
	return (struct parser *)(void *)h; /* its first member */
}

static inline int parser_refuse(struct parser *p, enum err err, const char *detail)
{
	p->err = err;
	p->detail = detail;
	return -1;
}

/* For llhttp: bytes of the body. */
int parser_on_body(llhttp_t *h, const char *at, size_t n);

/*
 * Whether what a chunked body has beside its data is within bounds up to its byte `at`, when no data has come since
 * data_end. 0, or the refusal.
 */
int parser_check_padding(struct parser *p, size_t at);

#endif
