/* The access log: one line a request, at level info. */
#ifndef BUGD_API_ACCESS_LOG_H
#define BUGD_API_ACCESS_LOG_H

#include "http/exchange.h"

/* The `finished` of the service. */
void access_log(struct exchange *x, size_t bytes_out);

#endif
