#include "db/direct.h"

#include <stdio.h>
#include <string.h>

/* Where user, password, host and database stand: behind the scheme, before the query. Absent: not a URL. */
static struct str authority_and_path(const char *url)
{
	const char *start = strstr(url, "://");

	return start ? (struct str){ start + 3, strcspn(start + 3, "?") } : STR_NONE;
}

/*
 * A password with one of these characters, not percent-encoded, makes libpq take a part of it for the host,
 * which would be shown in messages.
 */
static bool misleads(struct str s)
{
	struct str before = str_cut(&s, '@');

	if (!s.p)
		return false;
	return memchr(before.p, '/', before.n) || memchr(s.p, '@', s.n);
}

/* libpq's reason may quote the password; the one about an unknown parameter behind the '?' does not. */
static const char *presentable(char *reason)
{
	if (!reason || !strstr(reason, "invalid URI query parameter") || strchr(reason, '@'))
		return "it is not a connection string of PostgreSQL";
	reason[strcspn(reason, "\n")] = '\0';
	return reason;
}

bool direct_url_check(const char *url, char fault[DIRECT_ERROR_MAX])
{
	struct str s = authority_and_path(url);
	char *reason = NULL;
	PQconninfoOption *options;

	if (s.p && misleads(s)) {
		snprintf(fault, DIRECT_ERROR_MAX,
			 "it has an @ or / in the wrong place; expected %%40 and %%2F for them in user "
			 "and password");
		return false;
	}
	options = PQconninfoParse(url, &reason);
	if (!options)
		snprintf(fault, DIRECT_ERROR_MAX, "%s; expected postgresql://user@host:5432/bugd",
			 presentable(reason));
	PQconninfoFree(options);
	PQfreemem(reason);
	return options != NULL;
}
