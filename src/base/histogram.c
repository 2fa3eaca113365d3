#include "base/histogram.h"

const struct histogram_bounds histogram_durations = {
	{ 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000,
	  10000000 },
	15,
};

const struct histogram_bounds histogram_turns = {
	{ 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000 },
	13,
};

const struct histogram_bounds histogram_sizes = { { 1, 2, 4, 8, 16, 32, 64 }, 7 };

void histogram_add(struct histogram *h, const struct histogram_bounds *bounds, uint64_t value)
{
	size_t i = 0;

	while (i < bounds->count && value > bounds->at[i])
		i++;
	h->bucket[i]++;
	h->count++;
	h->sum += value;
}
