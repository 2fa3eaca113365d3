#include "batch_lookup.h"

#include "db/row.h"

#include <arpa/inet.h>
#include <string.h>

static const struct db_values *values_of(const struct op *op)
{
	return &op->statement[0]->values;
}

/* What the batch's statement does not take must be NULL, and the rest must not. */
bool batch_is_lookup(const struct op *op)
{
	const struct statement *st = op->count == 1 ? op->statement[0]->st : NULL;
	const struct db_values *v = values_of(op);
	bool taken[STATEMENT_ARGS_MAX] = { false };

	if (!st || !st->batch)
		return false;
	for (size_t i = 0; i < st->batch->arg_count; i++)
		taken[st->batch_args[i]] = true;
	for (size_t i = 0; i < st->arg_count; i++) {
		if ((v->value[i] != NULL) != taken[i])
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
static void encode_array(struct op *op, size_t place, unsigned element, struct db_values *out)
{
	const struct batch *b = op->batch;
	size_t bytes = 20;
	char *at;

	for (size_t i = 0; i < b->count; i++)
		bytes += 4 + (size_t)values_of(b->member[i])->length[place];
	at = arena_alloc(&op->arena, bytes);
	out->value[out->count] = at;
	out->length[out->count++] = (int)bytes;
	at = put_u32(at, 1);
	at = put_u32(at, 0);
	at = put_u32(at, element);
	at = put_u32(at, (uint32_t)b->count);
	at = put_u32(at, 1);
	for (size_t i = 0; i < b->count; i++) {
		const struct db_values *v = values_of(b->member[i]);

		at = put_u32(at, (uint32_t)v->length[place]);
		memcpy(at, v->value[place], (size_t)v->length[place]);
		at += v->length[place];
	}
}

struct op_statement *batch_lookup_statement(struct op *op)
{
	const struct statement *single = op->batch->member[0]->statement[0]->st;
	struct op_statement *s = arena_new(&op->arena, struct op_statement);

	s->st = single->batch;
	for (size_t i = 0; i < single->batch->arg_count; i++) {
		size_t place = single->batch_args[i];

		encode_array(op, place, db_type_oid(single->args[place].type), &s->values);
	}
	return s;
}

/* The first column is the member's number, from 1. */
void batch_lookup_rows(const PGresult *r, size_t count, int row[BATCH_MAX])
{
	for (size_t i = 0; i < count; i++)
		row[i] = -1;
	for (int i = 0; i < PQntuples(r); i++) {
		int64_t n = row_int(r, i, 0);

		if (n >= 1 && n <= (int64_t)count)
			row[n - 1] = i;
	}
}
