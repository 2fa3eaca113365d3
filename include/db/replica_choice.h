/* Which replica a read goes to, if any: a rule without input and output. Times are of clock_mono_us. */
#ifndef BUGD_DB_REPLICA_CHOICE_H
#define BUGD_DB_REPLICA_CHOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So many operations more than another one has, and a replica is passed over though it is the reader's usual one. */
#define REPLICA_LEEWAY 64

/* What a read has to see. A zeroed struct asks for nothing beyond the greatest lag. */
struct db_need {
	uint64_t lsn;      /* all that was committed in front of this place */
	uint64_t since_us; /* all that was committed before this moment; in the future: nobody has it yet */
	size_t affinity; /* the same number leads to the same replica while it can, so that nobody goes back in time */
};

/* What is known of a replica. */
struct replica_view {
	bool usable;
	uint64_t lsn;      /* replayed at least */
	uint64_t as_of_us; /* all that was committed then is there */
	size_t load;       /* operations that it has to do */
};

/* The number of the replica; -1: none, so it is the primary. `oldest_us` is the moment that each must have seen. */
int replica_choose(const struct replica_view *v, size_t n, const struct db_need *need, uint64_t oldest_us);

#endif
