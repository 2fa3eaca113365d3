/* What a path names: an issue or a project, by id or by key; anything else by id. */
#ifndef BUGD_API_REF_H
#define BUGD_API_REF_H

#include "api/handler.h"
#include "domain/issue.h"

/*
 * As statements take it: the id or the key. Pointers and slices go into the ref that it was
 * made of, which lies in the handler's frame.
 */
#define REF_ID(r)  ((r)->is_id ? &(r)->id : NULL)
#define REF_KEY(r) ((r)->is_id ? STR_NONE : str_of((r)->key))

/* The first parameter of the path. False, and the exchange has failed with ERR_NOT_FOUND: nothing is named so. */
bool ref_issue(struct exchange *x, struct ref *out) MUST_CHECK;
bool ref_project(struct exchange *x, struct ref *out) MUST_CHECK;

/* The n-th parameter of the path, from 0, as an id. False as above. */
bool ref_uuid(struct exchange *x, size_t n, struct uuid *out) MUST_CHECK;

#endif
