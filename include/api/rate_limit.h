/*
 * Limits of rate: how many requests of a kind one user, one token or one address may make (API conventions,
 * "limits"; draft-ietf-httpapi-ratelimit-headers). Each process counts for itself, in memory that does not grow.
 *
 * A request without a token counts for its address (for IPv6, its network of 64 bits), one with a session for the
 * user, one with a personal access token for the token and for its owner. A token that is not valid counts for the
 * address, so that tokens cannot be guessed at any rate.
 */
#ifndef BUGD_API_RATE_LIMIT_H
#define BUGD_API_RATE_LIMIT_H

#include "api/api.h"

/* Kinds of requests, each with a quota of its own. Routes name theirs; 0 is decided by the method. */
enum rate_kind { RATE_BY_METHOD, RATE_FREE, RATE_SIGN_IN, RATE_READ, RATE_WRITE, RATE_HEAVY, RATE_KINDS };

struct rate_limit;
struct caller;

/* NULL when nothing is limited. The config must outlive it. */
struct rate_limit *rate_limit_create(const struct rate_config *config);
/* New rates; what was used up stays used up. Makes or frees it as they are switched on or off. */
void rate_limit_configure(struct rate_limit **l, const struct rate_config *config);
void rate_limit_free(struct rate_limit *l);

/*
 * Counts the request, for the caller or, when NULL, for its address; the answer gets the header fields. False: it is
 * one too many, and the exchange has failed with ERR_TOO_MANY.
 */
bool rate_limit_admit(struct exchange *x, const struct caller *caller) MUST_CHECK;

/* The same for a token that is not valid, which counts as signing in. */
bool rate_limit_stranger(struct exchange *x) MUST_CHECK;

#endif
