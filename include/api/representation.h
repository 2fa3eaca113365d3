/*
 * Representations: what answers hold, as tables of fields, for the documentation. The names in them are the
 * columns of the statements (or what a handler writes); the tests compare every reply with its table.
 *
 * A list needs no table of its own: "IssueList" is a page of "Issue".
 */
#ifndef BUGD_API_REPRESENTATION_H
#define BUGD_API_REPRESENTATION_H

#include "json/schema.h"

/* In the flags of a field or a member, beside those of json/schema.h: sometimes it is not there. */
#define MEMBER_OPTIONAL 0x10000u

/* A member that is not a single value. */
struct member {
	const char *name;
	const char *shape; /* the representation's name; NULL: any JSON value */
	unsigned flags;    /* FIELD_REPEATED, FIELD_NULLABLE, MEMBER_OPTIONAL */
	const char *doc;
};

struct representation {
	const char *name; /* as in the route table: "Issue" */
	const char *doc;
	const struct field *fields; /* their offsets and FIELD_REQUIRED mean nothing here */
	size_t field_count;
	const struct member *members;
	size_t member_count;
	const char *media; /* NULL: application/json, and the tables say what is in it; else it is opaque */
	const char *also;  /* further media types of the same answer, opaque; NULL: none */
	bool tagged;       /* its answers have an ETag */
};

extern const struct representation *const representations[]; /* ended by NULL */

/* NULL: there is none of this name. */
const struct representation *representation_find(struct str name);

/* The representation that "XList" is a list of; NULL: the name is not that of a list of a known one. */
const struct representation *representation_item(struct str name);

#endif
