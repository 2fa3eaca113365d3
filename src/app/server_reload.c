/* SIGHUP: the settings are read again, and those that may change do. */
#include "app/config_adopt.h"
#include "base/clock.h"
#include "base/log.h"
#include "db/stats.h"
#include "io/supervisor.h"
#include "server.h"

#include <inttypes.h>
#include <stdio.h>

struct changes {
	unsigned live, waiting;
};

static void say_change(void *arg, const struct setting *s)
{
	struct changes *n = arg;

	n->live += s->live;
	n->waiting += !s->live;
	if (s->live)
		log_event(LOG_INFO, "app", "a setting has changed", "%s", s->name);
	else
		log_event(LOG_WARN, "app", "a setting needs a restart",
			  "%s has changed, and stays as it was until then", s->name);
}

static void say_lines(enum log_level level, const char *message, const struct buf *lines)
{
	struct str rest = buf_str(lines);

	while (rest.n) {
		struct str line = str_cut(&rest, '\n');

		log_event(level, "app", message, "%.*s", STR_FMT(line));
	}
}

/* Requests that run keep what they have read already; all that follow read the new value. */
static void apply(struct server *s)
{
	struct api_config config = server_api_config(s);

	server_log_setup(s->config);
	statement_stats_slow(s->config->slow_statement);
	api_configure(s->api, &config);
	s->sessions.limits.connections = server_connections_max(s->config);
}

static void adopt(struct server *s, struct config *fresh)
{
	struct changes n = { 0 };

	config_adopt(s->config, fresh, say_change, &n);
	apply(s);
	log_event(LOG_INFO, "app", "settings were read again", "changed: %u, waiting for a restart: %u",
		  n.live, n.waiting);
}

static void tell_reloading(void)
{
	char state[64];

	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, clock_mono_us());
	supervisor_tell(state);
}

/* Small local files, because somebody asked: reading them takes the loop no longer than a request does. */
static void reload(struct server *s)
{
	struct config_report report;
	struct config fresh;

	if (config_load_again(&fresh, s->config, s->env_file, CONFIG_NEEDS_DATABASE | CONFIG_NEEDS_KEY,
			      &report)) {
		say_lines(LOG_WARN, "settings", &report.warnings);
		adopt(s, &fresh);
	} else {
		say_lines(LOG_ERROR, "settings stay as they were", &report.errors);
		config_free(&fresh);
	}
	config_report_free(&report);
}

void server_on_reload(uv_signal_t *signal, int number)
{
	struct server *s = signal->data;

	(void)number;
	if (s->stopping || !s->api)
		return;
	tell_reloading();
	reload(s);
	supervisor_tell("READY=1");
}
