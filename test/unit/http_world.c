#include "http_world_routes.h"

#include "base/arena.h"
#include "base/list.h"
#include "base/log.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct world world;

/* ---- the service ---- */

struct item {
	struct field_set given;
	struct str title;
	int64_t count;
};

static const struct field item_fields[] = {
	{ .name = "title",
	  .type = FIELD_TEXT,
	  .flags = FIELD_REQUIRED,
	  .offset = offsetof(struct item, title),
	  .min = 1,
	  .max = 255 },
	{ .name = "count", .type = FIELD_INT, .offset = offsetof(struct item, count), .min = 1, .max = 9 },
};
static const struct shape item_shape = SHAPE(struct item, "Item", item_fields, "");

struct item_query {
	struct field_set given;
	int64_t page;
};

static const struct field query_fields[] = {
	{ .name = "page",
	  .type = FIELD_INT,
	  .offset = offsetof(struct item_query, page),
	  .min = 1,
	  .max = 100 },
};
static const struct shape query_shape = SHAPE(struct item_query, "ItemQuery", query_fields, "");

static enum co_state hello(struct exchange *x, void *frame)
{
	struct json j = response_json(&x->response, 200);

	(void)frame;
	world.started++;
	json_object_begin(&j);
	json_key(&j, STR("hello"));
	json_str(&j, x->params[0].p ? x->params[0] : STR("world"));
	json_object_end(&j);
	response_header(&x->response, "X-Echo", request_header(&x->request, "X-Say"));
	return CO_DONE;
}

static enum co_state echo(struct exchange *x, void *frame)
{
	(void)frame;
	world.started++;
	x->response.status = 200;
	x->response.content_type = STR("application/octet-stream");
	buf_add_str(&x->response.body, x->request.body);
	return CO_DONE;
}

static enum co_state create(struct exchange *x, void *frame)
{
	const struct item *item = x->body;
	struct json j = response_json(&x->response, 201);

	(void)frame;
	world.started++;
	json_str(&j, item->title);
	return CO_DONE;
}

static enum co_state big(struct exchange *x, void *frame)
{
	size_t n = (size_t)8 << 20;

	(void)frame;
	x->response.status = 200;
	x->response.content_type = STR("text/plain");
	memset(buf_reserve(&x->response.body, n), 'x', n);
	x->response.body.n = n;
	return CO_DONE;
}

static enum co_state empty(struct exchange *x, void *frame)
{
	(void)frame;
	x->response.status = 204;
	return CO_DONE;
}

static enum co_state page(struct exchange *x, void *frame)
{
	bool kept = request_header(&x->request, "If-None-Match").p;

	(void)frame;
	x->response.status = kept ? 304 : 200;
	response_header(&x->response, "Cache-Control", STR("no-cache"));
	if (!kept)
		response_header(&x->response, "Content-Security-Policy", STR("default-src 'self'"));
	return CO_DONE;
}

static enum co_state fails(struct exchange *x, void *frame)
{
	(void)x, (void)frame;
	return CO_FAILED;
}

static enum co_state silent(struct exchange *x, void *frame)
{
	(void)x, (void)frame;
	return CO_DONE;
}

static void slow_abandoned(struct awaitable *a)
{
	world.abandoned++;
	list_remove(&list_entry(a, struct slow, wait)->node);
}

struct awaitable *world_wait(struct slow *f)
{
	f->wait = (struct awaitable){ .abandon = slow_abandoned };
	list_init(&f->node);
	list_append(&world.slow, &f->node);
	return &f->wait;
}

static enum co_state slow(struct exchange *x, void *frame)
{
	struct slow *f = frame;

	co_begin(f);
	co_await(f, x, world_wait(f));
	return hello(x, NULL);
	co_end();
}

static struct awaitable *change_wait(struct slow *f)
{
	struct awaitable *wait = world_wait(f);

	wait->in_doubt = true;
	return wait;
}

/* A change, and then something else. X-Settled: its answer stands by then; X-Fail: what follows fails. */
static enum co_state change(struct exchange *x, void *frame)
{
	struct slow *f = frame;

	co_begin(f);
	co_await(f, x, change_wait(f));
	x->response.status = 204;
	x->settled = request_header(&x->request, "X-Settled").p;
	co_await(f, x, world_wait(f));
	if (request_header(&x->request, "X-Fail").p)
		co_fail(exchange_fail_detail(x, ERR_UNAVAILABLE, "It is away."));
	co_end();
}

bool world_wake(void)
{
	struct list *node = list_pop(&world.slow);

	if (node)
		await_done(&list_entry(node, struct slow, node)->wait);
	return node;
}

enum { PUBLIC, SECRET, GUARDED };

/* What is guarded is let pass by world_wake. */
static enum co_state gate(struct exchange *x, void *frame)
{
	struct slow *f = frame;

	world.asked++;
	co_begin(f);
	if (x->route->permission == SECRET)
		co_fail(exchange_fail(x, ERR_UNAUTHENTICATED));
	if (x->route->permission == GUARDED) {
		co_await(f, x, world_wait(f));
	}
	co_end();
}

static void problem(struct exchange *x)
{
	const struct problem *p = &x->problem;
	struct json j = response_json(&x->response, err_status(p->err));

	x->response.content_type = STR("application/problem+json");
	json_object_begin(&j);
	json_key(&j, STR("code"));
	json_str(&j, str_of(err_code(p->err)));
	json_key(&j, STR("detail"));
	json_str(&j, p->detail);
	for (const struct field_error *e = p->fields.first; e; e = e->next) {
		json_key(&j, e->field);
		json_str(&j, str_of(e->code));
	}
	json_object_end(&j);
}

static void copy(char *to, size_t size, struct str s)
{
	snprintf(to, size, "%.*s", s.p ? (int)s.n : 0, s.p ? s.p : "");
}

static void finished(struct exchange *x, size_t bytes_out)
{
	world.finished++;
	world.last_status = x->response.status;
	world.last_bytes = bytes_out;
	copy(world.last_client, sizeof(world.last_client), x->request.client);
	copy(world.last_id, sizeof(world.last_id), x->request_id);
	copy(world.last_trace, sizeof(world.last_trace), x->traceparent);
}

static const struct route routes[] = {
	{ .method = HTTP_GET, .path = "/hello", .handler = hello },
	{ .method = HTTP_GET, .path = "/hello/{name}", .handler = hello },
	{ .method = HTTP_POST, .path = "/echo", .handler = echo },
	{ .method = HTTP_POST, .path = "/guarded", .handler = echo, .permission = GUARDED },
	{ .method = HTTP_GET, .path = "/big", .handler = big },
	{ .method = HTTP_GET, .path = "/empty", .handler = empty },
	{ .method = HTTP_GET, .path = "/page", .handler = page },
	{ .method = HTTP_GET, .path = "/fails", .handler = fails },
	{ .method = HTTP_GET, .path = "/silent", .handler = silent },
	{ .method = HTTP_GET,
	  .path = "/slow",
	  .handler = slow,
	  .frame_size = &(const size_t){ sizeof(struct slow) } },
	{ .method = HTTP_POST,
	  .path = "/change",
	  .handler = change,
	  .frame_size = &(const size_t){ sizeof(struct slow) } },
	{ .method = HTTP_GET,
	  .path = "/change",
	  .handler = change,
	  .frame_size = &(const size_t){ sizeof(struct slow) } },
	{ .method = HTTP_POST,
	  .path = "/items",
	  .handler = create,
	  .body = &item_shape,
	  .query = &query_shape },
	{ .method = HTTP_POST,
	  .path = "/sink",
	  .handler = world_sink,
	  .frame_size = &world_sink_size,
	  .streams = true },
	{ .method = HTTP_POST,
	  .path = "/sink/guarded",
	  .handler = world_sink,
	  .frame_size = &world_sink_size,
	  .permission = GUARDED,
	  .streams = true },
	{ .method = HTTP_POST,
	  .path = "/sink/secret",
	  .handler = world_sink,
	  .frame_size = &world_sink_size,
	  .permission = SECRET,
	  .streams = true },
	{ .method = HTTP_POST,
	  .path = "/patient",
	  .handler = world_patient,
	  .frame_size = &(const size_t){ sizeof(struct slow) },
	  .streams = true },
	{ .method = HTTP_POST,
	  .path = "/mirror",
	  .handler = world_mirror,
	  .frame_size = &world_sink_size,
	  .streams = true },
	{ .method = HTTP_GET,
	  .path = "/source/{bytes}",
	  .handler = world_source,
	  .frame_size = &world_source_size,
	  .streams = true },
	{ .method = HTTP_PATCH,
	  .path = "/items/{id}",
	  .handler = create,
	  .body = &item_shape,
	  .merge_patch = true },
	{ .method = HTTP_POST,
	  .path = "/secret",
	  .handler = create,
	  .body = &item_shape,
	  .permission = SECRET },
};

/* ---- the world ---- */

struct session_limits world_limits(void)
{
	return (struct session_limits){
		.head_bytes = 16384,
		.body_bytes = 1 << 20,
		.header_count = 100,
		.head_ms = 10000,
		.body_ms = 30000,
		.idle_ms = 75000,
		.write_ms = 30000,
		.connections = 1000,
	};
}

static void pending(uv_stream_t *stream, void *context)
{
	session_accept(context, stream);
}

void world_open(const struct session_limits *limits, uint64_t request_ms, const char *host)
{
	struct listener_config config = { .pending = pending, .context = &world.sessions };
	char error[LISTENER_ERROR_MAX], unix_host[80];

	signal(SIGPIPE, SIG_IGN);
	log_setup(LOG_ERROR, LOG_TEXT);
	world = (struct world){ .front = world.front };
	list_init(&world.slow);
	uv_loop_init(&world.loop);
	turn_start(&world.loop);
	deadline_start(&world.loop);
	world.service.router = router_create(routes, sizeof(routes) / sizeof(*routes));
	world.service.front = &world.front;
	world.service.gate = gate;
	world.service.gate_frame_size = sizeof(struct slow);
	world.service.problem = problem;
	world.service.finished = finished;
	deadline_list_init(&world.service.request_deadline, request_ms);
	sessions_init(&world.sessions, &world.loop, &world.service, limits);
	strcpy(world.folder, "/tmp/bugd-http-XXXXXX");
	assert_non_null(mkdtemp(world.folder));
	snprintf(world.path, sizeof(world.path), "%s/socket", world.folder);
	snprintf(unix_host, sizeof(unix_host), "unix:%s", world.path);
	config.host = host ? host : unix_host;
	world.listener = listener_open(&world.loop, &config, error);
	if (!world.listener)
		fail_msg("%s", error);
}

static void drained(struct sessions *s)
{
	(void)s;
	world.drained = true;
}

void world_close(void)
{
	listener_close(world.listener);
	sessions_abort(&world.sessions);
	sessions_stop(&world.sessions, drained);
	uv_run(&world.loop, UV_RUN_DEFAULT);
	assert_true(world.drained);
	assert_int_equal(world.sessions.count, 0);
	assert_int_equal(world.service.running, 0);
	sessions_free(&world.sessions);
	deadline_list_remove(&world.service.request_deadline);
	deadline_stop();
	turn_stop();
	uv_run(&world.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&world.loop), 0);
	router_free((struct router *)(uintptr_t)world.service.router);
	rmdir(world.folder);
	arena_trim();
	world.front = (struct front){ 0 };
}

static uint64_t now_ms(void)
{
	return uv_hrtime() / 1000000;
}

void world_run(unsigned ms)
{
	uint64_t end = now_ms() + ms;

	do {
		uv_run(&world.loop, UV_RUN_NOWAIT);
		if (now_ms() < end)
			usleep(500);
	} while (now_ms() < end);
}
