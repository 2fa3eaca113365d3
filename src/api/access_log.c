#include "api/access_log.h"

#include "base/clock.h"
#include "base/log.h"

/* The route's template and never the target: that may hold what must not be logged. */
void access_log(struct exchange *x, size_t bytes_out, uint64_t slow_ms)
{
	uint64_t us = clock_mono_us() - x->started_us;
	bool slow = slow_ms && us >= slow_ms * 1000;
	enum log_level level = slow || x->response.status >= 500 ? LOG_WARN : LOG_INFO;

	if (!log_enabled(level))
		return;
	log_begin(level, "http", slow ? "slow request" : "request");
	log_str("request_id", x->request_id);
	log_str("method", x->request.method_text);
	log_str("route", x->route ? str_of(x->route->path) : STR_NONE);
	log_int("status", x->response.status);
	log_int("bytes", (int64_t)bytes_out);
	log_ms("ms", us);
	log_str("user", x->user);
	log_str("client", x->request.client);
	if (x->traceparent.p)
		log_str("traceparent", x->traceparent);
	if (x->problem.err)
		log_str("code", str_of(err_code(x->problem.err)));
	log_end();
}
