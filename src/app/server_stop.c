/* Stopping a server: each step begins when the one before is done. */
#include "base/log.h"
#include "io/deadline.h"
#include "server.h"

#include <stdlib.h>
#include <unistd.h>

/* How long what cannot be cut short (resolving a name) may take once all requests are answered. */
#define LEFTOVERS_MS 5000

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
	uv_close((uv_handle_t *)&s->hang_up, NULL);
	supervised_close(&s->supervised);
	turn_remove_hook(&s->flush_log);
	turn_stop();
	deadline_stop();
	/* Now the loop ends by itself, unless a thread does not. */
	uv_timer_start(&s->grace, overdue, LEFTOVERS_MS, 0);
	uv_unref((uv_handle_t *)&s->grace);
}

static void replicas_closed(void *arg)
{
	struct server *s = arg;

	db_close(s->db, pool_closed, s);
}

static void api_closed(void *arg)
{
	struct server *s = arg;

	if (s->replicas)
		replicas_close(s->replicas, replicas_closed, s);
	else
		replicas_closed(s);
}

static void sessions_drained(struct sessions *sessions)
{
	struct server *s = sessions->arg;

	if (--s->draining)
		return;
	uv_timer_stop(&s->grace);
	api_close(s->api, api_closed, s);
}

static void grace_over(uv_timer_t *timer)
{
	struct server *s = timer->data;

	log_event(LOG_WARN, "app", "SHUTDOWN_GRACE is over", "%zu connections are cut off",
		  s->sessions.count);
	sessions_abort(&s->sessions);
	sessions_abort(&s->admin_sessions);
}

void server_stop(struct server *s)
{
	if (s->stopping)
		return;
	s->stopping = true;
	supervised_stop(&s->supervised);
	schema_gate_stop(&s->gate);
	if (s->listener)
		listener_close(s->listener);
	if (s->admin_listener)
		listener_close(s->admin_listener);
	if (!s->api) {
		api_closed(s);
		return;
	}
	s->api->stopping = true;
	uv_timer_start(&s->grace, grace_over, s->config->shutdown_grace, 0);
	s->draining = 2;
	s->sessions.arg = s->admin_sessions.arg = s;
	sessions_stop(&s->sessions, sessions_drained);
	sessions_stop(&s->admin_sessions, sessions_drained);
}

void server_on_signal(uv_signal_t *signal, int number)
{
	struct server *s = signal->data;

	if (s->stopping) {
		log_drain();
		_exit(128 + number);
	}
	log_event(LOG_INFO, "app", "stopping", "%s", number == SIGTERM ? "SIGTERM" : "SIGINT");
	server_stop(s);
}
