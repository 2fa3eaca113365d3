/*
 * Counts of values by size, for metrics: durations in microseconds, or plain numbers. The bounds are given with each
 * call and have to be the same for one histogram; a zeroed one is empty.
 */
#ifndef BUGD_BASE_HISTOGRAM_H
#define BUGD_BASE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_BUCKETS_MAX 16

/* Upper bounds, rising; what is greater than all of them is counted apart. */
struct histogram_bounds {
	uint64_t at[HISTOGRAM_BUCKETS_MAX];
	size_t count;
};

/* 0.25 ms to 10 s: requests, statements, waiting. */
extern const struct histogram_bounds histogram_durations;
/* 0.1 ms to 1 s: turns of the loop. */
extern const struct histogram_bounds histogram_turns;
/* 1 to 64: how many share something. */
extern const struct histogram_bounds histogram_sizes;

struct histogram {
	uint64_t bucket[HISTOGRAM_BUCKETS_MAX + 1]; /* not added up */
	uint64_t count, sum;
};

void histogram_add(struct histogram *h, const struct histogram_bounds *bounds, uint64_t value);

#endif
