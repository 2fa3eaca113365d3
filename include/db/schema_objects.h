/*
 * What the migrations make, read from their texts: tables, indexes (of primary keys and unique constraints, too) and
 * extensions. With it, what is missing in a database can be named, with the statement that makes it.
 */
#ifndef BUGD_DB_SCHEMA_OBJECTS_H
#define BUGD_DB_SCHEMA_OBJECTS_H

#include "base/arena.h"
#include "db/migrate.h"

enum schema_kind { SCHEMA_TABLE, SCHEMA_INDEX, SCHEMA_EXTENSION };

struct schema_object {
	enum schema_kind kind;
	struct str name;
	struct str made_by; /* a statement; absent: it is part of one */
};

#define SCHEMA_OBJECTS_MAX 512

struct schema_objects {
	struct schema_object v[SCHEMA_OBJECTS_MAX];
	size_t n;
};

/* Texts of `out` are in the arena. What a later migration drops is not in it. */
void schema_objects_read(const struct migration_file *files, size_t n, struct arena *a,
			 struct schema_objects *out);

#endif
