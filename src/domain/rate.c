#include "domain/rate.h"

#include "base/mem.h"

#include <stdlib.h>

struct rate_verdict rate_take(const struct rate *r, uint64_t *full_at, uint64_t now_us)
{
	uint64_t each_us = r->window_us / r->quota, token_us = each_us ? each_us : 1;
	uint64_t from = *full_at > now_us ? *full_at : now_us;
	uint64_t owed = from - now_us; /* until it is full */
	uint64_t all = token_us * r->quota;
	struct rate_verdict v = { 0 };

	owed = owed < all ? owed : all; /* it may have been used at another rate */
	v.allowed = owed + token_us <= all;
	if (v.allowed) {
		owed += token_us;
		*full_at = now_us + owed;
	} else {
		v.retry_us = owed + token_us - all;
	}
	v.remaining = (uint32_t)((all - owed) / token_us);
	v.reset_us = owed;
	return v;
}

/* A hash has its place in one set; a set is a line of the processor's cache. */
#define SET_SIZE 4

struct bucket {
	uint64_t hash, full_at;
};

struct rate_table {
	struct bucket *buckets;
	size_t sets;
};

struct rate_table *rate_table_create(size_t buckets)
{
	struct rate_table *t = mem_zalloc(1, sizeof(*t));

	for (t->sets = 1; t->sets * SET_SIZE < buckets;)
		t->sets *= 2;
	t->buckets = mem_zalloc(t->sets * SET_SIZE, sizeof(*t->buckets));
	return t;
}

void rate_table_free(struct rate_table *t)
{
	if (!t)
		return;
	free(t->buckets);
	free(t);
}

uint64_t *rate_table_find(struct rate_table *t, uint64_t hash)
{
	struct bucket *set = &t->buckets[(hash & (t->sets - 1)) * SET_SIZE], *weakest = set;

	for (size_t i = 0; i < SET_SIZE; i++) {
		if (set[i].hash == hash)
			return &set[i].full_at;
		if (set[i].full_at < weakest->full_at)
			weakest = &set[i];
	}
	*weakest = (struct bucket){ .hash = hash };
	return &weakest->full_at;
}
