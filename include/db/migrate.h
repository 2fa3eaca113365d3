/*
 * Migrations: the files of sql/schema/, embedded at build time by scripts/generate-migrations, and the table
 * schema_migrations, which says what a database has.
 *
 * Each migration runs in a transaction of its own, together with its row. All changes happen under a session
 * advisory lock, so that any number of processes may start at once. A file that was applied must not be
 * edited: its checksum (SHA-256 of the up file) is compared.
 *
 * Nothing is printed here, so that commands and background jobs use the same code; failures are in db->error.
 */
#ifndef BUGD_DB_MIGRATE_H
#define BUGD_DB_MIGRATE_H

#include "db/direct.h"

#include <stdbool.h>
#include <stddef.h>

struct migration_file {
	int number;
	const char *name, *up, *down;
};

/* In rising order of their numbers. */
extern const struct migration_file migration_files[];
extern const size_t migration_file_count;

/* Who migrates what. */
struct migrator {
	struct direct *db;
	const struct migration_file *files;
	size_t file_count;
	/* Told what happens, a line without its end. May be NULL. */
	void (*say)(void *arg, const char *line);
	void *arg;
};

#define MIGRATION_CHECKSUM_LEN 64

enum migration_state {
	MIGRATION_APPLIED,
	MIGRATION_PENDING,
	MIGRATION_EDITED,  /* applied, and the file was changed since */
	MIGRATION_UNKNOWN, /* applied by a newer bugd, this one has no file of this number */
};

struct migration {
	int number;
	enum migration_state state;
	const struct migration_file *file; /* NULL: unknown */
	char name[64];
	char applied_at[32];                               /* RFC 3339; "" while pending */
	char checksum[MIGRATION_CHECKSUM_LEN + 1];         /* of the file */
	char applied_checksum[MIGRATION_CHECKSUM_LEN + 1]; /* of what was applied */
};

struct migration_list {
	struct migration *v; /* by number; freed by free() */
	size_t n;
};

const char *migration_state_name(enum migration_state state);

/* What there is, files and applied ones together. */
bool migrate_list(struct migrator *m, struct migration_list *out);

enum schema_state { SCHEMA_CURRENT, SCHEMA_OLDER, SCHEMA_NEWER, SCHEMA_EDITED };

struct schema {
	enum schema_state state;
	size_t pending;
	char text[512]; /* what is the matter and what to do; "" when current */
};

/* How the schema stands to the files. */
void migrate_judge(const struct migration_list *list, struct schema *out);

/* Lists and judges. Changes nothing. */
bool migrate_check(struct migrator *m, struct schema *out);

/*
 * Applies all that is pending, or takes the last one back. Waits up to a minute for another process that
 * migrates, and says so. Refuses when a migration was edited or is unknown. After a failure the connection is
 * closed.
 */
bool migrate_up(struct migrator *m);
bool migrate_down(struct migrator *m);

#endif
