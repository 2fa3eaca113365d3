#include "db/resolve.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#define PARAMS_MAX 64

struct resolve {
	uv_loop_t *loop;
	void (*done)(void *arg, const struct resolve_params *params, const char *error);
	void *arg;
	struct arena arena;
	struct resolve_params params;
	const char *keywords[PARAMS_MAX], *values[PARAMS_MAX];
	size_t count;
	/* Hosts and ports that are left to look at, and what was found so far. */
	struct str hosts, ports, host, port;
	struct buf hosts_out, addresses_out, ports_out;
	unsigned first, found;
	uv_getaddrinfo_t request;
	bool in_flight, dropped;
};

static void free_now(struct resolve *r)
{
	buf_free(&r->hosts_out);
	buf_free(&r->addresses_out);
	buf_free(&r->ports_out);
	arena_reset(&r->arena);
	free(r);
}

static size_t find_param(struct resolve *r, const char *keyword)
{
	for (size_t i = 0; i < r->count; i++) {
		if (strcmp(r->keywords[i], keyword) == 0)
			return i;
	}
	return r->count;
}

static void set_param(struct resolve *r, const char *keyword, struct str value)
{
	size_t at = find_param(r, keyword);

	if (at == PARAMS_MAX - 1)
		return;
	r->keywords[at] = keyword;
	r->values[at] = arena_str(&r->arena, value).p;
	if (at == r->count)
		r->count++;
}

static struct str get_param(struct resolve *r, const char *keyword)
{
	size_t at = find_param(r, keyword);

	return at < r->count ? str_of(r->values[at]) : STR_NONE;
}

/* A socket's directory or an address needs no resolving. */
static bool is_address(struct str host)
{
	unsigned char binary[16];
	char text[64];

	if (host.n == 0 || host.p[0] == '/' || host.p[0] == '@')
		return true;
	if (host.n >= sizeof(text))
		return false;
	memcpy(text, host.p, host.n);
	text[host.n] = '\0';
	return inet_pton(AF_INET, text, binary) == 1 || inet_pton(AF_INET6, text, binary) == 1;
}

static void add_comma(struct buf *b, bool first)
{
	if (!first)
		buf_add_char(b, ',');
}

static void add_found(struct resolve *r, struct str address)
{
	bool first = r->found++ == 0;

	add_comma(&r->hosts_out, first);
	add_comma(&r->ports_out, first);
	add_comma(&r->addresses_out, first);
	buf_add_str(&r->hosts_out, r->host);
	buf_add_str(&r->ports_out, r->port.p ? r->port : STR(""));
	buf_add_str(&r->addresses_out, address);
}

/* The list, beginning with another of its items. */
static struct str rotated(struct resolve *r, const struct buf *list)
{
	struct str rest = buf_str(list), all = rest;

	for (unsigned i = r->first % r->found; i > 0; i--)
		str_cut(&rest, ',');
	if (rest.p == all.p)
		return all;
	return arena_printf(&r->arena, "%.*s,%.*s", STR_FMT(rest), (int)(rest.p - all.p - 1), all.p);
}

static void finish(struct resolve *r)
{
	if (r->found) {
		set_param(r, "host", rotated(r, &r->hosts_out));
		set_param(r, "hostaddr", rotated(r, &r->addresses_out));
		set_param(r, "port", rotated(r, &r->ports_out));
	}
	r->params = (struct resolve_params){ r->keywords, r->values };
	r->done(r->arg, &r->params, NULL);
}

static void next_host(struct resolve *r);

static void resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *list)
{
	struct resolve *r = request->data;
	char text[64];

	r->in_flight = false;
	if (r->dropped) {
		uv_freeaddrinfo(list);
		free_now(r);
		return;
	}
	for (struct addrinfo *a = status == 0 ? list : NULL; a; a = a->ai_next) {
		const void *address =
			a->ai_family == AF_INET6
				? (const void *)&((struct sockaddr_in6 *)(void *)a->ai_addr)->sin6_addr
				: (const void *)&((struct sockaddr_in *)(void *)a->ai_addr)->sin_addr;

		if (inet_ntop(a->ai_family, address, text, sizeof(text)))
			add_found(r, str_of(text));
	}
	uv_freeaddrinfo(list);
	/* Another host of the list may do; only when none was found it is an error. */
	if (status != 0 && !r->hosts.p && !r->found) {
		r->done(r->arg, NULL, uv_strerror(status));
		return;
	}
	next_host(r);
}

static void next_host(struct resolve *r)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct str port;

	while (r->hosts.p) {
		r->host = str_cut(&r->hosts, ',');
		port = r->ports.p ? str_cut(&r->ports, ',') : r->port;
		r->port = port;
		if (is_address(r->host)) {
			add_found(r, r->host.n && r->host.p[0] != '/' && r->host.p[0] != '@' ? r->host
											     : STR(""));
			continue;
		}
		r->in_flight = true;
		if (uv_getaddrinfo(r->loop, &r->request, resolved, arena_str(&r->arena, r->host).p, NULL,
				   &hints) == 0)
			return;
		r->in_flight = false;
	}
	finish(r);
}

static void add_defaults(struct resolve *r)
{
	static const char *const defaults[][2] = {
		{ "application_name", "bugd" },  { "keepalives_idle", "30" },
		{ "keepalives_interval", "10" }, { "keepalives_count", "3" },
		{ "tcp_user_timeout", "15000" }, { "client_encoding", "UTF8" },
	};

	for (size_t i = 0; i < sizeof(defaults) / sizeof(*defaults); i++) {
		if (find_param(r, defaults[i][0]) == r->count)
			set_param(r, defaults[i][0], str_of(defaults[i][1]));
	}
}

static bool parse(struct resolve *r, const char *url, char **error)
{
	PQconninfoOption *options = PQconninfoParse(url, error);

	if (!options)
		return false;
	for (PQconninfoOption *o = options; o->keyword; o++) {
		if (o->val)
			set_param(r, arena_str(&r->arena, str_of(o->keyword)).p, str_of(o->val));
	}
	PQconninfoFree(options);
	add_defaults(r);
	return true;
}

struct resolve *resolve_start(uv_loop_t *loop, const char *url, unsigned first,
			      void (*done)(void *arg, const struct resolve_params *params, const char *error),
			      void *arg)
{
	struct resolve *r = mem_zalloc(1, sizeof(*r));
	char *error = NULL;

	r->loop = loop;
	r->first = first;
	r->request.data = r;
	r->done = done;
	r->arg = arg;
	if (!parse(r, url, &error)) {
		done(arg, NULL, error ? error : "the connection string is not valid");
		PQfreemem(error);
		return r;
	}
	/* What the environment says is resolved here, too. */
	if (!get_param(r, "hostaddr").p && !getenv("PGHOSTADDR"))
		r->hosts = get_param(r, "host").p ? get_param(r, "host") : str_of(getenv("PGHOST"));
	r->ports = get_param(r, "port");
	next_host(r);
	return r;
}

void resolve_free(struct resolve *r)
{
	if (!r)
		return;
	if (!r->in_flight) {
		free_now(r);
		return;
	}
	r->dropped = true;
	uv_cancel((uv_req_t *)&r->request);
}
