#include "app/search_language.h"

#include <stdio.h>
#include <string.h>

static void say(struct migrator *m, const char *before, const char *language, const char *behind)
{
	char line[256];

	snprintf(line, sizeof(line), "%s%.64s%s", before, language, behind);
	if (m->say)
		m->say(m->arg, line);
}

bool search_language_apply(struct migrator *m, const char *language)
{
	struct str params[] = { str_of(language) };
	PGresult *r = direct_query(m->db, "SELECT search_language_set($1)", params, 1);

	if (!r)
		return false;
	if (strcmp(PQgetvalue(r, 0, 0), "t") == 0)
		say(m, "all issues are indexed for searches in ", language, "");
	PQclear(r);
	return true;
}

bool search_language_compare(struct migrator *m, const char *language)
{
	PGresult *r = direct_query(m->db, "SELECT name FROM search_language", NULL, 0);

	if (!r)
		return false;
	if (PQntuples(r) && strcmp(PQgetvalue(r, 0, 0), language) != 0)
		say(m, "SEARCH_LANGUAGE is ", language,
		    ", but issues are indexed in another language; `bugd migrate up` indexes them anew");
	PQclear(r);
	return true;
}
