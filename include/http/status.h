/* Status codes: those of RFC 9110, section 15, and RFC 6585. */
#ifndef BUGD_HTTP_STATUS_H
#define BUGD_HTTP_STATUS_H

#include "base/str.h"

/* By convention the status of an exchange whose client has gone; never sent. */
#define HTTP_CLIENT_GONE 499

/* The reason phrase; "" when there is none. */
const char *http_reason(int status);

/* The whole line, "HTTP/1.1 200 OK\r\n"; that of 500 for a code that is not in the table. */
struct str http_status_line(int status);

#endif
