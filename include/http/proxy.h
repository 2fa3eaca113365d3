/* What proxies in front of the server say of a request, when they are trusted. */
#ifndef BUGD_HTTP_PROXY_H
#define BUGD_HTTP_PROXY_H

#include "base/arena.h"
#include "http/request.h"
#include "io/network.h"

/*
 * Takes over what the trusted peer of this request says of it: client (X-Forwarded-For, its right-most address that
 * is not a trusted proxy's), secure (X-Forwarded-Proto) and host (X-Forwarded-Host). Of a list the last value counts,
 * which is what the peer itself has added; what is malformed is left out.
 */
void proxy_hear(struct request *r, const struct network_list *trusted, struct arena *a);

#endif
