/*
 * The host names of a connection string to addresses, without blocking: libpq would resolve them itself, but
 * it blocks doing so (libpq manual, 34.2, PQconnectStartParams).
 */
#ifndef BUGD_DB_RESOLVE_H
#define BUGD_DB_RESOLVE_H

#include <uv.h>

struct resolve;

/* libpq's keywords and values, NULL-terminated, ready for PQconnectStartParams; freed with the resolve. */
struct resolve_params {
	const char *const *keywords;
	const char *const *values;
};

/*
 * Parses the URL (or key=value string) and resolves each host name in it. `done` gets the parameters, or NULL
 * and a text that says why. It may be called before this returns (nothing to resolve). The parameters are
 * valid until resolve_free.
 *
 * The addresses are rotated by `first`: libpq goes to the next one only when one refuses, not when it is silent.
 */
struct resolve *resolve_start(uv_loop_t *loop, const char *url, unsigned first,
			      void (*done)(void *arg, const struct resolve_params *params, const char *error),
			      void *arg);

/* Frees it; when names are still being resolved, later on the loop, without calling `done`. */
void resolve_free(struct resolve *r);

#endif
