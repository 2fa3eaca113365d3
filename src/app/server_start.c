/* Starting the parts of a server: what the settings mean to each of them. */
#include "app/fd_limit.h"
#include "app/server_needs.h"
#include "base/log.h"
#include "db/stats.h"
#include "io/supervisor.h"
#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HEADERS_MAX 100

void server_log_setup(const struct config *c)
{
	bool text = c->log_format == CONFIG_LOG_TEXT ||
		    (c->log_format == CONFIG_LOG_AUTO && isatty(STDOUT_FILENO));

	log_setup((enum log_level)c->log_level, text ? LOG_TEXT : LOG_JSON);
}

/* libuv reads this once, when the first job comes. Two more than hash passwords, for files and names. */
static void size_thread_pool(const struct config *c)
{
	char size[16];

	snprintf(size, sizeof(size), "%u", c->hash_threads < 2 ? 4 : c->hash_threads + 2);
	setenv("UV_THREADPOOL_SIZE", size, 0);
}

void server_prepare(const struct config *c)
{
	server_log_setup(c);
	size_thread_pool(c);
	fd_limit_raise();
}

size_t server_connections_max(const struct config *c)
{
	unsigned n = fd_limit_connections(c->max_connections,
					  pool_size(c) + replica_pool_size(c) + OTHER_DESCRIPTORS);

	if (n < c->max_connections)
		log_event(LOG_WARN, "app", "MAX_CONNECTIONS is more than the limit of open files allows",
			  "%u instead of %u", n, c->max_connections);
	return n;
}

void server_start_pool(struct server *s)
{
	const struct config *c = s->config;

	s->conn = (struct conn_config){
		.loop = &s->loop,
		.url = c->database_url,
		.connect_timeout_ms = c->db_connect_timeout,
		.statement_timeout_ms = c->db_statement_timeout,
	};
	const struct db_config config = {
		.conn = s->conn,
		.connections = {
			[DB_READ] = c->db_read_connections,
			[DB_WRITE] = c->db_write_connections,
			[DB_SLOW] = c->db_slow_connections,
		},
		.queue_max = c->db_queue_max,
	};

	s->db = db_create(&s->loop, &config);
	if (c->replicas.n)
		s->replicas = replicas_create(&s->loop, s->db,
					      &(struct replicas_config){ .urls = c->replicas,
									 .pool = config,
									 .max_lag_ms = c->replica_max_lag });
	statement_stats_slow(c->slow_statement);
}

struct api_config server_api_config(const struct server *s)
{
	const struct config *c = s->config;
	bool eddsa = c->jwt_algorithm == CONFIG_JWT_EDDSA;

	return (struct api_config){
		.secret_key = str_of(c->secret_key),
		.issuer = str_of(c->issuer),
		.private_key = eddsa ? str_of(c->jwt_private_key) : STR_NONE,
		.old_keys = str_of(eddsa ? c->jwt_public_keys : c->old_secret_keys),
		.access_token_ttl_ms = c->access_token_ttl,
		.refresh_token_ttl_ms = c->refresh_token_ttl,
		.attachment = {
			.dir = c->upload_dir,
			.max_bytes = c->max_attachment_bytes,
			.quota = c->project_attachment_quota ? (int64_t)c->project_attachment_quota : INT64_MAX,
			.types = str_of(c->attachment_types),
			.accel = str_of(c->x_accel_redirect),
		},
		.request_timeout_ms = c->request_timeout,
		.front = &c->front,
		.metrics_networks = &c->metrics_from,
		.rate = &c->rate,
		.retention = {
			.deleted_ms = c->purge_after,
			.logged_ms = c->audit_retention,
			.told_ms = c->notification_retention,
		},
		.admin_apart = c->admin.host != NULL,
		.slow_request_ms = c->slow_request,
		.registration_open = c->registration == CONFIG_REGISTRATION_OPEN,
		.password_cost = config_password_cost(c),
		.hash_threads = c->hash_threads,
		.hash_queue_max = c->hash_queue_max,
		.max_import_bytes = c->max_import_bytes,
		.copy_connections = c->db_copy_connections,
		.replicas = s->replicas,
	};
}

bool server_start_api(struct server *s)
{
	const struct api_config config = server_api_config(s);

	s->api = api_create(&s->loop, s->db, &s->conn, &config);
	return s->api != NULL;
}

void server_start_sessions(struct server *s)
{
	const struct config *c = s->config;
	const struct session_limits limits = {
		.head_bytes = c->max_head_bytes,
		.body_bytes = c->max_body_bytes,
		.header_count = HEADERS_MAX,
		.head_ms = c->head_timeout,
		.body_ms = c->body_timeout,
		.idle_ms = c->idle_timeout,
		.write_ms = c->write_timeout,
		.connections = server_connections_max(c),
	};

	sessions_init(&s->sessions, &s->loop, &s->api->service, &limits);
	sessions_init(&s->admin_sessions, &s->loop, &s->api->admin_service, &limits);
	s->admin_sessions.limits.connections = ADMIN_CONNECTIONS;
	s->api->sessions = &s->sessions;
}

static void accept_pending(uv_stream_t *stream, void *context)
{
	struct server *s = context;

	session_accept(&s->sessions, stream);
}

static void log_listening(const char *what, const struct listener *l)
{
	static const struct str scheme = STR_INIT("http://");
	struct str address = str_of(listener_address(l));

	if (str_starts(address, scheme))
		address = (struct str){ address.p + scheme.n, address.n - scheme.n };
	log_begin(LOG_INFO, "app", what);
	log_str("address", address);
	log_end();
}

static void accept_operator(uv_stream_t *stream, void *context)
{
	struct server *s = context;

	session_accept(&s->admin_sessions, stream);
}

static bool listen_for_operators(struct server *s, char *error)
{
	const struct listener_config config = {
		.host = s->config->admin.host,
		.port = s->config->admin.port,
		.pending = accept_operator,
		.context = s,
	};

	s->admin_listener = listener_open(&s->loop, &config, error);
	if (!s->admin_listener)
		return false;
	log_listening("listening for operators", s->admin_listener);
	return true;
}

bool server_start_listening(struct server *s, char *error)
{
	const struct listener_config config = {
		.host = s->config->host,
		.port = (uint16_t)s->config->port,
		.first_fd = SUPERVISOR_FIRST_FD,
		.fd_count = supervisor_sockets(),
		.pending = accept_pending,
		.context = s,
	};

	s->listener = listener_open(&s->loop, &config, error);
	if (!s->listener)
		return false;
	log_listening("listening", s->listener);
	return !s->config->admin.host || listen_for_operators(s, error);
}
