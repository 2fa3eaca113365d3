#include "api/api.h"

#include "api/access_log.h"
#include "api/caller.h"
#include "api/problem.h"
#include "base/log.h"
#include "base/mem.h"

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

static void make_service(struct api *api)
{
	api->router = router_create(api_routes, api_route_count);
	api->service = (struct service){
		.router = api->router,
		.context = api,
		.gate = caller_gate,
		.gate_frame_size = caller_gate_frame_size,
		.problem = problem_answer,
		.finished = access_log,
	};
	deadline_list_init(&api->service.request_deadline, api->config.request_timeout_ms);
}

struct api *api_create(uv_loop_t *loop, struct db *db, const struct conn_config *conn,
		       const struct api_config *config)
{
	struct api *api = mem_zalloc(1, sizeof(*api));

	api->loop = loop;
	api->db = db;
	api->config = *config;
	api->keys = jwt_keys_create(config->secret_key, config->issuer);
	if (!api->keys || !password_hash_nobody(&config->password_cost, api->nobody_hash)) {
		log_event(LOG_ERROR, "api", "the key or the cost of passwords is not usable", NULL);
		jwt_keys_free(api->keys);
		free(api);
		return NULL;
	}
	api->cursor_key = derive_key(config->secret_key, "bugd cursor");
	api->callers = caller_cache_create(conn);
	work_lane_init(&api->hashing, loop, "hashing", config->hash_threads, config->hash_queue_max);
	make_service(api);
	return api;
}

void api_open(struct api *api)
{
	caller_cache_open(api->callers);
}

void api_close(struct api *api, void (*closed)(void *), void *arg)
{
	deadline_list_remove(&api->service.request_deadline);
	caller_cache_close(api->callers, closed, arg);
}

void api_free(struct api *api)
{
	caller_cache_free(api->callers);
	router_free(api->router);
	jwt_keys_free(api->keys);
	free((void *)(uintptr_t)api->cursor_key.p);
	free(api);
}
