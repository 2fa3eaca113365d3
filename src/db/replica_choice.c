#include "db/replica_choice.h"

static bool will_do(const struct replica_view *v, const struct db_need *need, uint64_t oldest_us)
{
	return v->usable && v->lsn >= need->lsn && v->as_of_us >= need->since_us && v->as_of_us >= oldest_us;
}

int replica_choose(const struct replica_view *v, size_t n, const struct db_need *need, uint64_t oldest_us)
{
	int best = -1;

	for (size_t i = 0; i < n; i++) {
		size_t at = (need->affinity % n + i) % n;

		if (will_do(&v[at], need, oldest_us) &&
		    (best < 0 || v[at].load + REPLICA_LEEWAY < v[best].load))
			best = (int)at;
	}
	return best;
}
