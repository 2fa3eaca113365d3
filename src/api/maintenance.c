#include "api/maintenance.h"

#include "api/chore.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/row.h"
#include "statements.h"

#include <stdlib.h>

struct maintenance {
	struct retention retention;
	struct chore purge, tell, make_searchable;
};

/* Nobody waits for it, so no write of anybody's shall stand behind it. */
static struct db_reply *run(struct db *db, struct arena *arena, const struct statement *st, const void *args)
{
	struct op *op = db_begin(db, st->lane);

	db_mark_large(op);
	db_add(op, st, args);
	return db_submit(db, op, arena);
}

static struct db_reply *ask_to_purge(struct db *db, struct arena *arena, const void *arg)
{
	const struct retention *r = arg;

	return run(db, arena, &statement_maintenance_purge,
		   &(struct maintenance_purge_args){ .deleted_for = (int64_t)r->deleted_ms,
						     .logged_for = (int64_t)r->logged_ms,
						     .told_for = (int64_t)r->told_ms,
						     .at_most = MAINTENANCE_ROWS });
}

static bool purged(const PGresult *r)
{
	bool more = false;

	for (int i = 0; i < PQntuples(r); i++) {
		int64_t removed = row_int(r, i, 1);

		more = more || removed >= MAINTENANCE_ROWS;
		if (removed == 0)
			continue;
		log_begin(LOG_INFO, "maintenance", "removed");
		log_str("what", row_text(r, i, 0));
		log_int("rows", removed);
		log_end();
	}
	return more;
}

static struct db_reply *ask_to_tell(struct db *db, struct arena *arena, const void *arg)
{
	(void)arg;
	return run(db, arena, &statement_maintenance_tell, NULL);
}

static bool told(const PGresult *r)
{
	return !row_is_null(r, 0, 0);
}

static struct db_reply *ask_to_make_searchable(struct db *db, struct arena *arena, const void *arg)
{
	(void)arg;
	return run(db, arena, &statement_maintenance_make_searchable, NULL);
}

static bool made_searchable(const PGresult *r)
{
	return row_bool(r, 0, 0);
}

/* Removing takes its time, so that what waits for long does not hold up others. */
static const struct chore_kind purging = {
	.ask = ask_to_purge, .done = purged, .first_ms = 60000, .more_ms = 1000, .rest_ms = 3600000
};
static const struct chore_kind telling = {
	.ask = ask_to_tell, .done = told, .first_ms = 1000, .more_ms = 0, .rest_ms = 60000
};

static const struct chore_kind making_searchable = { .ask = ask_to_make_searchable,
						     .done = made_searchable,
						     .first_ms = 1000,
						     .more_ms = 0,
						     .rest_ms = 60000 };

struct maintenance *maintenance_create(uv_loop_t *loop, struct db *db, const struct retention *retention)
{
	struct maintenance *m = mem_zalloc(1, sizeof(*m));

	m->retention = *retention;
	chore_init(&m->purge, loop, db, &purging, &m->retention);
	chore_init(&m->tell, loop, db, &telling, NULL);
	chore_init(&m->make_searchable, loop, db, &making_searchable, NULL);
	return m;
}

void maintenance_configure(struct maintenance *m, const struct retention *retention)
{
	m->retention = *retention;
}

void maintenance_open(struct maintenance *m)
{
	chore_open(&m->purge);
	chore_open(&m->tell);
	chore_open(&m->make_searchable);
}

void maintenance_tell(struct maintenance *m)
{
	chore_soon(&m->tell);
}

void maintenance_make_searchable(struct maintenance *m)
{
	chore_soon(&m->make_searchable);
}

void maintenance_close(struct maintenance *m)
{
	chore_close(&m->purge);
	chore_close(&m->tell);
	chore_close(&m->make_searchable);
}

void maintenance_free(struct maintenance *m)
{
	chore_free(&m->purge);
	chore_free(&m->tell);
	chore_free(&m->make_searchable);
	free(m);
}
