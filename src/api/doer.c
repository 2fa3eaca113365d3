#include "api/doer.h"

#include "json/schema.h"

#define AGENT_MAX 255

/* A header may hold any bytes; what is no text is not kept. */
static struct str user_agent(const struct exchange *x)
{
	struct str agent = request_header(&x->request, "user-agent");

	return agent.p && text_valid(agent) ? text_cut(agent, AGENT_MAX) : STR("");
}

struct doer doer_of(struct exchange *x)
{
	const struct caller *c = caller_of(x);

	return (struct doer){ .actor = c ? &c->id : NULL,
			      .session = c ? &c->session : NULL,
			      .address = x->request.client,
			      .agent = user_agent(x) };
}
