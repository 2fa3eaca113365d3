#include "http/conformance.h"

#include <string.h>

/* Header fields that a request may have once at most, or that decide about its framing. */
struct counted {
	struct str host, transfer_encoding, expect;
	unsigned hosts, lengths, codings, expects, types;
};

static enum err refuse(const char **detail, enum err err, const char *text)
{
	*detail = text;
	return err;
}

static enum err bad(const char **detail, const char *text)
{
	return refuse(detail, ERR_BAD_REQUEST, text);
}

/* ---- uri-host (RFC 3986, section 3.2.2) ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_name_char(char c)
{
	/* unreserved and sub-delims */
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c != '\0' && strchr("-._~!$&'()*+,;=", c));
}

/* The length of the name (or IPv4 address) that s begins with. */
static size_t name_length(struct str s)
{
	size_t i = 0;

	while (i < s.n) {
		if (s.p[i] == '%' && s.n - i > 2 && is_hex(s.p[i + 1]) && is_hex(s.p[i + 2]))
			i += 3;
		else if (is_name_char(s.p[i]))
			i++;
		else
			break;
	}
	return i;
}

/* The length of "[...]", 0 when it is no address in brackets: what is in it is not resolved, only kept to its set. */
static size_t literal_length(struct str s)
{
	size_t i = 1;

	while (i < s.n && (is_name_char(s.p[i]) || s.p[i] == ':'))
		i++;
	return i > 1 && i < s.n && s.p[i] == ']' ? i + 1 : 0;
}

bool conformance_host(struct str s)
{
	size_t i = s.n && s.p[0] == '[' ? literal_length(s) : name_length(s);
	unsigned port = 0;

	if (i == 0)
		return false;
	if (i == s.n)
		return true;
	if (s.p[i++] != ':')
		return false;
	for (; i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return false;
		port = port * 10 + (unsigned)(s.p[i] - '0');
		if (port > 65535)
			return false;
	}
	return true;
}

/* ---- the target (RFC 9112, section 3.2) ---- */

static void split_target(struct request *r, struct str path_and_query)
{
	r->path = str_cut(&path_and_query, '?');
	r->query = path_and_query;
}

static bool target_chars_valid(struct str target)
{
	for (size_t i = 0; i < target.n; i++) {
		unsigned char c = (unsigned char)target.p[i];

		if (c <= ' ' || c >= 0x7f || c == '#')
			return false;
	}
	return target.n > 0;
}

/* "http://authority/path?query": the authority replaces what Host says. */
static enum err absolute_form(struct request *r, const char **detail)
{
	struct str rest = r->target;
	size_t scheme = 0, authority = 0;

	while (scheme < rest.n && rest.p[scheme] != ':')
		scheme++;
	if ((!str_ieq((struct str){ rest.p, scheme }, STR("http")) &&
	     !str_ieq((struct str){ rest.p, scheme }, STR("https"))) ||
	    rest.n - scheme < 3 || memcmp(rest.p + scheme, "://", 3) != 0)
		return bad(detail, "The request target must be a path that begins with '/', or an http URI.");
	rest.p += scheme + 3;
	rest.n -= scheme + 3;
	while (authority < rest.n && rest.p[authority] != '/' && rest.p[authority] != '?')
		authority++;
	r->host = (struct str){ rest.p, authority };
	if (!conformance_host(r->host))
		return bad(detail, "The request target's authority is not a host with an optional port.");
	rest.p += authority;
	rest.n -= authority;
	if (rest.n && rest.p[0] == '/') {
		split_target(r, rest);
		return ERR_NONE;
	}
	/* An empty path is "/", but for OPTIONS of the whole server (section 3.2.4). */
	split_target(r, rest);
	r->path = r->method == HTTP_OPTIONS && !r->query.p ? STR("*") : STR("/");
	return ERR_NONE;
}

static enum err check_target(struct request *r, const char **detail)
{
	if (!target_chars_valid(r->target))
		return bad(detail, "The request target has characters that must be percent-encoded.");
	if (r->target.p[0] == '/') {
		split_target(r, r->target);
		return ERR_NONE;
	}
	if (str_eq(r->target, STR("*"))) {
		r->path = r->target;
		return r->method == HTTP_OPTIONS ? ERR_NONE
						 : bad(detail, "The request target '*' is for OPTIONS only.");
	}
	return absolute_form(r, detail);
}

/* ---- header fields ---- */

static void count(struct counted *c, const struct header *h)
{
	switch (h->name.n) {
	case sizeof("Host") - 1:
		if (str_ieq(h->name, STR("Host"))) {
			c->hosts++;
			c->host = h->value;
		}
		break;
	case sizeof("Expect") - 1:
		if (str_ieq(h->name, STR("Expect"))) {
			c->expects++;
			c->expect = h->value;
		}
		break;
	case sizeof("Content-Type") - 1:
		c->types += str_ieq(h->name, STR("Content-Type"));
		break;
	case sizeof("Content-Length") - 1:
		c->lengths += str_ieq(h->name, STR("Content-Length"));
		break;
	case sizeof("Transfer-Encoding") - 1:
		if (str_ieq(h->name, STR("Transfer-Encoding"))) {
			c->codings++;
			c->transfer_encoding = h->value;
		}
		break;
	default:
		break;
	}
}

static enum err check_host(struct request *r, const struct counted *c, const char **detail)
{
	if (c->hosts > 1)
		return bad(detail, "The request has more than one Host field.");
	if (c->hosts == 0 && !r->http_1_0)
		return bad(detail, "The request has no Host field.");
	if (c->hosts && !conformance_host(c->host))
		return bad(detail, "The Host field is not a host with an optional port.");
	if (!r->host.p)
		r->host = c->host;
	return ERR_NONE;
}

/* Codings that exist and that this server does not decode (RFC 9112, section 7.2). */
static bool coding_known(struct str name)
{
	return str_ieq(name, STR("gzip")) || str_ieq(name, STR("x-gzip")) || str_ieq(name, STR("deflate")) ||
	       str_ieq(name, STR("compress")) || str_ieq(name, STR("x-compress"));
}

static enum err check_coding(struct str list, const char **detail)
{
	struct str item = STR_NONE;

	if (str_ieq(list, STR("chunked")))
		return ERR_NONE;
	while (list.p) {
		item = str_trim(str_cut(&list, ','));
		if (list.p && !coding_known(item))
			return bad(detail, "Transfer-Encoding must be chunked.");
	}
	if (!str_ieq(item, STR("chunked")))
		return bad(detail, "Transfer-Encoding must end with chunked.");
	return refuse(detail, ERR_NOT_IMPLEMENTED, "The only transfer coding that is understood is chunked.");
}

/* How long the body is must be beyond doubt, or two readers of the stream may see different requests in it. */
static enum err check_framing(const struct request *r, const struct counted *c, const char **detail)
{
	if (c->lengths > 1)
		return bad(detail, "The request has more than one Content-Length field.");
	if (!c->codings)
		return ERR_NONE;
	if (c->lengths)
		return bad(detail, "The request has both Content-Length and Transfer-Encoding.");
	if (r->http_1_0)
		return bad(detail, "HTTP/1.0 knows no Transfer-Encoding.");
	if (c->codings > 1)
		return bad(detail, "The request has more than one Transfer-Encoding field.");
	return check_coding(c->transfer_encoding, detail);
}

/* Fields that list no values: two of them are two meanings, and who is in front of us may take the other. */
static enum err check_single(const struct counted *c, const char **detail)
{
	if (c->types > 1)
		return bad(detail, "The request has more than one Content-Type field.");
	return ERR_NONE;
}

static enum err check_expect(struct request *r, const struct counted *c, const char **detail)
{
	/* A client of HTTP/1.0 does not wait (RFC 9110, section 10.1.1). */
	if (!c->expects || r->http_1_0)
		return ERR_NONE;
	if (c->expects > 1 || !str_ieq(c->expect, STR("100-continue")))
		return refuse(detail, ERR_EXPECTATION,
			      "The only expectation that can be met is 100-continue.");
	r->expect_continue = true;
	return ERR_NONE;
}

enum err conformance_check(struct request *r, const char **detail)
{
	struct counted c = { 0 };
	enum err err;

	if (r->method == HTTP_OTHER)
		return refuse(detail, ERR_NOT_IMPLEMENTED, "The server does not implement this method.");
	for (size_t i = 0; i < r->header_count; i++)
		count(&c, &r->headers[i]);
	err = check_framing(r, &c, detail);
	if (!err)
		err = check_target(r, detail);
	if (!err)
		err = check_host(r, &c, detail);
	if (!err)
		err = check_single(&c, detail);
	if (!err)
		err = check_expect(r, &c, detail);
	return err;
}
