#include "db/replica_urls.h"

#include "db/direct.h"

#include <stdio.h>
#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool begins_url(const char *p)
{
	return strncmp(p, "postgresql://", 13) == 0 || strncmp(p, "postgres://", 11) == 0;
}

/* A separator: white space, or a comma in front of white space, the end, or another address. */
static bool is_end(const char *p)
{
	return !*p || is_space(*p) ||
	       (*p == ',' && (!p[1] || is_space(p[1]) || p[1] == ',' || begins_url(p + 1)));
}

/* The next address from `*p` on, which is moved behind it; absent: there is none. */
static struct str next_url(const char **p)
{
	const char *start;

	while (is_space(**p) || **p == ',')
		++*p;
	start = *p;
	if (!*start)
		return STR_NONE;
	while (!is_end(*p))
		++*p;
	return (struct str){ start, (size_t)(*p - start) };
}

static const char *option(const PQconninfoOption *options, const char *keyword)
{
	for (const PQconninfoOption *o = options; o->keyword; o++) {
		if (strcmp(o->keyword, keyword) == 0 && o->val && *o->val)
			return o->val;
	}
	return NULL;
}

/* NULL: it names several servers. */
static const char *name_of(const char *url, struct arena *a)
{
	PQconninfoOption *options = PQconninfoParse(url, NULL);
	const char *host, *port, *name = NULL;

	if (!options)
		return NULL;
	host = option(options, "host") ? option(options, "host") : option(options, "hostaddr");
	port = option(options, "port");
	if (!host || !strchr(host, ','))
		name = arena_printf(a, "%.*s:%.*s", REPLICA_NAME_MAX - 8, host ? host : "localhost", 5,
				    port ? port : "5432")
			       .p;
	PQconninfoFree(options);
	return name;
}

static bool is_twice(const struct replica_urls *u, const char *name)
{
	for (size_t i = 0; i < u->n; i++) {
		if (u->name[i] && strcmp(u->name[i], name) == 0)
			return true;
	}
	return false;
}

static const char *fault_of(const struct replica_urls *u, const char *url, struct arena *a, const char **name,
			    char fault[DIRECT_ERROR_MAX])
{
	*name = NULL;
	if (!begins_url(url))
		return "it is not a connection URL; expected postgresql://user@host:5432/bugd";
	if (!direct_url_check(url, fault))
		return fault;
	*name = name_of(url, a);
	if (!*name)
		return "it names several hosts; expected an address for each";
	return is_twice(u, *name) ? "the same host and port are there twice" : NULL;
}

bool replica_urls_parse(const char *text, struct arena *a, struct replica_urls *out, struct buf *errors)
{
	char fault[DIRECT_ERROR_MAX];
	const char *wrong, *name;
	bool good = true;
	struct str s;

	*out = (struct replica_urls){ 0 };
	while ((s = next_url(&text)).p) {
		if (out->n == REPLICAS_MAX) {
			buf_printf(errors, "DATABASE_REPLICA_URLS: there are more than %d\n", REPLICAS_MAX);
			return false;
		}
		out->url[out->n] = arena_str(a, s).p;
		wrong = fault_of(out, out->url[out->n], a, &name, fault);
		out->name[out->n] = name;
		out->n++;
		if (wrong)
			buf_printf(errors, "DATABASE_REPLICA_URLS: address %zu: %s\n", out->n, wrong);
		good = good && !wrong;
	}
	return good;
}
