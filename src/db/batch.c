#include "db/batch.h"

#include "base/mem.h"
#include "db/row.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* Members of a batch, while it is under way. */
struct batch {
	struct op *member[BATCH_MAX];
	size_t count;
};

/* A result that several replies read; freed with the last of their arenas. */
struct shared_result {
	PGresult *result;
	size_t users;
};

static const struct db_values *values_of(const struct op *op)
{
	return &op->statement[0]->values;
}

/* What the batch's statement does not take must be NULL, and the rest must not. */
bool batch_possible(const struct op *op)
{
	const struct statement *st = op->count == 1 ? op->statement[0]->st : NULL;
	const struct db_values *v = values_of(op);
	bool taken[STATEMENT_ARGS_MAX] = { false };

	if (!st || !st->batch || op->alone || op->batch)
		return false;
	for (size_t i = 0; i < st->batch->arg_count; i++)
		taken[st->batch_args[i]] = true;
	for (size_t i = 0; i < st->arg_count; i++) {
		if ((v->value[i] != NULL) != taken[i])
			return false;
	}
	return true;
}

bool batch_fits(const struct op *op, const struct op *other)
{
	return other->count == 1 && other->statement[0]->st == op->statement[0]->st && other->reply &&
	       batch_possible(other);
}

struct op *batch_begin(struct op *first)
{
	struct op *op = op_create(first->lane);

	op->submitted_us = first->submitted_us;
	op->batch = arena_new(&op->arena, struct batch);
	batch_add(op, first);
	return op;
}

bool batch_add(struct op *op, struct op *member)
{
	struct batch *b = op->batch;

	if (b->count == BATCH_MAX)
		return false;
	b->member[b->count++] = member;
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

void batch_end(struct op *op)
{
	const struct statement *single = op->batch->member[0]->statement[0]->st;
	struct op_statement *s = arena_new(&op->arena, struct op_statement);

	s->st = single->batch;
	for (size_t i = 0; i < single->batch->arg_count; i++) {
		size_t place = single->batch_args[i];

		encode_array(op, place, db_type_oid(single->args[place].type), &s->values);
	}
	op->statement[op->count++] = s;
}

static void drop_share(void *shared)
{
	struct shared_result *s = shared;

	if (--s->users > 0)
		return;
	PQclear(s->result);
	free(s);
}

/* The row of each member: the first column is its number, from 1. */
static void find_rows(const PGresult *r, size_t count, int *row)
{
	for (size_t i = 0; i < count; i++)
		row[i] = -1;
	for (int i = 0; i < PQntuples(r); i++) {
		int64_t n = row_int(r, i, 0);

		if (n >= 1 && n <= (int64_t)count)
			row[n - 1] = i;
	}
}

static void share_result(struct op *op)
{
	const struct statement *st = op->statement[0]->st;
	struct shared_result *s = mem_zalloc(1, sizeof(*s));
	struct batch *b = op->batch;
	int row[BATCH_MAX];

	s->result = op->result[0];
	s->users = 1;
	op->result[0] = NULL;
	find_rows(s->result, b->count, row);
	for (size_t i = 0; i < b->count; i++) {
		struct db_reply *reply = b->member[i]->reply;

		if (reply) {
			s->users++;
			arena_defer(reply->arena, drop_share, s);
			reply->result[0] = s->result;
			reply->count = 1;
			reply->row = row[i];
			reply->statement = st;
		}
		op_finish(b->member[i], ERR_NONE);
	}
	drop_share(s);
}

void batch_finish(struct op *op, enum err err)
{
	struct batch *b = op->batch;

	if (err == ERR_NONE && op->result[0]) {
		share_result(op);
	} else {
		for (size_t i = 0; i < b->count; i++)
			op_finish(b->member[i], err ? err : ERR_UNAVAILABLE);
	}
	b->count = 0;
	op_free(op);
}

struct op *batch_pop(struct op *op)
{
	struct batch *b = op->batch;

	return b->count ? b->member[--b->count] : NULL;
}
