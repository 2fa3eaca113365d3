/* Problems: the only place that turns an error into HTTP (RFC 9457, application/problem+json). */
#ifndef BUGD_API_PROBLEM_H
#define BUGD_API_PROBLEM_H

#include "http/exchange.h"

/* Writes x->problem into x->response. */
void problem_answer(struct exchange *x);

/* Adds a member to the problem: a complete JSON value, whose memory is the exchange's. */
void problem_member(struct exchange *x, const char *name, struct str json);

#endif
