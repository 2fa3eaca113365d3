/* The bounds of one request. */
#ifndef BUGD_HTTP_LIMITS_H
#define BUGD_HTTP_LIMITS_H

#include <stddef.h>

struct parser_limits {
	size_t head_bytes; /* request line and header section; also chunk extensions and trailer section */
	size_t body_bytes; /* without the framing of chunks */
	size_t header_count;
};

#endif
