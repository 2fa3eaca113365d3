#include "db/sqlstate.h"

#include <stddef.h>
#include <string.h>

/* By prefix: a class of two characters, or a whole code; the first match counts. */
static const struct {
	const char *prefix;
	enum err err;
} table[] = {
	{ "BUGD1", ERR_KEY_IN_USE },                             /* claim_idempotency_key */
	{ "BUGD2", ERR_KEY_IN_USE },  { "08", ERR_UNAVAILABLE }, /* connection exception */
	{ "21000", ERR_INTERNAL },    /* cardinality violation: a statement of ours is wrong */
	{ "23503", ERR_CONFLICT },    /* foreign key: the other row has just gone */
	{ "23505", ERR_CONFLICT },    /* unique: handlers translate the constraint by name */
	{ "25006", ERR_UNAVAILABLE }, /* read-only transaction: a standby */
	{ "40001", ERR_BUSY },        /* serialization failure */
	{ "40P01", ERR_BUSY },        /* deadlock */
	{ "53", ERR_UNAVAILABLE },    /* insufficient resources: disk, memory, connections */
	{ "55P03", ERR_BUSY },        /* lock not available */
	{ "57014", ERR_DEADLINE },    /* statement timeout */
	{ "57P", ERR_UNAVAILABLE },   /* shutdown, crash, cannot connect now */
	{ "58", ERR_UNAVAILABLE },    /* system error, as an I/O error */
};

enum err sqlstate_err(const char *sqlstate)
{
	if (!sqlstate)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (strncmp(sqlstate, table[i].prefix, strlen(table[i].prefix)) == 0)
			return table[i].err;
	}
	return ERR_INTERNAL;
}

bool sqlstate_is_read_only(const char *sqlstate)
{
	return sqlstate && strcmp(sqlstate, "25006") == 0;
}
