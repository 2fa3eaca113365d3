/* Keeps the service manager that started us informed, if there is one: see io/supervisor.h. */
#ifndef BUGD_APP_SUPERVISED_H
#define BUGD_APP_SUPERVISED_H

#include <stdbool.h>
#include <uv.h>

struct supervised {
	uv_timer_t ready, alive;
	bool (*is_ready)(void *context);
	void *context;
	uint64_t patience_ms;
};

/* Its handles do not keep the loop alive. */
void supervised_init(struct supervised *s, uv_loop_t *loop);

/*
 * From here on it is told when is_ready() says so, or when that has taken long: we serve without a database, too,
 * and whoever waits for us to start another should not give up. And that the loop turns, as often as it wants to hear it.
 */
void supervised_start(struct supervised *s, bool (*is_ready)(void *context), void *context);

/* Tells that we stop. */
void supervised_stop(struct supervised *s);
void supervised_close(struct supervised *s);

#endif
