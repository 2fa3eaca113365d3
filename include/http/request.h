/*
 * A request as the handlers see it. All slices live as long as the exchange. Of a request that HTTP itself
 * refused some may be absent, method_text, target and path among them: log and problem have to expect it.
 */
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

/* "GET, HEAD, OPTIONS" of a set of HTTP_METHOD_BITs. */
#define HTTP_METHOD_NAMES_MAX 64
struct str http_method_names(unsigned methods, char out[HTTP_METHOD_NAMES_MAX]);

struct header {
	struct str name;  /* as sent */
	struct str value; /* without white space around it */
};

struct request {
	enum http_method method;
	struct str method_text;
	struct str target; /* as sent */
	struct str host;   /* uri-host and port: of the target in absolute form, or else of Host */
	struct str path;   /* percent-decoded, no trailing slash but in "/"; "*" for OPTIONS of the server */
	struct str query;  /* raw, without the '?'; absent when there is none */
	struct header *headers;
	size_t header_count;
	struct str body; /* whole, de-chunked */
	struct str
		client;  /* its address as text: the peer's, "unix" for a unix socket, or what proxies say */
	bool from_proxy; /* the peer is one of those whose word about the client is taken */
	bool secure;     /* it came over TLS, as they say */
	bool keep_alive; /* the connection outlives this exchange */
	bool http_1_0;
	bool expect_continue; /* the client waits for 100 before it sends the body */
};

/* The value of the first header field of this name, in any case; absent when there is none. */
struct str request_header(const struct request *r, const char *name);
/* How many field lines have this name. */
size_t request_header_count(const struct request *r, const char *name);

#endif
