/*
 * Places in PostgreSQL's write-ahead log (LSN), and when the primary was there: what a replica has replayed says by
 * that how old its data is, whatever the clocks of the two machines say.
 *
 * All times are of clock_mono_us.
 */
#ifndef BUGD_DB_WAL_H
#define BUGD_DB_WAL_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WAL_TOKEN_LEN 16
#define WAL_SAMPLES   256

/* A place as clients carry it: sixteen hexadecimal digits. */
void wal_token_format(uint64_t lsn, char out[WAL_TOKEN_LEN + 1]);
bool wal_token_parse(struct str s, uint64_t *lsn);

/* The places that the primary was at, oldest first. A zeroed struct knows nothing. */
struct wal_clock {
	struct wal_sample {
		uint64_t lsn;
		uint64_t at_us; /* all that was committed then is in front of this place */
	} v[WAL_SAMPLES];
	size_t first, count;
};

/*
 * Notes where the primary is; `at_us` is when it was asked. A place in front of the last one is of another history:
 * what was known is forgotten.
 */
void wal_clock_add(struct wal_clock *c, uint64_t lsn, uint64_t at_us);

/* Of what moment all is there that was committed, for one who has replayed this far; 0: of none that is known. */
uint64_t wal_clock_at(const struct wal_clock *c, uint64_t lsn);

/* The moment of the last sample; 0: there is none. */
uint64_t wal_clock_last(const struct wal_clock *c);

#endif
