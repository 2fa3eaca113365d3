/* What a body says of an issue, as the statements take it that change one or many (sql/query/issue.sql). */
#ifndef BUGD_API_ISSUE_CHANGE_H
#define BUGD_API_ISSUE_CHANGE_H

#include "api/issue_shape.h"

/* A change names what it changes, and a null clears. Pointers go into `in`. */
void issue_change_patch(struct issue_change *c, const struct issue_input *in);

/* A replacement names every field: what is absent gets its standard value, but for the status. */
void issue_change_put(struct issue_change *c, const struct issue_input *in);

/* Fails the exchange for an outcome of these statements other than ok and unchanged, which needs no further look. */
void issue_change_refused(struct exchange *x, struct str outcome);

/* The text for people of an outcome, when it is one of several issues'; the outcome is the code. */
const char *issue_change_reason(struct str outcome);

#endif
