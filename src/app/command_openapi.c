#include "api/api.h"
#include "api/openapi.h"
#include "app/command.h"

#include <stdio.h>

static const struct command_option options[] = { { 0 } };

static int run(const struct command_call *call)
{
	struct buf out = { 0 };

	(void)call;
	openapi_write(&out, api_routes, api_route_count, STR(""));
	buf_add_char(&out, '\n');
	fwrite(out.p, 1, out.n, stdout);
	buf_free(&out);
	return STATUS_DONE;
}

const struct command command_openapi = {
	.name = "openapi",
	.summary = "Print the contract as an OpenAPI document",
	.doc = "What a server of this version answers at /openapi.json. Needs no database and no settings.",
	.options = options,
	.run = run,
};
