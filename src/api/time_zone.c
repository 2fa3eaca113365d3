#include "api/time_zone.h"

#include "base/mem.h"
#include "db/row.h"

#include <stdlib.h>

/* PostgreSQL has about 600. */
#define ZONES_MAX 4096

struct time_zones {
	struct arena arena;
	struct str *names;
	size_t count;
};

static struct time_zones *keep(const PGresult *r)
{
	struct time_zones *zones = mem_zalloc(1, sizeof(*zones));
	int rows = PQntuples(r);

	zones->count = rows < ZONES_MAX ? (size_t)rows : ZONES_MAX;
	zones->names = arena_array(&zones->arena, struct str, zones->count);
	for (size_t i = 0; i < zones->count; i++)
		zones->names[i] = arena_str(&zones->arena, row_text(r, (int)i, 0));
	return zones;
}

void time_zones_free(struct time_zones *zones)
{
	if (zones)
		arena_reset(&zones->arena);
	free(zones);
}

static struct str find(const struct time_zones *zones, struct str name)
{
	for (size_t i = 0; i < zones->count; i++) {
		if (str_ieq(zones->names[i], name))
			return zones->names[i];
	}
	return STR_NONE;
}

enum co_state time_zone_find(struct exchange *x, struct str name, struct time_zone_find *f)
{
	struct api *api = api_of(x);

	co_begin(f);
	f->found = STR(TIME_ZONE_STANDARD);
	if (!name.p || str_ieq_z(name, TIME_ZONE_STANDARD))
		return CO_DONE;
	if (!api->time_zones)
		co_report(f, x, f->names, &statement_report_time_zones,
			  &(struct report_time_zones_args){ 0 });
	if (!api->time_zones)
		api->time_zones = keep(f->names.reply->result[0]);
	f->found = find(api->time_zones, name);
	if (!f->found.p)
		co_fail(exchange_fail_field(x, "time_zone", "unknown",
					    "There is no such time zone; an example is Europe/Berlin."));
	co_end();
}
