#include "api/metrics.h"

#include "api/exposition.h"
#include "base/clock.h"
#include "base/mem.h"
#include "db/copy.h"
#include "db/stats.h"
#include "http/session.h"
#include "io/store.h"
#include "metrics_process.h"
#include "metrics_replica.h"

#include <stdio.h>
#include <stdlib.h>

#define STATUS_CLASSES 5

static const char *const class_names[STATUS_CLASSES] = { "1xx", "2xx", "3xx", "4xx", "5xx" };

struct route_counts {
	uint64_t requests[STATUS_CLASSES];
	uint64_t bytes_in, bytes_out;
	struct histogram duration;
};

struct metrics {
	struct route_counts *routes; /* by their place in the table; behind them what has no route */
	struct histogram turns;
};

struct metrics *metrics_create(void)
{
	struct metrics *m = mem_zalloc(1, sizeof(*m));

	m->routes = mem_zalloc(api_route_count + 1, sizeof(*m->routes));
	return m;
}

void metrics_free(struct metrics *m)
{
	if (!m)
		return;
	free(m->routes);
	free(m);
}

void metrics_note(struct metrics *m, const struct exchange *x, size_t bytes_out)
{
	size_t place = x->route ? (size_t)(x->route - api_routes) : api_route_count;
	struct route_counts *r = &m->routes[place];
	int class = x->response.status / 100;

	if (class >= 1 && class <= STATUS_CLASSES)
		r->requests[class - 1]++;
	r->bytes_in += x->request.body.n;
	r->bytes_out += bytes_out;
	histogram_add(&r->duration, &histogram_durations, clock_mono_us() - x->started_us);
}

void metrics_note_turn(struct metrics *m, uint64_t us)
{
	histogram_add(&m->turns, &histogram_turns, us);
}

/* ---- requests ---- */

/* Routes that were never asked for have no samples. */
static bool is_used(const struct metrics *m, size_t place)
{
	return m->routes[place].duration.count > 0;
}

static const char *method_of(size_t place)
{
	return place < api_route_count ? http_method_name(api_routes[place].method) : "";
}

static const char *path_of(size_t place)
{
	return place < api_route_count ? api_routes[place].path : "";
}

static void requests(struct exposition *e, const struct metrics *m)
{
	exposition_family(e, "bugd_http_requests", METRIC_COUNTER,
			  "Requests answered, by route of the table (empty: no such route).");
	for (size_t i = 0; i <= api_route_count; i++) {
		for (size_t c = 0; c < STATUS_CLASSES; c++) {
			if (m->routes[i].requests[c])
				exposition_sample(e,
						  (exposition_labels){ "method", method_of(i), "route",
								       path_of(i), "status", class_names[c],
								       NULL },
						  (double)m->routes[i].requests[c]);
		}
	}
}

static void bytes(struct exposition *e, const struct metrics *m, const char *name, const char *help, bool in)
{
	exposition_family(e, name, METRIC_COUNTER, help);
	for (size_t i = 0; i <= api_route_count; i++) {
		if (is_used(m, i))
			exposition_sample(
				e, (exposition_labels){ "method", method_of(i), "route", path_of(i), NULL },
				(double)(in ? m->routes[i].bytes_in : m->routes[i].bytes_out));
	}
}

static void durations(struct exposition *e, const struct metrics *m)
{
	exposition_family(e, "bugd_http_request_duration_seconds", METRIC_HISTOGRAM,
			  "From a request's first byte to its answer.");
	for (size_t i = 0; i <= api_route_count; i++) {
		if (is_used(m, i))
			exposition_histogram(
				e, (exposition_labels){ "method", method_of(i), "route", path_of(i), NULL },
				&m->routes[i].duration, &histogram_durations, 1e-6);
	}
}

static void http(struct exposition *e, const struct api *api)
{
	const exposition_labels none = { NULL };

	requests(e, api->metrics);
	durations(e, api->metrics);
	bytes(e, api->metrics, "bugd_http_request_bytes", "Bytes of request bodies.", true);
	bytes(e, api->metrics, "bugd_http_response_bytes", "Bytes of answers, with their heads.", false);
	exposition_family(e, "bugd_http_requests_in_flight", METRIC_GAUGE,
			  "Requests that are not answered yet.");
	exposition_sample(e, none, (double)api->service.running);
	exposition_family(e, "bugd_http_connections", METRIC_GAUGE, "Connections of clients.");
	exposition_sample(e, none, api->sessions ? (double)api->sessions->count : 0);
	exposition_family(
		e, "bugd_loop_turn_seconds", METRIC_HISTOGRAM,
		"How long the loop worked between two sleeps: as long as that, nobody else is served.");
	exposition_histogram(e, none, &api->metrics->turns, &histogram_turns, 1e-6);
}

/* ---- the database ---- */

static const char *const lane_names[DB_LANE_COUNT] = { "read", "write", "slow" };

struct lane_gauge {
	const char *name;
	enum metric_type type;
	const char *help;
	double (*value)(const struct lane_stats *s);
};

#define LANE_VALUE(name, member)                                                                             \
	static double name(const struct lane_stats *s)                                                       \
	{                                                                                                    \
		return (double)s->member;                                                                    \
	}
LANE_VALUE(lane_size, size)
LANE_VALUE(lane_ready_connections, ready)
LANE_VALUE(lane_queued, queued)
LANE_VALUE(lane_in_flight, in_flight)
LANE_VALUE(lane_operations, operations)
LANE_VALUE(lane_refused, refused)
LANE_VALUE(lane_reconnects, reconnects)

static const struct lane_gauge lane_gauges[] = {
	{ "bugd_db_connections", METRIC_GAUGE, "Connections of the lane.", lane_size },
	{ "bugd_db_connections_ready", METRIC_GAUGE, "Those that are up.", lane_ready_connections },
	{ "bugd_db_queue", METRIC_GAUGE, "Operations that wait for a connection.", lane_queued },
	{ "bugd_db_in_flight", METRIC_GAUGE, "Operations that were sent and not answered yet.",
	  lane_in_flight },
	{ "bugd_db_operations", METRIC_COUNTER, "Operations taken.", lane_operations },
	{ "bugd_db_refused", METRIC_COUNTER, "Operations refused: the queue was full, or the database away.",
	  lane_refused },
	{ "bugd_db_reconnects", METRIC_COUNTER, "Connections that were lost and made anew.",
	  lane_reconnects },
};

static void lanes(struct exposition *e, const struct api *api)
{
	struct lane_stats stats[DB_LANE_COUNT];

	for (int l = 0; l < DB_LANE_COUNT; l++)
		db_stats(api->db, (enum db_lane)l, &stats[l]);
	for (size_t g = 0; g < sizeof(lane_gauges) / sizeof(*lane_gauges); g++) {
		exposition_family(e, lane_gauges[g].name, lane_gauges[g].type, lane_gauges[g].help);
		for (int l = 0; l < DB_LANE_COUNT; l++)
			exposition_sample(e, (exposition_labels){ "lane", lane_names[l], NULL },
					  lane_gauges[g].value(&stats[l]));
	}
	exposition_family(e, "bugd_db_wait_seconds", METRIC_HISTOGRAM, "Time in the lane's queue.");
	for (int l = 0; l < DB_LANE_COUNT; l++)
		exposition_histogram(e, (exposition_labels){ "lane", lane_names[l], NULL }, &stats[l].wait,
				     &histogram_durations, 1e-6);
	exposition_family(e, "bugd_db_group_size", METRIC_HISTOGRAM, "Operations that left together.");
	for (int l = 0; l < DB_LANE_COUNT; l++)
		exposition_histogram(e, (exposition_labels){ "lane", lane_names[l], NULL },
				     &stats[l].group_sizes, &histogram_sizes, 1);
}

static double calls(const struct statement_stats *s)
{
	return (double)s->calls;
}

static double seconds(const struct statement_stats *s)
{
	return (double)s->busy_us * 1e-6;
}

static double rows(const struct statement_stats *s)
{
	return (double)s->rows;
}

static double errors(const struct statement_stats *s)
{
	return (double)s->errors;
}

static void statement_family(struct exposition *e, const char *name, const char *help,
			     double (*value)(const struct statement_stats *s))
{
	const struct statement_stats *all = statement_stats_all();

	exposition_family(e, name, METRIC_COUNTER, help);
	for (size_t i = 0; i < statement_count; i++) {
		if (all[i].calls)
			exposition_sample(e, (exposition_labels){ "statement", statements[i]->name, NULL },
					  value(&all[i]));
	}
}

static void database(struct exposition *e, const struct api *api)
{
	exposition_family(e, "bugd_db_up", METRIC_GAUGE, "Whether every lane has a connection.");
	exposition_sample(e, (exposition_labels){ NULL }, db_ready(api->db));
	lanes(e, api);
	if (api->config.replicas)
		metrics_replicas(e, api->config.replicas);
	statement_family(e, "bugd_db_statements", "Executions, by statement.", calls);
	statement_family(e, "bugd_db_statement_seconds", "From sending to the answer, added up.", seconds);
	statement_family(e, "bugd_db_statement_rows", "Rows answered.", rows);
	statement_family(e, "bugd_db_statement_errors", "Executions that failed.", errors);
}

/* ---- the rest ---- */

static void single(struct exposition *e, const char *name, enum metric_type type, const char *help,
		   double value)
{
	exposition_family(e, name, type, help);
	exposition_sample(e, (exposition_labels){ NULL }, value);
}

static void hashing(struct exposition *e, const struct work_lane *lane)
{
	single(e, "bugd_hashing_running", METRIC_GAUGE, "Passwords that are being hashed.", lane->running);
	single(e, "bugd_hashing_queue", METRIC_GAUGE, "Passwords that wait to be hashed.", lane->queued);
	single(e, "bugd_hashing_refused", METRIC_COUNTER, "Passwords refused, as too many waited.",
	       (double)lane->refused);
}

/* What exports, imports and attachments have for long, and there are few of. */
static void shares(struct exposition *e, const struct api *api)
{
	struct copy_stats copies;

	copy_pool_stats(api->copies, &copies);
	single(e, "bugd_copy_connections", METRIC_GAUGE, "Connections for exports and imports, at most.",
	       copies.size);
	single(e, "bugd_copy_connections_taken", METRIC_GAUGE, "Those that an export or an import has.",
	       copies.taken);
	single(e, "bugd_attachments_open", METRIC_GAUGE, "Files of attachments that are open.",
	       store_open_files(api->store));
}

void metrics_write(struct api *api, bool open_metrics, struct buf *out)
{
	struct exposition e = { .out = out, .open_metrics = open_metrics };

	http(&e, api);
	database(&e, api);
	hashing(&e, &api->hashing);
	shares(&e, api);
	metrics_process(&e);
	exposition_end(&e);
}
