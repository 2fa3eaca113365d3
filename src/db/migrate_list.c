#include "db/migrate.h"

#include "base/mem.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How much of a checksum is shown. */
#define SHORT 12

const char *migration_state_name(enum migration_state state)
{
	static const char *const names[] = { "applied", "pending", "edited", "unknown" };

	return names[state];
}

static void checksum(const char *text, char out[MIGRATION_CHECKSUM_LEN + 1])
{
	unsigned char digest[SHA256_DIGEST_LENGTH];

	SHA256((const unsigned char *)text, strlen(text), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

/* What is applied, by number; no rows when the database was never migrated. NULL: failure. */
static PGresult *read_applied(struct direct *db)
{
	PGresult *r =
		direct_query(db, "SELECT 1 WHERE to_regclass('schema_migrations') IS NOT NULL", NULL, 0);

	if (!r || PQntuples(r) == 0)
		return r;
	PQclear(r);
	return direct_query(db,
			    "SELECT number, name, checksum,"
			    " to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
			    " FROM schema_migrations ORDER BY number",
			    NULL, 0);
}

static void from_file(struct migration *out, const struct migration_file *file)
{
	*out = (struct migration){ .number = file->number, .state = MIGRATION_PENDING, .file = file };
	snprintf(out->name, sizeof(out->name), "%s", file->name);
	checksum(file->up, out->checksum);
}

/* Adds what the database knows; `out` is from the file of the same number, or zeroed when there is none. */
static void from_row(struct migration *out, const PGresult *r, int row)
{
	snprintf(out->applied_checksum, sizeof(out->applied_checksum), "%s", PQgetvalue(r, row, 2));
	snprintf(out->applied_at, sizeof(out->applied_at), "%s", PQgetvalue(r, row, 3));
	if (out->file) {
		out->state =
			strcmp(out->checksum, out->applied_checksum) ? MIGRATION_EDITED : MIGRATION_APPLIED;
		return;
	}
	out->number = atoi(PQgetvalue(r, row, 0));
	out->state = MIGRATION_UNKNOWN;
	snprintf(out->name, sizeof(out->name), "%s", PQgetvalue(r, row, 1));
}

bool migrate_list(struct migrator *m, struct migration_list *out)
{
	PGresult *r = read_applied(m->db);
	int rows = PQntuples(r), row = 0;
	size_t file = 0;

	*out = (struct migration_list){ 0 };
	if (!r)
		return false;
	out->v = mem_zalloc(m->file_count + (size_t)rows, sizeof(*out->v));
	/* Both are sorted by number: the smaller one is next, equal ones are the same migration. */
	while (file < m->file_count || row < rows) {
		struct migration *next = &out->v[out->n++];
		int applied = row < rows ? atoi(PQgetvalue(r, row, 0)) : 0;

		if (file < m->file_count && (row == rows || m->files[file].number <= applied))
			from_file(next, &m->files[file++]);
		if (row < rows && (!next->file || next->number == applied))
			from_row(next, r, row++);
	}
	PQclear(r);
	return true;
}

/* The first of this state; counts them in *n. */
static const struct migration *find(const struct migration_list *list, enum migration_state state, size_t *n)
{
	const struct migration *first = NULL;

	*n = 0;
	for (size_t i = 0; i < list->n; i++) {
		if (list->v[i].state != state)
			continue;
		if (!first)
			first = &list->v[i];
		++*n;
	}
	return first;
}

void migrate_judge(const struct migration_list *list, struct schema *out)
{
	const struct migration *m;
	size_t n;

	*out = (struct schema){ .state = SCHEMA_CURRENT };
	if ((m = find(list, MIGRATION_EDITED, &n)) != NULL) {
		out->state = SCHEMA_EDITED;
		snprintf(out->text, sizeof(out->text),
			 "migration %03d_%s was edited after it had been applied: its SHA-256 was %.*s… "
			 "and is %.*s…; restore the file, and put the change into a new migration",
			 m->number, m->name, SHORT, m->applied_checksum, SHORT, m->checksum);
	} else if ((m = find(list, MIGRATION_UNKNOWN, &n)) != NULL) {
		out->state = SCHEMA_NEWER;
		snprintf(out->text, sizeof(out->text),
			 "the database's schema is newer than this bugd, which does not know migration "
			 "%03d_%s; use the bugd that applied it, or a newer one",
			 m->number, m->name);
	} else if ((m = find(list, MIGRATION_PENDING, &n)) != NULL) {
		out->state = SCHEMA_OLDER;
		out->pending = n;
		snprintf(out->text, sizeof(out->text),
			 "the database's schema is older than this bugd: %zu %s to be applied, the first of "
			 "them %03d_%s; run `bugd migrate up`",
			 n, n == 1 ? "migration is" : "migrations are", m->number, m->name);
	}
}

bool migrate_check(struct migrator *m, struct schema *out)
{
	struct migration_list list;

	if (!migrate_list(m, &list))
		return false;
	migrate_judge(&list, out);
	free(list.v);
	return true;
}
