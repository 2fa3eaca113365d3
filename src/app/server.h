/*
 * The inside of a running server, shared by what starts it (server_start.c), gives it new settings (server_reload.c),
 * ends it (server_stop.c) and the whole (serve.c).
 */
#ifndef BUGD_APP_SERVER_H
#define BUGD_APP_SERVER_H

#include "api/api.h"
#include "app/config.h"
#include "app/schema_gate.h"
#include "app/serve.h"
#include "app/supervised.h"
#include "db/replica.h"
#include "http/session.h"
#include "io/listener.h"
#include "io/turn.h"

#include <signal.h>

struct server {
	struct config *config; /* its live settings change: server_reload.c */
	const char *env_file;  /* NULL: .env */
	uv_loop_t loop;
	struct schema_gate gate;
	struct conn_config conn;
	struct db *db;
	struct replicas *replicas; /* NULL: there are none */
	struct api *api;
	struct sessions sessions, admin_sessions; /* the second of ADMIN_LISTEN */
	struct listener *listener, *admin_listener;
	unsigned draining; /* how many of these still have connections, once stopping */
	uv_signal_t terminate, interrupt, hang_up;
	uv_timer_t grace;
	struct supervised supervised;
	struct turn_hook flush_log;
	bool stopping, refused;
};

/* What comes before the loop: the log, and the threads that libuv makes. */
void server_prepare(const struct config *c);

/* The parts, in this order; each is made of the settings. False: the log or `error` (SERVE_ERROR_MAX) says why not. */
void server_start_pool(struct server *s);
bool server_start_api(struct server *s);
void server_start_sessions(struct server *s);
bool server_start_listening(struct server *s, char *error);

/* What the settings say now. */
void server_log_setup(const struct config *c);
struct api_config server_api_config(const struct server *s);
size_t server_connections_max(const struct config *c);

/* Reads the settings again. For uv_signal_start. */
void server_on_reload(uv_signal_t *signal, int number);

/* Stops accepting, lets what runs end within SHUTDOWN_GRACE, then closes part after part until the loop is empty. */
void server_stop(struct server *s);

/* The same, asked for by a signal; the second one ends the process at once. For uv_signal_start. */
void server_on_signal(uv_signal_t *signal, int number);

#endif
