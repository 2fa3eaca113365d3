#include "session_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

int session_rig_begin(void **state)
{
	struct session_limits limits = world_limits();

	(void)state;
	world_open(&limits, 30000, NULL);
	return 0;
}

int session_rig_end(void **state)
{
	(void)state;
	world_close();
	return 0;
}

void session_rig_expect(int fd, const char *request, int status, const char *body)
{
	struct reply r = client_ask(fd, request);

	if (r.status != status || !str_eq_z(reply_body(&r), body))
		fail_msg("%s: %d %.*s", request, r.status, STR_FMT(reply_body(&r)));
	reply_free(&r);
}
