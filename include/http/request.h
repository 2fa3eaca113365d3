/* A request as the handlers see it. All slices point into the exchange's arena and live as long as it. */
#ifndef BUGD_HTTP_REQUEST_H
#define BUGD_HTTP_REQUEST_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum http_method {
	HTTP_OTHER,
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_OPTIONS
};

#define HTTP_METHOD_BIT(m) (1u << (m))

const char *http_method_name(enum http_method m);

struct header {
	struct str name;  /* as sent */
	struct str value; /* without white space around it */
};

struct request {
	enum http_method method;
	struct str method_text;
	struct str target; /* as sent */
	struct str
		host; /* uri-host and port, of the target in absolute form or else of Host; not checked further */
	struct str
		path; /* percent-decoded, without the trailing slash; "/" stays; "*" for OPTIONS of the server */
	struct str query; /* raw, without the '?'; absent when there is none */
	struct header *headers;
	size_t header_count;
	struct str body;   /* whole, de-chunked */
	struct str client; /* the peer's address as text, "unix" for a unix socket */
	bool keep_alive;   /* the connection outlives this exchange */
	bool http_1_0;
	bool expect_continue; /* the client waits for 100 before it sends the body */
};

/* The value of the first header field of this name, in any case; absent when there is none. */
struct str request_header(const struct request *r, const char *name);
/* How many field lines have this name. */
size_t request_header_count(const struct request *r, const char *name);

#endif
