/* Range requests (RFC 9110, section 14): one range of bytes. */
#ifndef BUGD_HTTP_RANGE_H
#define BUGD_HTTP_RANGE_H

#include "http/request.h"

struct range {
	uint64_t first, length;
};

enum range_outcome {
	RANGE_WHOLE, /* no range, none that we know, several, or If-Range says that it was another file: all of it */
	RANGE_PART,          /* 206: this part */
	RANGE_UNSATISFIABLE, /* 416: it begins behind the end */
};

/*
 * What a GET of a file of `size` bytes with this strong ETag (with its quotes) is to answer. Several ranges are answered
 * by the whole file, as section 14.2 allows; a Range of a method other than GET means nothing (section 14.2).
 */
enum range_outcome range_of(const struct request *r, uint64_t size, struct str etag, struct range *out);

#endif
