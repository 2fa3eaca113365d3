/* What the pool has done so far, for metrics, and the log of slow statements. Of the whole process. */
#ifndef BUGD_DB_STATS_H
#define BUGD_DB_STATS_H

#include "db/pipe.h"

struct statement_stats {
	uint64_t calls, errors, rows; /* a batch is one call, of the statement for many */
	uint64_t busy_us; /* from being sent until the answer was there, so waiting in the pipe counts */
};

/* By the statement's index; all of them, in the order of `statements`. */
const struct statement_stats *statement_stats_all(void);

/* Statements that took that long are logged, by name; 0: none is. */
void statement_stats_slow(uint64_t threshold_ms);

/* The operation has ended: called by op_finish, before its results are given away. */
void statement_stats_note(const struct op *op);

/* Gives the memory back, at the end of the process. */
void statement_stats_stop(void);

#endif
