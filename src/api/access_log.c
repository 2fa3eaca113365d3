#include "api/access_log.h"

#include "base/clock.h"
#include "base/log.h"

/* The route's template and never the target: that may hold what must not be logged. */
void access_log(struct exchange *x, size_t bytes_out)
{
	enum log_level level = x->response.status >= 500 ? LOG_WARN : LOG_INFO;

	if (!log_enabled(level))
		return;
	log_begin(level, "http", "request");
	log_str("request_id", x->request_id);
	log_str("method", x->request.method_text);
	log_str("route", x->route ? str_of(x->route->path) : STR_NONE);
	log_int("status", x->response.status);
	log_int("bytes", (int64_t)bytes_out);
	log_ms("ms", clock_mono_us() - x->started_us);
	log_str("user", x->user);
	log_str("client", x->request.client);
	if (x->traceparent.p)
		log_str("traceparent", x->traceparent);
	if (x->problem.err)
		log_str("code", str_of(err_code(x->problem.err)));
	log_end();
}
