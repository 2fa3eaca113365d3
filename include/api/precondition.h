/*
 * Optimistic locking: which version a change is based on, from the body's `version` or from If-Match
 * (RFC 9110, section 13.1.1). The statement that acts compares.
 */
#ifndef BUGD_API_PRECONDITION_H
#define BUGD_API_PRECONDITION_H

#include "api/handler.h"

struct precondition {
	bool any;                 /* If-Match: *, or nothing is required and nothing was said */
	struct db_array versions; /* texts: those that fit */
	bool from_if_match;
	int32_t since; /* the version that the client had, for "changed"; 0 when unknown */
};

/*
 * Reads it; `body_version` counts when `in_body`. With both, both must fit. False, and the exchange has failed
 * with ERR_VERSION_REQUIRED: `required`, and there is neither.
 */
bool precondition_read(struct exchange *x, bool in_body, int64_t body_version, bool required,
		       struct precondition *out) MUST_CHECK;

/* Fails the exchange because the version did not fit: 412 for If-Match, else 409. */
void precondition_fail(struct exchange *x, const struct precondition *p);

#endif
