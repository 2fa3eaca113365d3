/*
 * Cross-origin resource sharing (the Fetch standard, section 3.2): which pages of other origins a browser lets read
 * our answers. Without origins, no answer says anything of it, and browsers let none.
 *
 * A listed origin is named in the answer; "*" lets all, but never with credentials. Anything else is not
 * reflected.
 */
#ifndef BUGD_HTTP_CORS_H
#define BUGD_HTTP_CORS_H

#include "base/str.h"
#include "http/request.h"
#include "http/response.h"

#define CORS_ORIGINS_MAX 32

struct cors {
	struct str origins[CORS_ORIGINS_MAX]; /* "https://bugs.example.org", as browsers write them */
	size_t n;
	bool any;
};

/*
 * Reads "https://a.example, http://localhost:3000" or "*"; the slices point into `text`. False: *wrong is no origin,
 * or one too many.
 */
bool cors_parse(struct cors *c, struct str text, struct str *wrong);

/* Adds the header fields for a request's Origin; `methods` are those that the path has, for a preflight. */
void cors_answer(const struct cors *c, const struct request *request, struct response *response,
		 unsigned methods);

#endif
