/* Whether the process lives, and whether it can work. */
#include "api/attachment.h"
#include "api/resource.h"

struct health_frame {
	struct co co;
};
const size_t health_frame_size = sizeof(struct health_frame);

static void answer_status(struct exchange *x, struct str status)
{
	struct json j = response_json(&x->response, 200);

	json_object_begin(&j);
	json_key_raw(&j, JSON_KEY("status"));
	json_str(&j, status);
	json_object_end(&j);
}

enum co_state health(struct exchange *x, void *frame)
{
	(void)frame;
	answer_status(x, STR("ok"));
	return CO_DONE;
}

struct ready_frame {
	struct co co;
	struct db_reply *reply;
};
const size_t ready_frame_size = sizeof(struct ready_frame);

enum co_state ready(struct exchange *x, void *frame)
{
	struct ready_frame *f = frame;

	co_begin(f);
	if (api_of(x)->stopping)
		co_fail(exchange_fail(x, ERR_SHUTTING_DOWN));
	if (!db_ready(api_of(x)->db))
		co_fail(exchange_fail_detail(x, ERR_UNAVAILABLE, "The database is not available."));
	/* Who waits for this may send a file next. */
	if (!sweeper_decided(api_of(x)->sweeper))
		co_fail(exchange_fail_detail(x, ERR_UNAVAILABLE,
					     "The folder for attachments is being opened."));
	co_db(f, x, f->reply, ping);
	answer_status(x, STR("ready"));
	co_end();
}
