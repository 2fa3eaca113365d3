/* The schema: its migrations, and whether all that they made is there, valid and ours to use. */
#include "app/doctor.h"
#include "db/schema_objects.h"

#include <stdlib.h>
#include <string.h>

static bool failed(struct doctor *d, const struct direct *db)
{
	doctor_say(d, FINDING_PROBLEM, "schema", "see the log of PostgreSQL", "%s", db->error);
	return false;
}

static bool look_at_migrations(struct doctor *d, struct direct *db)
{
	struct migrator m = { .db = db, .files = migration_files, .file_count = migration_file_count };
	struct schema schema;

	if (!migrate_check(&m, &schema))
		return failed(d, db);
	if (schema.state == SCHEMA_CURRENT) {
		doctor_say(d, FINDING_OK, "schema", NULL, "all %zu migrations are applied, as they are",
			   migration_file_count);
		return true;
	}
	doctor_say(
		d, FINDING_PROBLEM, "schema",
		schema.state == SCHEMA_OLDER ? "bugd migrate up"
		: schema.state == SCHEMA_NEWER
			? "install the bugd that applied it, or a newer one"
			: "restore the database, or install the bugd that applied it; `bugd migrate status` shows which",
		"%s", schema.text);
	return false;
}

/* An array of the names of a kind, as PostgreSQL writes it. They are plain words. */
static struct str names_of(const struct schema_objects *all, enum schema_kind kind, struct buf *out)
{
	buf_add_char(out, '{');
	for (size_t i = 0; i < all->n; i++) {
		if (all->v[i].kind != kind)
			continue;
		if (out->p[out->n - 1] != '{')
			buf_add_char(out, ',');
		buf_add_str(out, all->v[i].name);
	}
	buf_add_char(out, '}');
	return buf_str(out);
}

static const char *mend_missing(struct doctor *d, const struct schema_objects *all, enum schema_kind kind,
				const char *name)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct schema_object *o = &all->v[i];

		if (o->kind == kind && str_eq_z(o->name, name) && o->made_by.p)
			return doctor_text(d, "psql \"$DATABASE_URL\" -c \"%.*s\"", STR_FMT(o->made_by));
	}
	if (kind == SCHEMA_TABLE)
		return "restore the database from a backup (docs/operating.md)";
	return doctor_text(
		d, "add it as `pg_dump --schema-only` of a new database shows it after `bugd migrate up`: %s",
		name);
}

struct look {
	enum schema_kind kind;
	const char *check, *what, *query; /* which of the names $1 are not there */
};

static bool look_for(struct doctor *d, struct direct *db, const struct schema_objects *all,
		     const struct look *look)
{
	struct buf names = { 0 };
	struct str param = names_of(all, look->kind, &names);
	PGresult *r = direct_query(db, look->query, &param, 1);

	buf_free(&names);
	if (!r)
		return failed(d, db);
	for (int i = 0; i < PQntuples(r); i++)
		doctor_say(d, FINDING_PROBLEM, look->check,
			   mend_missing(d, all, look->kind, PQgetvalue(r, i, 0)), "%s %s is missing",
			   look->what, PQgetvalue(r, i, 0));
	if (PQntuples(r) == 0)
		doctor_say(d, FINDING_OK, look->check, NULL, "none is missing");
	PQclear(r);
	return true;
}

static bool look_at_invalid(struct doctor *d, struct direct *db)
{
	PGresult *r = direct_query(db,
				   "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
				   " WHERE c.relnamespace = current_schema()::regnamespace"
				   " AND NOT (i.indisvalid AND i.indisready AND i.indislive) ORDER BY 1",
				   NULL, 0);

	if (!r)
		return failed(d, db);
	for (int i = 0; i < PQntuples(r); i++)
		doctor_say(d, FINDING_PROBLEM, "indexes",
			   doctor_text(d, "psql \"$DATABASE_URL\" -c 'REINDEX INDEX CONCURRENTLY \"%s\"'",
				       PQgetvalue(r, i, 0)),
			   "index %s is invalid: PostgreSQL does not use it", PQgetvalue(r, i, 0));
	PQclear(r);
	return true;
}

static bool look_at_privileges(struct doctor *d, struct direct *db, const struct schema_objects *all)
{
	struct buf names = { 0 };
	struct str param = names_of(all, SCHEMA_TABLE, &names);
	PGresult *r = direct_query(
		db,
		"SELECT c.relname, current_user, current_schema(), string_agg(p, ', ')"
		" FROM pg_class c, unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) p"
		" WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')"
		" AND c.relname = ANY ($1::text[]) AND NOT has_table_privilege(c.oid, p)"
		" GROUP BY c.relname ORDER BY c.relname",
		&param, 1);

	buf_free(&names);
	if (!r)
		return failed(d, db);
	for (int i = 0; i < PQntuples(r); i++)
		doctor_say(
			d, FINDING_PROBLEM, "privileges",
			doctor_text(
				d,
				"as the owner of the tables: GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \"%s\" TO \"%s\"",
				PQgetvalue(r, i, 2), PQgetvalue(r, i, 1)),
			"role %s lacks %s on table %s", PQgetvalue(r, i, 1), PQgetvalue(r, i, 3),
			PQgetvalue(r, i, 0));
	if (PQntuples(r) == 0)
		doctor_say(d, FINDING_OK, "privileges", NULL, "all tables can be read and changed");
	PQclear(r);
	return true;
}

static void look_at_language(struct doctor *d, const struct config *c, struct direct *db)
{
	PGresult *r = direct_query(db, "SELECT name FROM search_language", NULL, 0);

	if (!r) {
		failed(d, db);
		return;
	}
	if (PQntuples(r) && strcmp(PQgetvalue(r, 0, 0), c->search_language) != 0)
		doctor_say(d, FINDING_WARNING, "search",
			   doctor_text(
				   d, "bugd migrate up, which indexes all issues anew, or SEARCH_LANGUAGE=%s",
				   PQgetvalue(r, 0, 0)),
			   "issues are indexed in %s, and SEARCH_LANGUAGE is %s", PQgetvalue(r, 0, 0),
			   c->search_language);
	else
		doctor_say(d, FINDING_OK, "search", NULL, "issues are indexed in %s", c->search_language);
	PQclear(r);
}

static const struct look looks[] = {
	{ SCHEMA_EXTENSION, "extensions", "extension",
	  "SELECT n FROM unnest($1::text[]) n WHERE NOT EXISTS (SELECT FROM pg_extension WHERE extname = n) ORDER BY n" },
	{ SCHEMA_TABLE, "tables", "table",
	  "SELECT n FROM unnest($1::text[]) n WHERE NOT EXISTS (SELECT FROM pg_class WHERE relname = n"
	  " AND relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace) ORDER BY n" },
	{ SCHEMA_INDEX, "indexes", "index",
	  "SELECT n FROM unnest($1::text[]) n WHERE NOT EXISTS (SELECT FROM pg_class WHERE relname = n"
	  " AND relkind IN ('i', 'I') AND relnamespace = current_schema()::regnamespace) ORDER BY n" },
};

/* What an older schema lacks is what its migrations bring. */
void doctor_schema(struct doctor *d, const struct config *c, struct direct *db)
{
	struct schema_objects *all;

	if (!look_at_migrations(d, db))
		return;
	all = arena_new(&d->arena, struct schema_objects);
	schema_objects_read(migration_files, migration_file_count, &d->arena, all);
	for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); i++)
		if (!look_for(d, db, all, &looks[i]))
			return;
	if (look_at_invalid(d, db) && look_at_privileges(d, db, all))
		look_at_language(d, c, db);
}
