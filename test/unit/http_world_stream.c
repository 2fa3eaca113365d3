#include "http_world_routes.h"

#include <string.h>

static void released(void *arg)
{
	(void)arg;
	world.released++;
}

struct sink {
	struct co co;
	uint64_t sum;
	unsigned chunks;
};

static int64_t number(struct str s)
{
	int64_t n = STREAM_LENGTH_UNKNOWN;

	return s.p && str_to_i64(s, &n) ? n : STREAM_LENGTH_UNKNOWN;
}

enum co_state world_sink(struct exchange *x, void *frame)
{
	struct sink *f = frame;
	struct str limit = request_header(&x->request, "X-Limit");
	struct json j;

	co_begin(f);
	world.started++;
	arena_defer(&x->arena, released, NULL);
	if (limit.p)
		x->upload.limit = (uint64_t)number(limit);
	if (request_header(&x->request, "X-Refuse").p)
		co_fail(exchange_fail(x, ERR_CONFLICT));
	do {
		co_await(f, x, body_next(x));
		f->chunks++;
		for (size_t i = 0; i < x->upload.chunk.n; i++)
			f->sum += (unsigned char)x->upload.chunk.p[i];
		world.last_taken = x->upload.taken;
		if (x->upload.chunk.n > SESSIONS_READ_BYTES)
			co_fail(exchange_fail(x, ERR_INTERNAL));
	} while (!x->upload.end);
	j = response_json(&x->response, 200);
	json_array_begin(&j);
	json_int(&j, (int64_t)x->upload.taken);
	json_int(&j, (int64_t)f->sum);
	json_array_end(&j);
	co_end();
}

enum co_state world_patient(struct exchange *x, void *frame)
{
	struct slow *f = frame;

	co_begin(f);
	arena_defer(&x->arena, released, NULL);
	x->upload.limit = UINT64_MAX - 1;
	do {
		co_await(f, x, body_next(x));
		world.last_taken = x->upload.taken;
		co_await(f, x, world_wait(f));
	} while (!x->upload.end);
	x->response.status = 204;
	co_end();
}

struct source {
	struct co co;
	size_t left, piece;
	struct slow slow;
};

enum co_state world_source(struct exchange *x, void *frame)
{
	struct source *f = frame;
	struct str length = request_header(&x->request, "X-Length");

	co_begin(f);
	arena_defer(&x->arena, released, NULL);
	f->left = (size_t)number(x->params[0]);
	x->response.status = request_header(&x->request, "X-Empty").p ? 204 : 200;
	x->response.content_type = STR("text/plain");
	if (!stream_begin(x, number(length)))
		return CO_DONE;
	response_header(&x->response, "X-Echo", STR("of an answer"));
	if (request_header(&x->request, "X-Fail-First").p)
		co_fail(exchange_fail(x, ERR_CONFLICT));
	while (f->left) {
		f->piece = f->left < 100000 ? f->left : 100000;
		memset(buf_reserve(&x->response.body, f->piece), 'y', f->piece);
		x->response.body.n += f->piece;
		f->left -= f->piece;
		world.last_made += f->piece;
		co_await(f, x, stream_flush(x));
	}
	if (request_header(&x->request, "X-Wait").p)
		co_await(f, x, world_wait(&f->slow));
	if (request_header(&x->request, "X-Fail").p)
		co_fail(exchange_fail(x, ERR_UNAVAILABLE));
	co_end();
}

enum co_state world_mirror(struct exchange *x, void *frame)
{
	struct sink *f = frame;

	co_begin(f);
	x->upload.limit = UINT64_MAX - 1;
	x->response.status = 200;
	stream_begin(x, STREAM_LENGTH_UNKNOWN);
	do {
		co_await(f, x, body_next(x));
		buf_add_str(&x->response.body, x->upload.chunk);
		co_await(f, x, stream_flush(x));
	} while (!x->upload.end);
	co_end();
}

const size_t world_sink_size = sizeof(struct sink), world_source_size = sizeof(struct source);
