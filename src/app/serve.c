#include "app/serve.h"

#include "base/arena.h"
#include "base/log.h"
#include "io/deadline.h"
#include "server.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

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
	signal(SIGHUP, SIG_IGN); /* the settings have just been read */
}

static void run_flush_log(struct turn_hook *hook)
{
	(void)hook;
	log_flush();
}

static void open_database(struct server *s)
{
	db_open(s->db);
	if (s->replicas)
		replicas_open(s->replicas);
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
	server_stop(s);
}

static void start_loop(struct server *s)
{
	uv_loop_init(&s->loop);
	uv_timer_init(&s->loop, &s->grace);
	supervised_init(&s->supervised, &s->loop);
	uv_signal_init(&s->loop, &s->terminate);
	uv_signal_init(&s->loop, &s->interrupt);
	uv_signal_init(&s->loop, &s->hang_up);
	s->grace.data = s->terminate.data = s->interrupt.data = s->hang_up.data = s;
	uv_signal_start(&s->terminate, server_on_signal, SIGTERM);
	uv_signal_start(&s->interrupt, server_on_signal, SIGINT);
	uv_signal_start(&s->hang_up, server_on_reload, SIGHUP);
	turn_start(&s->loop);
	deadline_start(&s->loop);
}

static bool can_work(void *arg)
{
	return api_ready(((struct server *)arg)->api);
}

static bool start(struct server *s, char *error)
{
	start_loop(s);
	server_start_pool(s);
	s->flush_log.run = run_flush_log;
	turn_add_hook(&s->flush_log); /* behind the pool's, so that what it logs leaves in the same turn */
	if (!server_start_api(s)) {
		snprintf(error, SERVE_ERROR_MAX, "the API cannot be set up; the log says why");
		return false;
	}
	server_start_sessions(s);
	if (!server_start_listening(s, error))
		return false;
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
		sessions_free(&s->admin_sessions);
		api_free(s->api);
	}
	replicas_free(s->replicas);
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
		server_stop(s);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	release(s);
	return started && !s->refused;
}

bool serve(struct config *config, const char *env_file, char error[SERVE_ERROR_MAX])
{
	struct server s = { .config = config, .env_file = env_file };
	bool served;

	server_prepare(config);
	schema_gate_init(&s.gate, config);
	handle_early_signals(s.gate.job.stop_fd);
	served = serve_from_gate(&s, error);
	schema_gate_free(&s.gate);
	log_drain();
	return served;
}
