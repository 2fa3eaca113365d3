#include "http_feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct parser_limits limits = { .head_bytes = 1024, .body_bytes = 100, .header_count = 10 };

struct outcome feed(const char *text, size_t n, size_t step)
{
	struct outcome o = { 0 };
	struct parser p;

	parser_init(&p, &limits);
	parser_begin(&p, &o.request, &o.message);
	for (size_t at = 0, used; at < n && o.result == PARSER_MORE; at += used) {
		size_t piece = n - at < step ? n - at : step;
		char *copy = malloc(piece); /* of its own, so that reading beyond it is found */

		memcpy(copy, text + at, piece);
		o.result = parser_feed(&p, copy, piece, &used);
		o.used += used;
		if (o.result == PARSER_FRAMED)
			o.result = parser_collect(&p);
		free(copy);
	}
	o.err = p.err;
	return o;
}

void forget(struct outcome *o)
{
	message_free(&o->message);
}

enum err verdict_n(const char *text, size_t n)
{
	struct outcome whole = feed(text, n, n);

	for (size_t step = 1; step < n; step++) {
		struct outcome cut = feed(text, n, step);

		if (cut.result != whole.result || cut.err != whole.err)
			fail_msg("in pieces of %zu: result %d, error %d instead of %d, %d: %s", step,
				 cut.result, cut.err, whole.result, whole.err, text);
		forget(&cut);
	}
	if (whole.result == PARSER_MORE)
		fail_msg("not complete: %s", text);
	forget(&whole);
	return whole.err;
}

void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		enum err err = verdict_n(rows[i].text, strlen(rows[i].text));

		if (err != rows[i].err)
			fail_msg("%s instead of %s for: %s", err ? err_code(err) : "accepted",
				 rows[i].err ? err_code(rows[i].err) : "accepted", rows[i].text);
	}
}
