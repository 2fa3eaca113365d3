/*
 * What RFC 9110 and RFC 9112 demand of a server and llhttp leaves to its user, checked over a complete head.
 *
 *	RFC 9110	4.2.4 user information in a target · 7.2 Host · 9.1 methods · 10.1.1 Expect
 *	RFC 9112	2.3 version · 3.2 forms of the target · 6.1 Transfer-Encoding · 6.3 framing
 *
 * llhttp itself refuses (conformance_test.c holds it to that): bare LF and bare CR, obs-fold, white space
 * before a colon or the first field, control characters, names that are no tokens, more than one
 * Content-Length, Content-Length with Transfer-Encoding, broken chunks.
 */
#ifndef BUGD_HTTP_CONFORMANCE_H
#define BUGD_HTTP_CONFORMANCE_H

#include "base/err.h"
#include "http/request.h"

/*
 * Checks the head of a request whose method, version, target and headers are set. Sets host, path (raw), query
 * and expect_continue. ERR_NONE, or what to refuse the request with and why, in *detail.
 */
enum err conformance_check(struct request *r, const char **detail) MUST_CHECK;

/* Whether s is uri-host [":" port] with a host that is not empty (RFC 9110, section 7.2; RFC 3986, 3.2.2). */
bool conformance_host(struct str s);

#endif
