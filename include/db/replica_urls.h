/*
 * The addresses of replicas in one text (DATABASE_REPLICA_URLS): connection URLs of libpq, separated by white space, or
 * by commas (each in front of the next "postgresql://", as an address may have commas, too).
 */
#ifndef BUGD_DB_REPLICA_URLS_H
#define BUGD_DB_REPLICA_URLS_H

#include "base/arena.h"
#include "base/buf.h"

#define REPLICAS_MAX     8
#define REPLICA_NAME_MAX 128

struct replica_urls {
	const char *url[REPLICAS_MAX];
	const char *name[REPLICAS_MAX]; /* "host:port", for logs and metrics: no secret is in it */
	size_t n;
};

/*
 * False: `errors` got a line for each thing that is wrong, without showing the address. Texts are the arena's. An
 * address must name one server: the probe and the connections for reads are to be of the same one.
 */
bool replica_urls_parse(const char *text, struct arena *a, struct replica_urls *out, struct buf *errors);

#endif
