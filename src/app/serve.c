#include "app/serve.h"

#include "api/api.h"
#include "app/fd_limit.h"
#include "app/schema_gate.h"
#include "app/supervised.h"
#include "base/arena.h"
#include "base/log.h"
#include "http/session.h"
#include "io/deadline.h"
#include "io/listener.h"
#include "io/supervisor.h"
#include "io/turn.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Descriptors that are neither clients nor the pool's: the loop, the log, the listeners, files at work. */
#define OTHER_DESCRIPTORS 64
#define HEADERS_MAX       100
/* How long what cannot be cut short (resolving a name) may take once all requests are answered. */
#define LEFTOVERS_MS 5000

struct server {
	const struct config *config;
	uv_loop_t loop;
	struct schema_gate gate;
	struct conn_config conn;
	struct db *db;
	struct api *api;
	struct sessions sessions;
	struct listener *listener;
	uv_signal_t terminate, interrupt;
	uv_timer_t grace;
	struct supervised supervised;
	struct turn_hook flush_log;
	bool stopping, refused;
};

/* ---- starting ---- */

static void set_up_log(const struct config *c)
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

static void run_flush_log(struct turn_hook *hook)
{
	(void)hook;
	log_flush();
}

static unsigned pool_size(const struct config *c)
{
	return c->db_read_connections + c->db_write_connections + c->db_slow_connections;
}

static size_t connections_max(const struct config *c)
{
	unsigned n = fd_limit_connections(c->max_connections, pool_size(c) + OTHER_DESCRIPTORS);

	if (n < c->max_connections)
		log_event(LOG_WARN, "app", "MAX_CONNECTIONS is more than the limit of open files allows",
			  "%u instead of %u", n, c->max_connections);
	return n;
}

static void start_pool(struct server *s)
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
}

static bool start_api(struct server *s)
{
	const struct config *c = s->config;
	bool eddsa = c->jwt_algorithm == CONFIG_JWT_EDDSA;
	const struct api_config config = {
		.secret_key = str_of(c->secret_key),
		.issuer = str_of(c->issuer),
		.private_key = eddsa ? str_of(c->jwt_private_key) : STR_NONE,
		.old_keys = str_of(eddsa ? c->jwt_public_keys : c->old_secret_keys),
		.access_token_ttl_ms = c->access_token_ttl,
		.refresh_token_ttl_ms = c->refresh_token_ttl,
		.request_timeout_ms = c->request_timeout,
		.front = &c->front,
		.registration_open = c->registration == CONFIG_REGISTRATION_OPEN,
		.password_cost = config_password_cost(c),
		.hash_threads = c->hash_threads,
		.hash_queue_max = c->hash_queue_max,
	};

	s->api = api_create(&s->loop, s->db, &s->conn, &config);
	return s->api != NULL;
}

static void start_sessions(struct server *s)
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
		.connections = connections_max(c),
	};

	sessions_init(&s->sessions, &s->loop, &s->api->service, &limits);
}

static void accept_pending(uv_stream_t *stream, void *context)
{
	struct server *s = context;

	session_accept(&s->sessions, stream);
}

static bool start_listening(struct server *s, char *error)
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
	return s->listener != NULL;
}

static void log_listening(const struct server *s)
{
	static const struct str scheme = STR_INIT("http://");
	struct str address = str_of(listener_address(s->listener));

	if (str_starts(address, scheme))
		address = (struct str){ address.p + scheme.n, address.n - scheme.n };
	log_begin(LOG_INFO, "app", "listening");
	log_str("address", address);
	log_end();
}

/* ---- stopping: each step begins when the one before is done ---- */

static void overdue(uv_timer_t *timer)
{
	(void)timer;
	log_event(LOG_WARN, "app", "stopped", "something was still at work and was left behind");
	log_drain();
	_exit(EXIT_SUCCESS);
}

static void pool_closed(void *arg)
{
	struct server *s = arg;

	uv_close((uv_handle_t *)&s->terminate, NULL);
	uv_close((uv_handle_t *)&s->interrupt, NULL);
	supervised_close(&s->supervised);
	turn_remove_hook(&s->flush_log);
	turn_stop();
	deadline_stop();
	/* Now the loop ends by itself, unless a thread does not. */
	uv_timer_start(&s->grace, overdue, LEFTOVERS_MS, 0);
	uv_unref((uv_handle_t *)&s->grace);
}

static void api_closed(void *arg)
{
	struct server *s = arg;

	db_close(s->db, pool_closed, s);
}

static void sessions_drained(struct sessions *sessions)
{
	struct server *s = list_entry(sessions, struct server, sessions);

	uv_timer_stop(&s->grace);
	api_close(s->api, api_closed, s);
}

static void grace_over(uv_timer_t *timer)
{
	struct server *s = timer->data;

	log_event(LOG_WARN, "app", "SHUTDOWN_GRACE is over", "%zu connections are cut off",
		  s->sessions.count);
	sessions_abort(&s->sessions);
}

static void stop(struct server *s)
{
	if (s->stopping)
		return;
	s->stopping = true;
	supervised_stop(&s->supervised);
	schema_gate_stop(&s->gate);
	if (s->listener)
		listener_close(s->listener);
	if (!s->api) {
		api_closed(s);
		return;
	}
	s->api->stopping = true;
	uv_timer_start(&s->grace, grace_over, s->config->shutdown_grace, 0);
	sessions_stop(&s->sessions, sessions_drained);
}

static void on_signal(uv_signal_t *signal, int number)
{
	struct server *s = signal->data;

	if (s->stopping) {
		log_drain();
		_exit(128 + number);
	}
	log_event(LOG_INFO, "app", "stopping", "%s", number == SIGTERM ? "SIGTERM" : "SIGINT");
	stop(s);
}

/* ---- the whole ---- */

/*
 * The first try blocks, and the first process of a container is not ended by a signal that it does not
 * handle; so until the loop takes the signals over, one of them makes the try give up.
 */
static volatile sig_atomic_t asked_to_stop, early_stop_fd;

static void on_early_signal(int number)
{
	const uint64_t one = 1;

	(void)number;
	asked_to_stop = 1;
	if (write(early_stop_fd, &one, sizeof(one)) < 0)
		return; /* the counter is full: it was written to before, which is enough */
}

static void handle_early_signals(int stop_fd)
{
	early_stop_fd = stop_fd;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, on_early_signal);
	signal(SIGINT, on_early_signal);
}

static void open_database(struct server *s)
{
	db_open(s->db);
	api_open(s->api);
}

static void gate_decided(struct schema_gate *gate)
{
	struct server *s = list_entry(gate, struct server, gate);

	if (gate->job.result == GATE_PASSED) {
		open_database(s);
		return;
	}
	log_event(LOG_ERROR, "app", "the database cannot be used", "%s", gate->job.error);
	s->refused = true;
	stop(s);
}

static void start_loop(struct server *s)
{
	uv_loop_init(&s->loop);
	uv_timer_init(&s->loop, &s->grace);
	supervised_init(&s->supervised, &s->loop);
	uv_signal_init(&s->loop, &s->terminate);
	uv_signal_init(&s->loop, &s->interrupt);
	s->grace.data = s->terminate.data = s->interrupt.data = s;
	uv_signal_start(&s->terminate, on_signal, SIGTERM);
	uv_signal_start(&s->interrupt, on_signal, SIGINT);
	turn_start(&s->loop);
	deadline_start(&s->loop);
}

static bool can_work(void *arg)
{
	return db_ready(((struct server *)arg)->db);
}

static bool start(struct server *s, char *error)
{
	start_loop(s);
	start_pool(s);
	s->flush_log.run = run_flush_log;
	turn_add_hook(&s->flush_log); /* behind the pool's, so that what it logs leaves in the same turn */
	if (!start_api(s)) {
		snprintf(error, SERVE_ERROR_MAX, "the API cannot be set up; the log says why");
		return false;
	}
	start_sessions(s);
	if (!start_listening(s, error))
		return false;
	log_listening(s);
	supervised_start(&s->supervised, can_work, s);
	if (s->gate.job.result == GATE_PASSED)
		open_database(s);
	else
		schema_gate_start(&s->gate, &s->loop, gate_decided);
	return true;
}

static void release(struct server *s)
{
	int busy;

	if (s->api) {
		sessions_free(&s->sessions);
		api_free(s->api);
	}
	db_free(s->db);
	/* The last handle: nothing could be left to wait for behind it. */
	uv_close((uv_handle_t *)&s->grace, NULL);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	busy = uv_loop_close(&s->loop);
	if (busy)
		log_event(LOG_ERROR, "app", "the loop still holds something", "%s", uv_strerror(busy));
	else
		log_event(LOG_INFO, "app", "stopped", NULL);
	arena_trim();
	uv_library_shutdown();
}

static bool serve_from_gate(struct server *s, char *error)
{
	bool started;

	if (schema_gate_try(&s->gate) == GATE_REFUSED) {
		snprintf(error, SERVE_ERROR_MAX, "%s", s->gate.job.error);
		return false;
	}
	if (asked_to_stop)
		return true;
	started = start(s, error);
	if (!started || asked_to_stop)
		stop(s);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	release(s);
	return started && !s->refused;
}

bool serve(const struct config *config, char error[SERVE_ERROR_MAX])
{
	struct server s = { .config = config };
	bool served;

	set_up_log(config);
	size_thread_pool(config);
	fd_limit_raise();
	schema_gate_init(&s.gate, config);
	handle_early_signals(s.gate.job.stop_fd);
	served = serve_from_gate(&s, error);
	schema_gate_free(&s.gate);
	log_drain();
	return served;
}
