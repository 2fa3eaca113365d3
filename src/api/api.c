#include "api/api.h"

#include "api/access_log.h"
#include "api/attachment.h"
#include "api/caller.h"
#include "api/caller_cache.h"
#include "api/idempotency.h"
#include "api/import.h"
#include "api/metrics.h"
#include "api/pages.h"
#include "api/problem.h"
#include "api/rate_limit.h"
#include "api/reading.h"
#include "api/report_run.h"
#include "api/time_zone.h"
#include "api/token_use.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/copy.h"
#include "domain/hmac.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#define CURSOR_KEY_BYTES 32

/* A key of its own for each purpose (HMAC of the purpose's name), so that one use cannot help against another. */
static struct str derive_key(struct str secret, const char *purpose)
{
	unsigned char *key = mem_zalloc(1, EVP_MAX_MD_SIZE);
	unsigned n = 0;

	HMAC(EVP_sha256(), secret.p, (int)secret.n, (const unsigned char *)purpose, strlen(purpose), key, &n);
	return (struct str){ (char *)key, CURSOR_KEY_BYTES };
}

static void finished(struct exchange *x, size_t bytes_out)
{
	struct api *api = x->service->context;

	metrics_note(api->metrics, x, bytes_out);
	access_log(x, bytes_out, api->config.slow_request_ms);
	reading_finished(x);
}

static void count_turn(struct turn_hook *hook)
{
	metrics_note_turn(list_entry(hook, struct api, count_turn)->metrics, turn_last_us());
}

static struct service make_service(struct api *api, struct router *router)
{
	return (struct service){
		.router = router,
		.front = api->config.front,
		.context = api,
		.gate = caller_gate,
		.gate_frame_size = caller_gate_frame_size,
		.before = idempotency_before,
		.before_frame_size = idempotency_before_frame_size,
		.after = reading_after,
		.after_frame_size = reading_after_frame_size,
		.problem = problem_answer,
		.finished = finished,
	};
}

/* With an address for operators each side has what the other has not. */
static void make_services(struct api *api)
{
	if (api->config.admin_apart) {
		api->router = router_create_without(api_routes, api_route_count, ROUTE_FOR_OPERATORS);
		api->admin_router = router_create_without(api_routes, api_route_count, ROUTE_FOR_CLIENTS);
	} else {
		api->router = router_create(api_routes, api_route_count);
	}
	api->service = make_service(api, api->router);
	deadline_list_init(&api->service.request_deadline, api->config.request_timeout_ms);
	api->admin_service = make_service(api, api->admin_router);
	deadline_list_init(&api->admin_service.request_deadline, api->config.request_timeout_ms);
}

/* The keys of access tokens; NULL: one of them is not usable. */
static struct jwt_keys *make_jwt_keys(const struct api_config *c)
{
	struct jwt_keys *keys = c->private_key.p ? jwt_keys_create_eddsa(c->private_key, c->issuer)
						 : jwt_keys_create(c->secret_key, c->issuer);

	if (keys && jwt_keys_add(keys, c->old_keys))
		return keys;
	jwt_keys_free(keys);
	return NULL;
}

static void make_identity(struct api *api, const struct conn_config *conn)
{
	struct str key = derive_key(api->config.secret_key, "bugd throttle");

	api->throttle_mac = hmac_create(key);
	free((void *)(uintptr_t)key.p);
	api->callers = caller_cache_create(conn);
	api->token_use = token_use_create(api->loop, api->db);
}

/* How long a connection for exports and imports is kept when nobody needs it. */
#define COPY_KEEP_MS 30000

static void make_copies(struct api *api, const struct conn_config *conn)
{
	const struct copy_pool_config config = {
		.conn = *conn,
		.connections = api->config.copy_connections,
		.keep_ms = COPY_KEEP_MS,
	};

	api->copies = copy_pool_create(&config);
}

struct api *api_create(uv_loop_t *loop, struct db *db, const struct conn_config *conn,
		       const struct api_config *config)
{
	struct api *api = mem_zalloc(1, sizeof(*api));

	api->loop = loop;
	api->db = db;
	api->config = *config;
	api->keys = make_jwt_keys(config);
	if (!api->keys || !password_hash_nobody(&config->password_cost, api->nobody_hash)) {
		log_event(LOG_ERROR, "api", "a key or the cost of passwords is not usable", NULL);
		jwt_keys_free(api->keys);
		free(api);
		return NULL;
	}
	api->cursor_key = derive_key(config->secret_key, "bugd cursor");
	api->answer_key = derive_key(config->secret_key, "bugd answer");
	make_identity(api, conn);
	api->reading = reading_create(config->replicas, config->request_timeout_ms);
	make_copies(api, conn);
	api->reports = report_runs_create();
	list_init(&api->imports);
	list_init(&api->exports);
	list_init(&api->files);
	api->pages = pages_create(api->config.front->base_path);
	work_lane_init(&api->hashing, loop, "hashing", config->hash_threads, config->hash_queue_max);
	api->store = store_create(loop, config->attachment.dir);
	api->sweeper = sweeper_create(loop, db, api->store);
	make_services(api);
	api->metrics = metrics_create();
	api->maintenance = maintenance_create(loop, db, &config->retention);
	api->rate_limit = rate_limit_create(config->rate);
	api->count_turn.run = count_turn;
	list_init(&api->count_turn.node);
	turn_add_hook(&api->count_turn);
	return api;
}

void api_configure(struct api *api, const struct api_config *config)
{
	api->config = *config;
	rate_limit_configure(&api->rate_limit, config->rate);
	maintenance_configure(api->maintenance, &config->retention);
}

void api_open(struct api *api)
{
	caller_cache_open(api->callers);
	maintenance_open(api->maintenance);
	sweeper_open(api->sweeper);
}

bool api_ready(const struct api *api)
{
	return db_ready(api->db) && sweeper_decided(api->sweeper);
}

static void part_closed(void *arg)
{
	struct api *api = arg;

	if (--api->closing == 0)
		api->closed(api->closed_arg);
}

void api_close(struct api *api, void (*closed)(void *), void *arg)
{
	turn_remove_hook(&api->count_turn);
	maintenance_close(api->maintenance);
	deadline_list_remove(&api->service.request_deadline);
	deadline_list_remove(&api->admin_service.request_deadline);
	sweeper_close(api->sweeper);
	token_use_close(api->token_use);
	api->closed = closed;
	api->closed_arg = arg;
	api->closing = 2;
	caller_cache_close(api->callers, part_closed, api);
	imports_stop(api);
	copy_pool_close(api->copies, part_closed, api);
}

void api_free(struct api *api)
{
	caller_cache_free(api->callers);
	sweeper_free(api->sweeper);
	store_free(api->store);
	token_use_free(api->token_use);
	hmac_free(api->throttle_mac);
	pages_free(api->pages);
	report_runs_free(api->reports);
	time_zones_free(api->time_zones);
	router_free(api->router);
	router_free(api->admin_router);
	metrics_free(api->metrics);
	maintenance_free(api->maintenance);
	rate_limit_free(api->rate_limit);
	reading_free(api->reading);
	jwt_keys_free(api->keys);
	free((void *)(uintptr_t)api->cursor_key.p);
	free((void *)(uintptr_t)api->answer_key.p);
	free(api);
}
