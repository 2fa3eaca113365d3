#include "db/hold.h"

#include "db/lane.h"
#include "statements.h"

struct op *hold_begin(const struct statement *guard, const void *args)
{
	struct op *op = op_create(DB_WRITE);

	db_add(op, guard, args);
	op->guards = 1;
	return op;
}

static void release(void *hold)
{
	hold_release(hold);
}

struct db_reply *db_submit_held(struct db *db, struct op *op, struct db_hold *hold, struct arena *arena)
{
	*hold = (struct db_hold){ .db = db };
	op->hold = hold;
	/* Behind it in the arena lies the reply: an operation that is abandoned does not look at the hold any more. */
	arena_defer(arena, release, hold);
	return db_submit(db, op, arena);
}

bool hold_is_open(const struct db_hold *hold)
{
	return hold->pipe != NULL;
}

struct db_reply *hold_commit(struct db_hold *hold, struct op *op, struct arena *arena)
{
	struct db_reply *reply = db_expect(op, arena);
	struct pipe *p = hold->pipe;

	hold->pipe = NULL;
	if (p)
		pipe_go_on(p, op);
	else
		op_finish(op, ERR_UNAVAILABLE);
	return reply;
}

void hold_release(struct db_hold *hold)
{
	struct pipe *p = hold->pipe;
	struct op *op;

	hold->pipe = NULL;
	if (!p)
		return;
	op = op_create(DB_WRITE);
	db_add(op, &statement_rollback, NULL);
	pipe_go_on(p, op);
}
