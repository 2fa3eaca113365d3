#include "http/stream.h"

#include "http/answer.h"
#include "http/exchange.h"
#include "http/upload.h"

/* ---- the request's body ---- */

static void upload_abandoned(struct awaitable *wait)
{
	list_entry(wait, struct upload, wait)->wanted = false;
}

struct awaitable *body_next(struct exchange *x)
{
	struct upload *u = &x->upload;

	u->chunk = STR_NONE;
	u->wanted = !u->end;
	u->wait = (struct awaitable){ .done = u->end, .abandon = upload_abandoned };
	return &u->wait;
}

void upload_give(struct upload *u, struct str chunk, bool end)
{
	u->chunk = chunk;
	u->end = end;
	u->wanted = false;
	await_done(&u->wait);
}

/* ---- the answer's head and body ---- */

void exchange_complete_head(struct exchange *x)
{
	cors_answer(&x->service->front->cors, &x->request, &x->response, x->methods);
	buf_add_str(&x->response.headers, x->lasting);
}

bool stream_begin(struct exchange *x, int64_t length)
{
	struct download *d = &x->download;

	d->begun = true;
	d->length = length;
	d->has_body = answer_has_body(&x->request, &x->response);
	d->chunked = d->has_body && length < 0 && !x->request.http_1_0;
	exchange_complete_head(x);
	return d->has_body;
}

static void flush_abandoned(struct awaitable *wait)
{
	list_entry(wait, struct download, wait)->flushing = false;
}

struct awaitable *stream_flush(struct exchange *x)
{
	struct download *d = &x->download;

	d->flushing = d->has_body && x->response.body.n;
	d->wait = (struct awaitable){ .done = !d->flushing, .abandon = flush_abandoned };
	return &d->wait;
}

void stream_taken(struct download *d)
{
	if (!d->flushing)
		return;
	d->flushing = false;
	await_done(&d->wait);
}
