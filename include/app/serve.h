/*
 * `bugd serve`: wires the parts together, runs the loop, and takes everything apart again.
 *
 *	start   log · schema gate, first try · loop, signals, turn · pool · api · sessions · listener
 *	stop    SIGTERM, SIGINT: listener and idle sessions close · running requests end, within
 *		SHUTDOWN_GRACE · api · pool · the loop runs out · memory is freed · the log is drained
 *
 * A second signal ends the process at once. SIGHUP reads the settings again; those that may change do.
 */
#ifndef BUGD_APP_SERVE_H
#define BUGD_APP_SERVE_H

#include "app/config.h"

#include <stdbool.h>

#define SERVE_ERROR_MAX 1024

/*
 * Serves until it is told to stop. False: it could not start, and `error` says why, or it had to stop, which
 * is on the log, and `error` is empty.
 */
bool serve(struct config *config, const char *env_file, char error[SERVE_ERROR_MAX]);

#endif
