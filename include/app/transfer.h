/*
 * A client of a bugd's HTTP API, for commands: requests with a bearer token, one after the other, blocking. It is
 * libcurl's, which is loaded when it is used first: the server itself has no need of it.
 */
#ifndef BUGD_APP_TRANSFER_H
#define BUGD_APP_TRANSFER_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define TRANSFER_ERROR_MAX 320

struct transfer {
	const char *url; /* of the server, without /api/v1 */
	const char *token;
	char error[TRANSFER_ERROR_MAX]; /* why the last request got no answer */
	struct curl_library *curl;
	void *handle;
};

/* A field of a form; `file` is a path instead of a value. */
struct transfer_part {
	const char *name, *value, *file; /* ended by a NULL name */
};

/* False: transfer->error says why. */
bool transfer_open(struct transfer *t);
void transfer_close(struct transfer *t);

/* The status of the answer, its body in `out`; 0: there was none. `path` is "/api/v1/…". */
long transfer_get(struct transfer *t, const char *path, struct buf *out);

/* Sends a form, with Prefer: respond-async. `progress` is called now and then with the bytes that were sent. */
long transfer_post_form(struct transfer *t, const char *path, const struct transfer_part *parts,
			struct buf *out, void (*progress)(void *arg, uint64_t sent, uint64_t all), void *arg);

#endif
