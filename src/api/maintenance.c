#include "api/maintenance.h"

#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/row.h"
#include "statements.h"

#include <stdlib.h>

#define FIRST_MS 60000   /* the start has better things to do */
#define MORE_MS  1000    /* so that what waits for long does not hold up others */
#define REST_MS  3600000 /* when nothing is left */

struct maintenance {
	struct db *db;
	struct retention retention;
	uv_timer_t timer;
	struct waker waker;
	struct arena arena;
	struct db_reply *reply;
};

static void time_to_purge(uv_timer_t *timer);

/* Says what was removed. True: there may be more of something. */
static bool tell(const PGresult *r)
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

/* A failure is in the log already; the next time comes. */
static void purged(struct waker *waker)
{
	struct maintenance *m = list_entry(waker, struct maintenance, waker);
	bool more = !m->reply->err && tell(m->reply->result[0]);

	uv_timer_start(&m->timer, time_to_purge, more ? MORE_MS : REST_MS, 0);
}

static void time_to_purge(uv_timer_t *timer)
{
	struct maintenance *m = timer->data;

	arena_reset(&m->arena);
	m->reply = db_run(m->db, &m->arena, &statement_maintenance_purge,
			  &(struct maintenance_purge_args){ .deleted_for = (int64_t)m->retention.deleted_ms,
							    .logged_for = (int64_t)m->retention.logged_ms,
							    .told_for = (int64_t)m->retention.told_ms,
							    .at_most = MAINTENANCE_ROWS });
	m->reply->wait.waker = &m->waker;
	if (m->reply->wait.done)
		purged(&m->waker);
}

struct maintenance *maintenance_create(uv_loop_t *loop, struct db *db, const struct retention *retention)
{
	struct maintenance *m = mem_zalloc(1, sizeof(*m));

	m->db = db;
	m->retention = *retention;
	m->waker.wake = purged;
	uv_timer_init(loop, &m->timer);
	uv_unref((uv_handle_t *)&m->timer);
	m->timer.data = m;
	return m;
}

void maintenance_configure(struct maintenance *m, const struct retention *retention)
{
	m->retention = *retention;
}

void maintenance_open(struct maintenance *m)
{
	uv_timer_start(&m->timer, time_to_purge, FIRST_MS, 0);
}

void maintenance_close(struct maintenance *m)
{
	if (m->reply)
		await_abandon(&m->reply->wait);
	uv_close((uv_handle_t *)&m->timer, NULL);
}

void maintenance_free(struct maintenance *m)
{
	arena_reset(&m->arena);
	free(m);
}
