#include "metrics_replica.h"

static double in_use(const struct replica_stats *s)
{
	return s->in_use;
}

static double lag(const struct replica_stats *s)
{
	return s->lag_s;
}

static double reads(const struct replica_stats *s)
{
	return (double)s->reads;
}

static double returned(const struct replica_stats *s)
{
	return (double)s->returned;
}

static const struct {
	const char *name;
	enum metric_type type;
	const char *help;
	double (*value)(const struct replica_stats *s);
} families[] = {
	{ "bugd_replica_in_use", METRIC_GAUGE, "Whether reads go to it.", in_use },
	{ "bugd_replica_lag_seconds", METRIC_GAUGE,
	  "How far it is behind what is last known of the primary; -1 when that is not known.", lag },
	{ "bugd_replica_reads", METRIC_COUNTER, "Reads sent to it.", reads },
	{ "bugd_replica_reads_returned", METRIC_COUNTER, "Of these those that the primary did in the end.",
	  returned },
};

void metrics_replicas(struct exposition *e, const struct replicas *all)
{
	struct replica_stats stats;

	for (size_t f = 0; f < sizeof(families) / sizeof(*families); f++) {
		exposition_family(e, families[f].name, families[f].type, families[f].help);
		for (size_t i = 0; i < replicas_count(all); i++) {
			replicas_stats(all, i, &stats);
			exposition_sample(e, (exposition_labels){ "replica", stats.name, NULL },
					  families[f].value(&stats));
		}
	}
	exposition_family(e, "bugd_replica_reads_passed", METRIC_COUNTER,
			  "Reads that went to the primary, as no replica had seen enough.");
	exposition_sample(e, (exposition_labels){ NULL }, (double)replicas_passed(all));
}
