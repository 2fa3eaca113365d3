/*
 * Statements: SQL of sql/query/, embedded at build time by scripts/generate-statements.awk.
 *
 * For each `-- name: issue_by_id :read` there are, in the generated "statements.h", the table
 * `statement_issue_by_id` and `struct issue_by_id_args` with a member for each argument. How an argument's
 * type is written in C (a `?` behind it allows NULL):
 *
 *	uuid    struct uuid        uuid?         const struct uuid *
 *	text    struct str         text?         struct str, absent is NULL
 *	bytea   struct str         bytea?        struct str, absent is NULL
 *	jsonb   struct str
 *	int4    int32_t            int4?         const int32_t *
 *	int8    int64_t            int8?         const int64_t *
 *	bool    bool               bool?         const bool *
 *	date    int32_t (days)     date?         const int32_t *
 *	timestamptz  int64_t (us)  timestamptz?  const int64_t *
 *	uuid[]  text[]  struct db_array, never NULL    uuid[]?  const struct db_array *
 *
 * A statement with `-- batch:` names another one that does the same for many at once (db/batch.h).
 *
 * A statement with options is a template: a line that ends in `--? status` is part of it only when the option
 * is chosen. See db/compose.h.
 */
#ifndef BUGD_DB_STATEMENT_H
#define BUGD_DB_STATEMENT_H

#include "base/arena.h"
#include "base/str.h"
#include "base/uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum db_type {
	DB_UUID,
	DB_TEXT,
	DB_JSONB,
	DB_INT4,
	DB_INT8,
	DB_BOOL,
	DB_DATE,
	DB_TIMESTAMPTZ,
	DB_UUID_ARRAY,
	DB_TEXT_ARRAY,
	DB_BYTEA,
	DB_BOOL_ARRAY, /* of batches only */
	DB_TYPE_COUNT,
};

/* `v` is an array of struct uuid or struct str. */
struct db_array {
	const void *v;
	size_t n;
};

/*
 * Where a statement runs. Lookups share groups; writes have a transaction each; slow ones (lists, reports)
 * never stand in front of a lookup.
 */
enum db_lane { DB_READ, DB_WRITE, DB_SLOW, DB_LANE_COUNT };

struct statement_arg {
	const char *name;
	enum db_type type;
	bool nullable;
	size_t offset; /* in the args struct */
};

/* A piece of a template. */
struct statement_part {
	const char *text; /* arguments are written :name */
	int option;       /* its number, or STATEMENT_ALWAYS, or a place for composed text */
};

enum { STATEMENT_ALWAYS = -1, STATEMENT_ORDER = -2, STATEMENT_AFTER = -3 };

struct order_column;

/* Another statement, which does for many at once what this one does. */
struct statement_batch {
	const struct statement *statement; /* NULL: there is none */
	const size_t *args;                /* for each of its arguments, the place of ours */
	uint64_t takes;                    /* these places as bits; in the others must be NULL */
};

struct statement {
	const char *name;
	const char *text; /* with $1, $2 in order of `args`; NULL for a template */
	enum db_lane lane;
	const struct statement_arg *args;
	size_t arg_count;
	const struct statement_part *parts;
	size_t part_count;
	const char *const *options; /* their names, by number */
	size_t option_count;
	const struct order_column *orders; /* what a list can be sorted by; the last is the id */
	size_t order_count;
	size_t index;                /* among all statements, for what connections remember of it */
	struct statement_batch many; /* its last argument is an array of what is looked up; see db/batch.h */
	struct statement_batch each; /* all its arguments are arrays */
};

extern const struct statement *const statements[];
extern const size_t statement_count;

#define STATEMENT_ARGS_MAX 48

/* Values for one execution, in PostgreSQL's binary format; all memory is the arena's. */
struct db_values {
	int count;
	const char *value[STATEMENT_ARGS_MAX];
	int length[STATEMENT_ARGS_MAX];
};

/* PostgreSQL's number (OID) of the type. */
unsigned db_type_oid(enum db_type type);

/* Encodes one argument of `args` and appends it to `out`. Texts are copied. */
void statement_encode(const struct statement_arg *arg, const void *args, struct arena *arena,
		      struct db_values *out);

#endif
