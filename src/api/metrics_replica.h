/* What is known of each replica. Part of api/metrics.h. */
#ifndef BUGD_API_METRICS_REPLICA_H
#define BUGD_API_METRICS_REPLICA_H

#include "api/exposition.h"
#include "db/replica.h"

void metrics_replicas(struct exposition *e, const struct replicas *all);

#endif
