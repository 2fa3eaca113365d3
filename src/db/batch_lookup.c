#include "batch_lookup.h"

#include "db/row.h"

#include <arpa/inet.h>
#include <string.h>

/* What the batch's statement does not take must be NULL, and the rest must not. */
static bool is_lookup(const struct op_statement *s)
{
	const struct statement *st = s->st;
	bool taken[STATEMENT_ARGS_MAX] = { false };

	if (!st->batch)
		return false;
	for (size_t i = 0; i < st->batch->arg_count; i++)
		taken[st->batch_args[i]] = true;
	for (size_t i = 0; i < st->arg_count; i++) {
		if ((s->values.value[i] != NULL) != taken[i])
			return false;
	}
	return true;
}

bool batch_is_lookup(const struct op *op)
{
	for (int i = 0; i < op->count; i++) {
		if (!is_lookup(op->statement[i]))
			return false;
	}
	return true;
}

static char *put_u32(char *out, uint32_t v)
{
	v = htonl(v);
	memcpy(out, &v, sizeof(v));
	return out + sizeof(v);
}

/* The members' values of one argument as an array: src/backend/utils/adt/arrayfuncs.c, array_send. */
static void encode_array(struct op *op, int statement, size_t place, struct db_values *out)
{
	const struct batch *b = op->batch;
	const struct op_statement *first = b->member[0]->statement[statement];
	size_t bytes = 20;
	char *at;

	for (size_t i = 0; i < b->count; i++)
		bytes += 4 + (size_t)b->member[i]->statement[statement]->values.length[place];
	at = arena_alloc(&op->arena, bytes);
	out->value[out->count] = at;
	out->length[out->count++] = (int)bytes;
	at = put_u32(at, 1);
	at = put_u32(at, 0);
	at = put_u32(at, db_type_oid(first->st->args[place].type));
	at = put_u32(at, (uint32_t)b->count);
	at = put_u32(at, 1);
	for (size_t i = 0; i < b->count; i++) {
		const struct db_values *v = &b->member[i]->statement[statement]->values;

		at = put_u32(at, (uint32_t)v->length[place]);
		memcpy(at, v->value[place], (size_t)v->length[place]);
		at += v->length[place];
	}
}

void batch_lookup_end(struct op *op)
{
	const struct op *first = op->batch->member[0];

	for (int i = 0; i < first->count; i++) {
		const struct statement *single = first->statement[i]->st;
		struct op_statement *s = arena_new(&op->arena, struct op_statement);

		s->st = single->batch;
		for (size_t a = 0; a < single->batch->arg_count; a++)
			encode_array(op, i, single->batch_args[a], &s->values);
		op->statement[op->count++] = s;
	}
}

void batch_lookup_rows(const struct op *op, struct db_rows rows[BATCH_MAX][DB_STATEMENTS_MAX])
{
	const size_t count = op->batch->count;

	for (int k = 0; k < op->count; k++) {
		const PGresult *r = op->result[k];

		for (size_t i = 0; i < count; i++)
			rows[i][k] = (struct db_rows){ op->statement[k]->st, -1, 0 };
		for (int row = 0; row < PQntuples(r); row++) {
			int64_t n = row_int(r, row, 0); /* the member's number, from 1 */

			if (n < 1 || n > (int64_t)count)
				continue;
			if (rows[n - 1][k].count++ == 0)
				rows[n - 1][k].first = row;
		}
	}
}
