/*
 * What people type into a search: words, "exact words", -excluded ones, and qualifiers such as is:open or
 * label:"needs review". Rules alone; what a qualifier means for the list of issues is api/issue_search.h's.
 *
 *	search    = *( white-space item )
 *	item      = [ "-" ] ( quoted / word ) / qualifier
 *	qualifier = name ":" ( quoted / word )
 *	quoted    = DQUOTE *( any character but DQUOTE ) DQUOTE
 *
 * Letters and underscores before a colon are the name of a qualifier, and one that there is not is an error: quotes make
 * it plain text, and so do a second colon or a slash behind the first (std::string, https://example.org).
 */
#ifndef BUGD_DOMAIN_SEARCH_H
#define BUGD_DOMAIN_SEARCH_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* Characters of a search, and items in it. */
#define SEARCH_LEN_MAX   1000
#define SEARCH_ITEMS_MAX 32

enum search_kind {
	SEARCH_WORD,
	SEARCH_PHRASE,   /* words that follow each other */
	SEARCH_EXCLUDED, /* a word or words that must not be there */
};

enum search_name {
	SEARCH_IS,
	SEARCH_NO,
	SEARCH_STATUS,
	SEARCH_PRIORITY,
	SEARCH_TYPE,
	SEARCH_PROJECT,
	SEARCH_ASSIGNEE,
	SEARCH_CREATOR,
	SEARCH_AUTHOR, /* of the same meaning as creator */
	SEARCH_LABEL,
	SEARCH_MILESTONE,
	SEARCH_PARENT,
	SEARCH_KEY,
	SEARCH_CREATED,
	SEARCH_UPDATED,
	SEARCH_DUE,
	SEARCH_NAMES
};

/* Slices of what was typed; `at` counts characters (not bytes) from 1. */
struct search_term {
	enum search_kind kind;
	struct str text;
};

struct search_qualifier {
	enum search_name name;
	struct str value;
	size_t at;
};

struct search {
	struct search_term term[SEARCH_ITEMS_MAX];
	struct search_qualifier qualifier[SEARCH_ITEMS_MAX];
	size_t terms, qualifiers;
};

/* Why it cannot be read: a stable code, where, and what would be right (in the arena). */
struct search_error {
	const char *code;
	size_t at;
	struct str detail;
};

/*
 * Reads valid UTF-8. False: `error` says why. Codes: "unknown_qualifier", "missing_value", "unclosed_quote",
 * "excluded_qualifier", "too_many".
 */
bool search_parse(struct str text, struct arena *arena, struct search *out, struct search_error *error);

/* "is", as it is typed. */
const char *search_name_text(enum search_name name);

/* Whether the last term is a plain word: it may be the beginning of one. */
bool search_ends_in_word(const struct search *s);

#endif
