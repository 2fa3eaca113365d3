#include "db/stats.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>

static struct statement_stats *stats;
static uint64_t slow_us;

static struct statement_stats *all(void)
{
	if (!stats)
		stats = mem_zalloc(statement_count, sizeof(*stats));
	return stats;
}

const struct statement_stats *statement_stats_all(void)
{
	return all();
}

void statement_stats_slow(uint64_t threshold_ms)
{
	slow_us = threshold_ms * 1000;
}

static void log_slow(const struct op *op, uint64_t us)
{
	log_begin(LOG_WARN, "db", "slow statement");
	for (int i = 0; i < op->count; i++)
		log_str(i ? "and" : "statement", str_of(op->statement[i]->st->name));
	log_ms("ms", us);
	log_ms("waited_ms", op->sent_us - op->submitted_us);
	log_end();
}

void statement_stats_note(const struct op *op)
{
	uint64_t us;

	if (!op->sent_us || op->count == 0)
		return;
	us = clock_mono_us() - op->sent_us;
	for (int i = 0; i < op->count; i++) {
		struct statement_stats *s = &all()[op->statement[i]->st->index];
		const PGresult *r = op->result[i];

		s->calls++;
		s->busy_us += us;
		if (r && PQresultStatus(r) == PGRES_TUPLES_OK)
			s->rows += (uint64_t)PQntuples(r);
		else if (!r || PQresultStatus(r) == PGRES_FATAL_ERROR)
			s->errors++;
	}
	if (slow_us && us >= slow_us)
		log_slow(op, us);
}

void statement_stats_stop(void)
{
	free(stats);
	stats = NULL;
}
