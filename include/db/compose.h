/*
 * Lists: a statement's template becomes SQL by choosing options, an order and a place to go on from.
 *
 * The same choice gives the same text, and a text that is used again is prepared once a connection. The set of
 * texts that are remembered is bounded (COMPOSED_MAX); the one that was not used for longest makes room.
 */
#ifndef BUGD_DB_COMPOSE_H
#define BUGD_DB_COMPOSE_H

#include "db/statement.h"

#define COMPOSED_MAX 256
#define ORDER_MAX    6

/* A column to sort by. Its expression is never NULL, and an index starts with it (sql/schema). */
struct order_column {
	const char *name;       /* as clients name it: "created_at" */
	const char *expression; /* "i.created_at" */
	const char *cast;       /* the type of a cursor's value: "timestamptz" */
	const char *key;        /* the result column with its value: "_key_created_at" */
};

struct order_term {
	const struct order_column *column;
	bool descending;
};

/* What is chosen. A zeroed struct chooses nothing. */
struct choice {
	uint64_t options; /* bit set of option numbers */
	struct order_term order[ORDER_MAX];
	size_t order_count;
	bool backward; /* the order turned round, to read what is before a cursor */
	/* The sort key to go on behind, one value a term, as PostgreSQL's binary values. */
	bool after;
	struct str after_values[ORDER_MAX];
};

#define OPTION(number) (UINT64_C(1) << (number))

/* A text that is remembered. Pool and connections use it; see composed_release. */
struct composed {
	char name[24]; /* of the prepared statement */
	char *text;
	const struct statement *st;
	struct choice choice; /* what it was made of, without its values */
	uint64_t generation;  /* of this place in the table: another text, another number */
	size_t slot;
	unsigned users;                 /* operations that hold it */
	uint64_t used;                  /* for the choice of whom to evict */
	int arg_of[STATEMENT_ARGS_MAX]; /* index in the statement's args, or -1 - i for after_values[i] */
	unsigned oid[STATEMENT_ARGS_MAX];
	int arg_count;
};

/*
 * The composed text for the choice. NULL when all places are in use at the same time (the caller answers that
 * it is busy). Give it back by composed_release.
 */
struct composed *compose(const struct statement *st, const struct choice *choice);
void composed_release(struct composed *c);

/* Encodes the values of one execution. */
void composed_encode(const struct composed *c, const struct statement *st, const struct choice *choice,
		     const void *args, struct arena *arena, struct db_values *out);

/* Frees the table, at the end of the process. */
void compose_stop(void);

#endif
