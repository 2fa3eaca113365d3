#include "batch_lookup.h"

#include "db/row.h"

#include <arpa/inet.h>
#include <string.h>

/* The place of what is looked up. */
static size_t place_of(const struct statement_batch *many)
{
	return many->args[many->statement->arg_count - 1];
}

static uint64_t bit(size_t place)
{
	return UINT64_C(1) << place;
}

/* The places of the arguments that are not NULL. */
static uint64_t given(const struct op_statement *s)
{
	uint64_t bits = 0;

	for (int i = 0; i < s->values.count; i++)
		bits |= s->values.value[i] ? bit((size_t)i) : 0;
	return bits;
}

static bool is_one_of_many(const struct op_statement *s)
{
	const struct statement_batch *many = &s->st->many;

	return many->statement && (given(s) | many->takes) == many->takes && s->values.value[place_of(many)];
}

static bool is_one_of_each(const struct op_statement *s)
{
	return s->st->each.statement && given(s) == s->st->each.takes;
}

bool batch_is_lookup(const struct op *op)
{
	for (int i = 0; i < op->count; i++) {
		if (!is_one_of_many(op->statement[i]) && !is_one_of_each(op->statement[i]))
			return false;
	}
	return true;
}

static bool is_value(const struct op_statement *s, size_t place, const char *value, int length)
{
	const char *own = s->values.value[place];

	if (!own || !value)
		return own == value;
	return s->values.length[place] == length && memcmp(own, value, (size_t)length) == 0;
}

/* Whether they differ in nothing but what is looked up. */
static bool are_of_many(const struct op_statement *a, const struct op_statement *b)
{
	if (!is_one_of_many(a) || !is_one_of_many(b))
		return false;
	for (size_t i = 0; i < a->st->arg_count; i++) {
		if (i != place_of(&a->st->many) && !is_value(a, i, b->values.value[i], b->values.length[i]))
			return false;
	}
	return true;
}

bool batch_lookup_fits(const struct op *op, const struct op *other)
{
	for (int i = 0; i < op->count; i++) {
		const struct op_statement *a = op->statement[i], *b = other->statement[i];

		if (!are_of_many(a, b) && !(is_one_of_each(a) && is_one_of_each(b)))
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

static bool all_are_of_many(const struct batch *b, int statement)
{
	const struct op_statement *first = b->member[0]->statement[statement];

	for (size_t i = 1; i < b->count; i++) {
		if (!are_of_many(first, b->member[i]->statement[statement]))
			return false;
	}
	return first->st->many.statement;
}

/* What all have alike belongs to the first member, which is there until the batch is finished or taken apart. */
static void make_many(struct op *op, int statement, struct op_statement *s)
{
	const struct op_statement *first = op->batch->member[0]->statement[statement];
	const struct statement_batch *many = &first->st->many;

	s->st = many->statement;
	for (size_t a = 0; a + 1 < many->statement->arg_count; a++) {
		s->values.value[a] = first->values.value[many->args[a]];
		s->values.length[a] = first->values.length[many->args[a]];
		s->values.count++;
	}
	encode_array(op, statement, place_of(many), &s->values);
}

static void make_each(struct op *op, int statement, struct op_statement *s)
{
	const struct statement_batch *each = &op->batch->member[0]->statement[statement]->st->each;

	s->st = each->statement;
	for (size_t a = 0; a < each->statement->arg_count; a++)
		encode_array(op, statement, each->args[a], &s->values);
}

/*
 * One that is not of many with the first is of each, and so is the first. So is then whoever is of many with the first:
 * they have alike what the statement for each does not take, which is NULL.
 */
void batch_lookup_end(struct op *op)
{
	const int count = op->batch->member[0]->count;

	for (int i = 0; i < count; i++) {
		struct op_statement *s = arena_new(&op->arena, struct op_statement);

		if (all_are_of_many(op->batch, i))
			make_many(op, i, s);
		else
			make_each(op, i, s);
		op->statement[op->count++] = s;
	}
}

static void give_row(struct db_rows *rows, int row)
{
	if (rows->count++ == 0)
		rows->first = row;
}

/* By the value that was looked up, which several may have asked for. */
static void share_many(const struct op *op, int k, struct db_rows rows[BATCH_MAX][DB_STATEMENTS_MAX])
{
	const struct batch *b = op->batch;
	const PGresult *r = op->result[k];

	for (int row = 0; row < PQntuples(r); row++) {
		const char *value = PQgetvalue(r, row, 0);
		const int length = PQgetlength(r, row, 0);

		for (size_t i = 0; i < b->count; i++) {
			const struct op_statement *s = b->member[i]->statement[k];

			if (is_value(s, place_of(&s->st->many), value, length))
				give_row(&rows[i][k], row);
		}
	}
}

/* By the member's number, from 1. */
static void share_each(const struct op *op, int k, struct db_rows rows[BATCH_MAX][DB_STATEMENTS_MAX])
{
	const PGresult *r = op->result[k];

	for (int row = 0; row < PQntuples(r); row++) {
		int64_t n = row_int(r, row, 0);

		if (n >= 1 && n <= (int64_t)op->batch->count)
			give_row(&rows[n - 1][k], row);
	}
}

void batch_lookup_rows(const struct op *op, struct db_rows rows[BATCH_MAX][DB_STATEMENTS_MAX])
{
	for (int k = 0; k < op->count; k++) {
		const struct statement *st = op->statement[k]->st;

		for (size_t i = 0; i < op->batch->count; i++)
			rows[i][k] = (struct db_rows){ st, -1, 0 };
		if (st == op->batch->member[0]->statement[k]->st->many.statement)
			share_many(op, k, rows);
		else
			share_each(op, k, rows);
	}
}
