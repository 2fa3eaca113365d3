/* Names of time zones, as PostgreSQL knows them: it counts the days, so it has the last word about where they begin. */
#ifndef BUGD_API_TIME_ZONE_H
#define BUGD_API_TIME_ZONE_H

#include "api/report_run.h"

#define TIME_ZONE_STANDARD "UTC"

struct time_zones;

struct time_zone_find {
	struct co co;
	struct report_wait names;
	struct str found; /* the name as PostgreSQL spells it; as long as the process */
};

/*
 * A coroutine: looks for the name, in any case; absent is TIME_ZONE_STANDARD. The names are read from the database once
 * a process. Fails the exchange with a field error of "time_zone" when there is no such zone.
 */
enum co_state time_zone_find(struct exchange *x, struct str name, struct time_zone_find *f);

void time_zones_free(struct time_zones *zones); /* NULL is allowed */

#endif
