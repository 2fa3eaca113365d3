#include "api/reading.h"

#include "api/handler.h"
#include "base/clock.h"
#include "base/mem.h"
#include "db/row.h"
#include "db/wal.h"

#include <stdlib.h>
#include <string.h>

#define PLACES 4096

/* What reads have to see. Users who share a place see the changes of each other at once, which is no harm. */
struct seen {
	uint64_t lsn, since_us;
};

struct reading {
	struct replicas *replicas;
	uint64_t doubt_us;
	struct seen everybody;
	struct seen place[PLACES];
};

struct reading *reading_create(struct replicas *replicas, uint64_t doubt_ms)
{
	struct reading *r;

	if (!replicas)
		return NULL;
	r = mem_zalloc(1, sizeof(*r));
	r->replicas = replicas;
	r->doubt_us = doubt_ms * 1000;
	return r;
}

void reading_free(struct reading *r)
{
	free(r);
}

/* ---- which requests ---- */

static bool changes(const struct exchange *x)
{
	return x->request.method != HTTP_GET && x->request.method != HTTP_HEAD &&
	       x->request.method != HTTP_OPTIONS;
}

/* What projects hold. Statements see who may see it in the same state as the rows themselves. */
static bool may_lag(const struct exchange *x)
{
	switch (x->route->permission) {
	case PERM_PROJECT_READ:
	case PERM_ISSUE_READ:
	case PERM_COMMENT_READ:
	case PERM_REPORT_READ:
		return !changes(x) && caller_of(x);
	default:
		return false;
	}
}

/* Nothing was changed. */
static bool was_refused(const struct exchange *x)
{
	return x->response.status >= 400 && x->response.status < 499;
}

/* Who may see what is decided by these. */
static bool concerns_everybody(const struct exchange *x)
{
	return x->route->permission == PERM_PROJECT_WRITE || x->route->permission == PERM_MEMBER_WRITE ||
	       x->route->permission == PERM_USER_WRITE;
}

/* ---- what was seen ---- */

/* Ids end with random bytes. */
static uint32_t number_of(const struct caller *c)
{
	uint32_t n;

	memcpy(&n, c->id.b + 12, sizeof(n));
	return n;
}

static void go_up_to(struct seen *s, uint64_t lsn, uint64_t since_us)
{
	s->lsn = lsn > s->lsn ? lsn : s->lsn;
	s->since_us = since_us > s->since_us ? since_us : s->since_us;
}

static void note(struct exchange *x, uint64_t lsn, uint64_t since_us)
{
	struct reading *r = api_of(x)->reading;

	go_up_to(&r->place[number_of(caller_of(x)) % PLACES], lsn, since_us);
	if (concerns_everybody(x) && !was_refused(x))
		go_up_to(&r->everybody, lsn, since_us);
}

/* What cannot be read asks for all that there is, which only the primary has. */
static uint64_t asked_for(const struct exchange *x)
{
	struct str token = request_header(&x->request, READING_HEADER);
	uint64_t lsn = 0;

	if (token.p && !wal_token_parse(str_trim(token), &lsn))
		return UINT64_MAX;
	return lsn;
}

static struct db_need need_of(const struct reading *r, const struct exchange *x)
{
	size_t number = number_of(caller_of(x));
	struct seen s = r->place[number % PLACES];

	go_up_to(&s, r->everybody.lsn, r->everybody.since_us);
	go_up_to(&s, asked_for(x), 0);
	return (struct db_need){ .lsn = s.lsn, .since_us = s.since_us, .affinity = number };
}

/* ---- reading ---- */

void read_mark_owner(const struct exchange *x, struct op *op)
{
	if (caller_of(x))
		db_mark_owner(op, number_of(caller_of(x)));
}

static struct db_reply *submit(struct exchange *x, struct op *op, struct arena *arena)
{
	const struct reading *r = api_of(x)->reading;
	struct db_need need;

	read_mark_owner(x, op);
	if (!r || !may_lag(x))
		return db_submit(api_of(x)->db, op, arena);
	need = need_of(r, x);
	return replicas_submit(r->replicas, op, arena, &need);
}

struct db_reply *read_submit(struct exchange *x, struct op *op)
{
	return submit(x, op, &x->arena);
}

struct db_reply *read_run_in(struct exchange *x, struct arena *arena, const struct statement *st,
			     const void *args)
{
	struct op *op = db_begin(api_of(x)->db, st->lane);

	db_add(op, st, args);
	return submit(x, op, arena);
}

void reading_add_need(const struct exchange *x, struct buf *out)
{
	const struct reading *r = api_of(x)->reading;
	struct db_need need;

	if (!r || !may_lag(x))
		return;
	need = need_of(r, x);
	buf_add(out, &need.lsn, sizeof(need.lsn));
	buf_add(out, &need.since_us, sizeof(need.since_us));
}

struct db_reply *read_run(struct exchange *x, const struct statement *st, const void *args)
{
	return read_run_in(x, &x->arena, st, args);
}

/* ---- changing ---- */

void reading_begin(struct exchange *x)
{
	bool made = changes(x) || x->route->permission == PERM_JOB;

	x->followed = made && api_of(x)->reading && caller_of(x);
}

struct after_frame {
	struct co co;
	struct db_reply *reply;
	void *inner;
};
const size_t reading_after_frame_size = sizeof(struct after_frame);

static void keep_mark(struct exchange *x, const struct db_reply *reply)
{
	char token[WAL_TOKEN_LEN + 1];
	uint64_t lsn;

	if (reply->err || reply->row < 0)
		return;
	lsn = (uint64_t)row_int(reply->result[0], reply->row, 0);
	wal_token_format(lsn, token);
	response_header(&x->response, READING_HEADER, (struct str){ token, WAL_TOKEN_LEN });
	note(x, lsn, 0);
	x->followed = false;
}

enum co_state reading_after(struct exchange *x, void *frame)
{
	struct after_frame *f = frame;

	if (!f->inner)
		f->inner = arena_alloc(&x->arena, idempotency_after_frame_size);
	co_begin(f);
	if (x->watch)
		co_call(f, idempotency_after(x, f->inner));
	if (!x->followed || x->response.status >= 400)
		return CO_DONE;
	x->settled = true; /* without a mark if need be */
	/* Those who wait at the same time share it (db/batch.h). */
	f->reply = db_run(api_of(x)->db, &x->arena, &statement_wal_mark, NULL);
	co_await(f, x, &f->reply->wait);
	keep_mark(x, f->reply);
	co_end();
}

/*
 * Without a mark there is the moment: what is read next has to be as new as the answer. A change that nobody knows the
 * end of may still come to be, so that for some time the user reads where it would be seen first.
 */
void reading_finished(struct exchange *x)
{
	const struct reading *r = ((struct api *)x->service->context)->reading;
	uint64_t now_us;

	if (!r || !x->route || !caller_of(x) || !x->followed)
		return;
	now_us = clock_mono_us();
	note(x, 0, x->response.status >= 499 ? now_us + r->doubt_us : now_us);
}
