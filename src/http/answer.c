#include "http/answer.h"

#include "base/clock.h"
#include "http/status.h"

#include <string.h>
#include <time.h>

/* Room for all that has a bounded size: status line, Date, Content-Length, Connection, what browsers are told, and the names. */
#define FIXED_ROOM 640

/* "Date: ...\r\n", made once a second. time() reads a page that the kernel keeps, without a call. */
static struct str date_line(void)
{
	static char line[sizeof("Date: ") - 1 + CLOCK_HTTP_LEN + 2] = "Date: ";
	static time_t made;
	time_t now = time(NULL);

	if (now != made) {
		clock_format_http((int64_t)now, line + 6);
		memcpy(line + 6 + CLOCK_HTTP_LEN, "\r\n", 2);
		made = now;
	}
	return (struct str){ line, sizeof(line) };
}

/*
 * What browsers are told with every answer, one piece for each set of RESPONSE_OWN_…: not to guess what it is, to
 * load nothing for it and show it in no frame, to tell nobody where they come from, and to keep nothing.
 */
#define COMMON "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
#define CACHE  "Cache-Control: no-store\r\n"
#define POLICY "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"

/* For browsers that came over TLS: to do so for a year. */
#define STRICT "Strict-Transport-Security: max-age=31536000\r\n"

static const struct str security[] = {
	[0] = STR_INIT(COMMON CACHE POLICY),
	[RESPONSE_OWN_CACHE] = STR_INIT(COMMON POLICY),
	[RESPONSE_OWN_POLICY] = STR_INIT(COMMON CACHE),
	[RESPONSE_OWN_CACHE | RESPONSE_OWN_POLICY] = STR_INIT(COMMON),
};

static char *add(char *at, struct str s)
{
	memcpy(at, s.p, s.n);
	return at + s.n;
}

static char *add_number(char *at, size_t v)
{
	char digits[20];
	size_t n = sizeof(digits);

	do {
		digits[--n] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	return add(at, (struct str){ digits + n, sizeof(digits) - n });
}

static bool status_has_body(int status)
{
	return status >= 200 && status != 204 && status != 304;
}

bool answer_has_body(const struct request *request, const struct response *response)
{
	return request->method != HTTP_HEAD && status_has_body(response->status);
}

static char *add_length(char *at, int64_t length)
{
	if (length == ANSWER_UNTIL_CLOSE)
		return at;
	if (length == ANSWER_CHUNKED)
		return add(at, STR("Transfer-Encoding: chunked\r\n"));
	at = add(at, STR("Content-Length: "));
	at = add_number(at, (size_t)length);
	return add(at, STR("\r\n"));
}

void answer_head(struct buf *out, const struct request *request, const struct response *response,
		 struct str request_id, bool close, int64_t length)
{
	size_t room = FIXED_ROOM + response->content_type.n + request_id.n + response->headers.n;
	char *begin = buf_reserve(out, room), *at = begin;
	/* What comes with 304 replaces what the client has kept of the answer, so nothing may be added there. */
	unsigned unchanged = response->status == 304 ? RESPONSE_OWN_CACHE | RESPONSE_OWN_POLICY : 0;

	at = add(at, http_status_line(response->status));
	at = add(at, date_line());
	if (response->content_type.p) {
		at = add(at, STR("Content-Type: "));
		at = add(at, response->content_type);
		at = add(at, STR("\r\n"));
	}
	if (status_has_body(response->status))
		at = add_length(at, length);
	if (close)
		at = add(at, STR("Connection: close\r\n"));
	else if (request->http_1_0)
		at = add(at, STR("Connection: keep-alive\r\n"));
	at = add(at, security[response->own | unchanged]);
	if (request->secure)
		at = add(at, STR(STRICT));
	at = add(at, STR("X-Request-Id: "));
	at = add(at, request_id);
	at = add(at, STR("\r\n"));
	at = add(at, buf_str(&response->headers));
	at = add(at, STR("\r\n"));
	out->n += (size_t)(at - begin);
}
