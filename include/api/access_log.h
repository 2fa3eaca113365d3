/* The access log: a line for each request. */
#ifndef BUGD_API_ACCESS_LOG_H
#define BUGD_API_ACCESS_LOG_H

#include "http/exchange.h"

/* One that took `slow_ms` or longer is a warning, so that it shows also where others are not logged; 0: none is. */
void access_log(struct exchange *x, size_t bytes_out, uint64_t slow_ms);

#endif
