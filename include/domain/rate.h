/*
 * Limits of rate by token bucket: a bucket holds `quota` tokens, each request takes one, and they come back evenly,
 * all of them within the window. Kept as one number, the moment when the bucket will be full again (that is GCRA,
 * ITU-T I.371). Times are microseconds of any clock that never goes back.
 */
#ifndef BUGD_DOMAIN_RATE_H
#define BUGD_DOMAIN_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rate {
	uint32_t quota; /* 0: no limit */
	uint64_t window_us;
};

struct rate_verdict {
	bool allowed;
	uint32_t remaining; /* tokens that are left */
	uint64_t reset_us;  /* until the bucket is full again */
	uint64_t retry_us;  /* until there is a token, when it was not allowed */
};

/* Takes a token when there is one. *full_at is the bucket; 0 is a full one. */
struct rate_verdict rate_take(const struct rate *r, uint64_t *full_at, uint64_t now_us);

/*
 * Buckets by the hash of whom they are for, in a table that does not grow. When there is no place, the bucket that is
 * full soonest gives way: mostly it is full already, and then nothing is forgotten.
 */
struct rate_table;

/* `buckets` is rounded up to a power of two. */
struct rate_table *rate_table_create(size_t buckets);
void rate_table_free(struct rate_table *t);

/* The bucket of the hash; valid until the next call. */
uint64_t *rate_table_find(struct rate_table *t, uint64_t hash);

#endif
