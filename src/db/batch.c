#include "db/batch.h"

#include "base/mem.h"
#include "batch_lookup.h"

#include <stdlib.h>
#include <string.h>

/* Results that several replies read; freed with the last of their arenas. */
struct shared_results {
	PGresult *result[DB_STATEMENTS_MAX];
	int count;
	size_t users;
	struct db_writing writing;
};

/* A write is not repeated, and what failed in a group is tried by itself. */
bool batch_possible(const struct op *op)
{
	return !op->alone && !op->batch && !op->writes && !op->hold;
}

static bool same_values(const struct db_values *a, const struct db_values *b)
{
	if (a->count != b->count)
		return false;
	for (int i = 0; i < a->count; i++) {
		if (!a->value[i] || !b->value[i]) {
			if (a->value[i] != b->value[i])
				return false;
		} else if (a->length[i] != b->length[i] ||
			   memcmp(a->value[i], b->value[i], (size_t)a->length[i]) != 0) {
			return false;
		}
	}
	return true;
}

static bool same_statements(const struct op *a, const struct op *b)
{
	if (a->count != b->count)
		return false;
	for (int i = 0; i < a->count; i++) {
		if (a->statement[i]->st != b->statement[i]->st ||
		    a->statement[i]->composed != b->statement[i]->composed)
			return false;
	}
	return true;
}

static bool same_arguments(const struct op *a, const struct op *b)
{
	for (int i = 0; i < a->count; i++) {
		if (!same_values(&a->statement[i]->values, &b->statement[i]->values))
			return false;
	}
	return true;
}

bool batch_fits(const struct op *op, const struct op *other)
{
	if (!other->reply || !batch_possible(other) || !same_statements(op, other))
		return false;
	return batch_is_lookup(op) ? batch_lookup_fits(op, other) : same_arguments(op, other);
}

struct op *batch_begin(struct op *first)
{
	struct op *op = op_create(first->lane);

	op->submitted_us = first->submitted_us;
	op->owner = first->owner;
	op->large = first->large;
	op->batch = arena_new(&op->arena, struct batch);
	op->batch->lookups = batch_is_lookup(first);
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

void batch_end(struct op *op)
{
	const struct op *first = op->batch->member[0];

	if (op->batch->lookups) {
		batch_lookup_end(op);
		return;
	}
	/* They belong to the first member, which is there until the batch is finished or taken apart. */
	op->count = first->count;
	memcpy(op->statement, first->statement, sizeof(op->statement));
}

bool batch_is_wanted(const struct op *op)
{
	for (size_t i = 0; i < op->batch->count; i++) {
		if (op->batch->member[i]->reply)
			return true;
	}
	return false;
}

static void drop_share(void *shared)
{
	struct shared_results *s = shared;

	if (--s->users > 0)
		return;
	for (int i = 0; i < s->count; i++)
		PQclear(s->result[i]);
	buf_free(&s->writing.text);
	free(s);
}

static void give_share(struct shared_results *s, struct db_reply *reply)
{
	s->users++;
	arena_defer(reply->arena, drop_share, s);
	memcpy(reply->result, s->result, sizeof(s->result));
	reply->count = s->count;
}

static struct shared_results *take_results(struct op *op)
{
	struct shared_results *s = mem_zalloc(1, sizeof(*s));

	s->users = 1;
	s->count = op->count;
	memcpy(s->result, op->result, sizeof(s->result));
	memset(op->result, 0, sizeof(op->result));
	return s;
}

static void share_results(struct op *op)
{
	struct batch *b = op->batch;
	struct db_rows rows[BATCH_MAX][DB_STATEMENTS_MAX];
	struct shared_results *s;

	if (b->lookups)
		batch_lookup_rows(op, rows);
	s = take_results(op);
	for (size_t i = 0; i < b->count; i++) {
		struct db_reply *reply = b->member[i]->reply;

		if (reply)
			give_share(s, reply);
		if (reply && b->lookups)
			memcpy(reply->rows, rows[i], sizeof(reply->rows));
		else if (reply)
			reply->writing = &s->writing;
		op_finish(b->member[i], ERR_NONE);
	}
	drop_share(s);
}

void batch_finish(struct op *op, enum err err)
{
	struct batch *b = op->batch;

	if (err == ERR_NONE && op->count && op->result[op->count - 1]) {
		share_results(op);
	} else {
		for (size_t i = 0; i < b->count; i++)
			op_finish(b->member[i], err ? err : ERR_UNAVAILABLE);
	}
	for (int i = 0; i < op->count; i++)
		PQclear(op->result[i]);
	b->count = 0;
	op->count = 0; /* the statements were its members' */
	op_free(op);
}

struct op *batch_pop(struct op *op)
{
	struct batch *b = op->batch;

	if (b->count == 0)
		return NULL;
	/* The statements may be in the memory of the first member, which goes last, and perhaps for good. */
	if (--b->count == 0)
		op->count = 0;
	return b->member[b->count];
}
