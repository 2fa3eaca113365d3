/* What the system knows of the process. Part of api/metrics.h. */
#ifndef BUGD_API_METRICS_PROCESS_H
#define BUGD_API_METRICS_PROCESS_H

#include "api/exposition.h"

/* By the names that Prometheus' own client libraries use; what /proc does not tell is left out. */
void metrics_process(struct exposition *e);

#endif
