/*
 * A pipe: one connection in libpq's pipeline mode with what is in flight on it, in order (FIFO).
 *
 * The pool hands operations to a pipe only to be sent at once. A group of read-only operations shares one
 * Sync; if one fails, those behind it come back as aborted and go to the front of the lane's queue, each to be
 * sent alone. A write is done when its Sync is answered, because only then it is committed.
 *
 * When the connection is lost, a read is sent again. So is a write of which it is certain that it was not
 * committed: the server ended the connection with an error before it came to the commit, or had not executed it.
 * A write that failed has failed. Of any other write nobody knows, and it is not repeated.
 */
#ifndef BUGD_DB_PIPE_H
#define BUGD_DB_PIPE_H

#include "base/list.h"
#include "db/conn.h"
#include "db/expected.h"
#include "db/reply.h"

struct batch;
struct replica;
struct db_hold;

struct op_statement {
	const struct statement *st;
	struct composed *composed; /* NULL for a fixed text */
	struct db_values values;
};

/* An operation. It lives in an arena of its own, until the database has answered or nobody will ask. */
struct op {
	struct list node; /* in the lane's queue, or in a pipe's FIFO */
	struct arena arena;
	struct db_reply *reply; /* NULL: abandoned */
	enum db_lane lane;
	uint32_t owner; /* who asks, as a number (db_mark_owner); 0: nobody in particular */
	bool writes;
	bool alone;              /* was aborted in a group once: gets a Sync of its own */
	bool failed;             /* an error result has come */
	bool aborted;            /* was not executed, or rolled back, for a reason that is not its own */
	bool unsent;             /* libpq did not take all of it, so its Sync was not sent */
	bool ending;             /* the server ended the connection when this was to be committed */
	bool busy;               /* could not be composed */
	bool large;              /* takes long, and has a connection to itself (db_mark_large) */
	unsigned *admitted;      /* the lane's count of large ones that it is a part of; NULL: of none */
	struct db_hold *hold;    /* is not committed when it is done (db/hold.h) */
	bool bound;              /* to its connection, as it goes on in a held transaction */
	struct replica *replica; /* it was sent to; NULL: to the primary (db/replica.h) */
	struct batch *batch;     /* other operations that this one stands for (db/batch.h) */
	unsigned attempts;
	uint64_t submitted_us, sent_us; /* of clock_mono_us; 0: not yet */
	int count;                      /* statements */
	int guards;                     /* the first of them, whose results are nobody's */
	int answered;                   /* statements whose results have come */
	struct op_statement *statement[DB_STATEMENTS_MAX];
	PGresult *result[DB_STATEMENTS_MAX];
};

struct pipe;

/* The wish to stop what runs on the connection, as nobody waits for it any more. */
struct pipe_cancel {
	bool wanted;            /* from the wish until nothing is in flight: what it may hit is sent again */
	struct db_reply *reply; /* until the server has sent the signal */
	struct waker waker;
	struct arena arena;
};

struct pipe_owner {
	/* The pipe became free, or lost its connection, or got one. */
	void (*changed)(struct pipe *p);
	/* The operation was not executed and may be sent again. */
	void (*again)(struct pipe *p, struct op *op);
};

struct pipe {
	struct conn conn;
	const struct pipe_owner *owner;
	void *lane;            /* the owner's */
	struct list node;      /* the owner's: the list that it is on is its state */
	struct list in_flight; /* operations, oldest first */
	size_t in_flight_count;
	struct expected_ring expected; /* what the server has yet to answer */
	bool holding;                  /* an operation was sent whose Sync is kept back */
	struct db_hold *held;          /* the transaction that is open, once that operation is answered */
	bool goodbye;                  /* the server ended the connection: nothing behind was executed */
	bool answering;                /* the first of `expected` has had a result, its end is to come */
	bool unflushed;                /* something was sent since the last flush */
	const char *broken;            /* why the connection is to be given up at the next flush */
	const char *retired;           /* why it takes no more, and is given up when all is answered */
	uint64_t waiting_since;        /* of uv_now: when the first of `expected` became the first */
	uint64_t timeout_ms;           /* without an answer for that long the connection is given up */
	unsigned char *prepared;       /* by statement index */
	uint64_t *composed_generation; /* by slot: what is prepared under it */
	struct pipe_cancel cancel;
};

void pipe_init(struct pipe *p, const struct conn_config *config, const struct pipe_owner *owner, void *lane);

/* Ends the connection; what is in flight fails. */
void pipe_close(struct pipe *p);
void pipe_free(struct pipe *p);

/* Whether it takes operations now, with `depth` of them in flight at most. */
bool pipe_takes(const struct pipe *p, size_t depth);

/* Sends one operation, followed by a Sync when `sync`. The connection must be ready. */
void pipe_send(struct pipe *p, struct op *op, bool sync);

/* Goes on in the held transaction with the operation, and commits. */
void pipe_go_on(struct pipe *p, struct op *op);

/* The held operation, all of it answered: the transaction stays open for its holder, or ends when there is none. */
void pipe_hold_answered(struct pipe *p, struct op *op);

/* Sends what was gathered since the last flush; nothing to do is cheap. */
void pipe_flush(struct pipe *p);

/* Looks at the clock: gives a connection up that has not answered for too long. */
void pipe_tick(struct pipe *p);

/*
 * Stops what nobody waits for any more, when it has run for a while: else a slow list whose client has gone
 * keeps the connection from others until the statement's timeout. The signal is sent by a statement in the
 * read lane (PQcancel blocks). For lanes without writes.
 */
void pipe_cancel_abandoned(struct pipe *p, struct db *db);

/* An empty operation, for db_begin and batches; and freeing one that nobody waits for. */
struct op *op_create(enum db_lane lane);
void op_free(struct op *op);

/* The reply of an operation that is about to be submitted. */
struct db_reply *db_expect(struct op *op, struct arena *arena);

/* Ends an operation: gives the reply its results or its error, wakes who waits, frees the operation. */
void op_finish(struct op *op, enum err err);

#endif
