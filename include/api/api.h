/*
 * The HTTP API: routes, who may use them, and how errors and answers look. It knows the database and the rules
 * of the domain; http/ runs its handlers.
 */
#ifndef BUGD_API_API_H
#define BUGD_API_API_H

#include "api/maintenance.h"
#include "db/pool.h"
#include "domain/jwt.h"
#include "domain/password.h"
#include "http/exchange.h"
#include "io/turn.h"
#include "io/work.h"

/* Requests in a minute of each kind (api/rate_limit.h); 0: as many as come. */
struct rate_config {
	bool on;
	unsigned sign_in, read, write, heavy;
	struct network_list exempt; /* clients that are not counted */
};

struct attachment_config {
	const char *dir;
	uint64_t max_bytes; /* of one */
	int64_t quota;      /* bytes of a project's; INT64_MAX: no limit */
	struct str types;   /* a list of domain/media.h */
	struct str
		accel; /* what stands in front of paths for X-Accel-Redirect; absent: files are sent by us */
};

struct api_config {
	struct str secret_key; /* JWT_KEY_MIN bytes at least */
	/* Access tokens are signed by the secret key, or by this Ed25519 key (PEM) when it is given. */
	struct str private_key;
	struct str old_keys; /* that still verify: see jwt_keys_add; may be absent */
	struct str issuer;
	uint64_t access_token_ttl_ms, refresh_token_ttl_ms;
	struct attachment_config attachment;
	uint64_t request_timeout_ms;
	const struct front *front; /* must outlive the api */
	const struct network_list
		*metrics_networks; /* who may read metrics where clients ask, too; likewise */
	struct retention retention;
	const struct rate_config *rate; /* must outlive the api, too */
	bool admin_apart;               /* what is for operators is served by admin_service alone */
	uint64_t slow_request_ms;       /* requests that took that long are told in the log; 0: none */
	bool registration_open;
	struct password_cost password_cost;
	unsigned hash_threads, hash_queue_max;
	uint64_t max_import_bytes;
	struct replicas *replicas; /* of the pool; NULL: none; must outlive the api */
	unsigned copy_connections; /* for exports and imports, each of which has one to itself */
};

struct metrics;
struct reading;
struct replicas;
struct report_runs;
struct sessions;
struct time_zones;

struct api {
	uv_loop_t *loop;
	struct db *db;
	struct api_config config;
	struct service service, admin_service;
	struct router *router, *admin_router;
	struct metrics *metrics;
	struct maintenance *maintenance;
	struct rate_limit *rate_limit;   /* NULL: nothing is limited */
	const struct sessions *sessions; /* those of clients, for metrics; set by who makes them */
	struct turn_hook count_turn;
	struct jwt_keys *keys;
	struct work_lane hashing;
	struct copy_pool *copies;
	struct list exports; /* who has connections of `copies` (api/share.h) */
	struct list files;   /* who has files of the store open, likewise */
	struct list imports; /* those that are under way */
	unsigned import_count;
	struct caller_cache *callers;
	struct token_use *token_use;
	struct reading *reading;   /* NULL: there are no replicas */
	struct store *store;       /* of attachments */
	struct sweeper *sweeper;   /* of the store */
	struct hmac *throttle_mac; /* makes the keys of counts of wrong passwords */
	struct pages *pages;
	struct report_runs *reports;
	struct time_zones *time_zones; /* NULL until somebody asks for one */
	struct str cursor_key;         /* signs cursors; made of the secret key */
	struct str answer_key; /* seals answers that are stored (api/idempotency.h); made of it, too */
	/* A hash that no password has, of the cost of today: what an unknown e-mail is compared with. */
	char nobody_hash[PASSWORD_HASH_MAX];
	bool stopping;
	unsigned closing; /* parts that are still at it */
	void (*closed)(void *);
	void *closed_arg;
};

/*
 * Makes the API over a pool. `config` is copied, its texts must outlive the api; NULL with a message on the log
 * when something in it is not usable. The service is api->service.
 */
struct api *api_create(uv_loop_t *loop, struct db *db, const struct conn_config *conn,
		       const struct api_config *config);

/*
 * New values for what may change while it serves (the settings that are LIVE). The others, of which keys, lanes and
 * tables were made at the start, must be as they were. Texts are not copied, as by api_create.
 */
void api_configure(struct api *api, const struct api_config *config);

/* Starts to listen for what other processes announce. Call it when the database's schema is known to fit. */
void api_open(struct api *api);

/* Whether it can work: the database is there, and what is known of the folder of attachments (api/attachment.h). */
bool api_ready(const struct api *api);

/* Ends that; `closed` is called when the loop holds nothing of the api. Then api_free. */
void api_close(struct api *api, void (*closed)(void *), void *arg);
void api_free(struct api *api);

/* The route table. */
extern const struct route api_routes[];
extern const size_t api_route_count;

#endif
