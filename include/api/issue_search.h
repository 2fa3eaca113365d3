/*
 * The parameter `q` of lists of issues: words to look for, and qualifiers (domain/search.h). A qualifier is another way
 * to write a filter, and becomes one; the words become what search_query of sql/schema/010_search takes.
 */
#ifndef BUGD_API_ISSUE_SEARCH_H
#define BUGD_API_ISSUE_SEARCH_H

#include "api/handler.h"
#include "db/compose.h"

/* As many are ranked at most; more are not told apart by relevance (sql/query/issue.sql). */
#define SEARCH_MATCHES_MAX 500

struct issue_search {
	struct db_array words;               /* of struct str; none: all issues that the filters leave */
	struct str alike;                    /* those of them that are to be there, as one text */
	struct db_array assignees, creators; /* of struct str: handles */
};

/*
 * Reads the member `q` of `query`, a struct of the shape, into `out`, and its qualifiers into `query`, beside what is
 * given there. False: errors of the field "q" were added, which say where the text is wrong.
 */
bool issue_search_read(const struct shape *shape, void *query, struct field_errors *errors,
		       struct issue_search *out) MUST_CHECK;

/* Chooses the options of the statement issue_list for it, and sets its arguments. */
void issue_search_apply(const struct issue_search *s, struct choice *choice, struct issue_list_args *args);

#endif
