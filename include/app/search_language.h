/* The language of the full-text search (SEARCH_LANGUAGE), which the database keeps, as its documents depend on it. */
#ifndef BUGD_APP_SEARCH_LANGUAGE_H
#define BUGD_APP_SEARCH_LANGUAGE_H

#include "db/migrate.h"

/*
 * Makes it the language of the database. When it was another one, all documents are made anew, which takes about a
 * minute for a million issues. False: db->error says why, for instance that PostgreSQL does not know the language.
 */
bool search_language_apply(struct migrator *m, const char *language);

/* Says so when the database has another language; nothing is changed. */
bool search_language_compare(struct migrator *m, const char *language);

#endif
