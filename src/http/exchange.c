#include "http/exchange.h"

#include "base/clock.h"
#include "exchange_spare.h"
#include "http/front.h"
#include "http/intake.h"
#include "http/proxy.h"
#include "http/session.h"
#include "http/trace.h"

/* advance() goes from one to the next; what is awaited only wakes it. */
enum stage {
	STAGE_NEW,  /* the request is still arriving */
	STAGE_GATE, /* the gate runs: who is it, may they */
	STAGE_BODY, /* they may; the body is arriving */
	STAGE_INPUT, /* query and body are read and checked; behind the gate, so that strangers learn nothing */
	STAGE_BEFORE,  /* what looks at it before the handler runs */
	STAGE_HANDLER, /* the route's handler runs */
	STAGE_PROBLEM, /* x->problem is to be made an answer of */
	STAGE_ANSWER,  /* the answer is complete */
	STAGE_AFTER,   /* what looks at it behind the handler runs */
	STAGE_SEND,    /* nothing is left to do but to send it */
};

static void advance(struct exchange *x);

/* ---- life ---- */

static void run_task(struct turn_task *task)
{
	advance(list_entry(task, struct exchange, task));
}

static void wake(struct waker *waker)
{
	turn_ready(&list_entry(waker, struct exchange, waker)->task);
}

/* What is awaited is given up, and the answer is a problem; the handler is not resumed any more. */
static void give_up(struct exchange *x, enum err err, struct str detail)
{
	x->changed |= x->awaited && await_abandon(x->awaited);
	x->awaited = NULL;
	x->problem = (struct problem){ .err = err, .detail = detail };
	x->problem.fields.arena = &x->arena;
	x->stage = STAGE_PROBLEM;
}

/* What was still to be done for an answer that stands is left out. */
static void leave_rest(struct exchange *x)
{
	if (x->awaited)
		await_abandon(x->awaited);
	x->awaited = NULL;
	x->stage = x->stage == STAGE_AFTER ? STAGE_SEND : STAGE_ANSWER;
}

static void deadline_passed(struct deadline *deadline)
{
	struct exchange *x = list_entry(deadline, struct exchange, deadline);

	if (x->settled)
		leave_rest(x);
	else
		give_up(x, ERR_DEADLINE, STR_NONE);
	turn_ready(&x->task);
}

struct exchange *exchange_create(struct service *service, struct session *session)
{
	struct exchange *x = exchange_spare_take();

	x->service = service;
	x->session = session;
	x->started_us = clock_mono_us();
	x->waker.wake = wake;
	x->task.run = run_task;
	x->deadline.expired = deadline_passed;
	x->problem.fields.arena = &x->arena;
	x->stage = STAGE_NEW;
	list_init(&x->task.node);
	list_init(&x->deadline.node);
	service->running++;
	return x;
}

void exchange_free(struct exchange *x)
{
	x->service->running--;
	turn_forget(&x->task);
	deadline_clear(&x->deadline);
	arena_reset(&x->arena);
	exchange_spare_give(x);
}

/* What is known of a request as soon as its head is there. Where proxies are set, clients name none. */
static void name_request(struct exchange *x)
{
	const struct network_list *proxies = &x->service->front->proxies;
	bool named = x->request.from_proxy || (proxies->n == 0 && !proxies->local);

	if (x->request.from_proxy)
		proxy_hear(&x->request, proxies, &x->arena);
	x->request_id = trace_request_id(named ? &x->request : NULL, &x->arena);
	x->traceparent = trace_parent(&x->request);
}

void exchange_abandon(struct exchange *x)
{
	if (!x->request_id.p)
		name_request(x);
	if (x->awaited)
		await_abandon(x->awaited);
	x->response.status = HTTP_CLIENT_GONE;
	x->session = NULL;
	x->service->finished(x, x->download.bytes);
	exchange_free(x);
}

/* ---- answers that need no handler ---- */

static void add_allow(struct exchange *x)
{
	char names[HTTP_METHOD_NAMES_MAX];

	response_header(&x->response, "Allow", http_method_names(x->methods, names));
}

/* A change that was made, or may have been, must not be repeated because something behind it failed. */
static void doubt_change(struct exchange *x)
{
	enum http_method method = x->request.method;

	if (!x->changed || method == HTTP_GET || method == HTTP_HEAD || err_status(x->problem.err) != 503)
		return;
	x->problem.err = ERR_OUTCOME_UNKNOWN;
	x->problem.detail = STR_NONE;
}

static void answer_problem(struct exchange *x)
{
	exchange_fail(x, ERR_INTERNAL); /* a handler that failed without a reason */
	doubt_change(x);
	response_reset(&x->response);
	x->service->problem(x);
	if (x->response.status == 0)
		x->response.status = err_status(x->problem.err);
	if (x->problem.err == ERR_METHOD)
		add_allow(x);
	else if (err_status(x->problem.err) == 415)
		intake_accepts(x);
}

/* OPTIONS of a path without a handler of its own, and of the server as a whole. */
static void answer_options(struct exchange *x)
{
	x->response.status = 204;
	add_allow(x);
	x->stage = STAGE_ANSWER;
}

/* ---- stages ---- */

static void enter(struct exchange *x, enum stage stage, size_t frame_size)
{
	x->stage = stage;
	x->frame = frame_size ? arena_alloc(&x->arena, frame_size) : NULL;
}

static void fail_with(struct exchange *x, enum err err, const char *detail)
{
	exchange_fail(x, err);
	x->problem.detail = str_of(detail);
	x->stage = STAGE_PROBLEM;
}

/* Where a request goes that is complete: to the gate of its route, or straight to an answer. */
static void find_route(struct exchange *x)
{
	static const unsigned all = (HTTP_METHOD_BIT(HTTP_OPTIONS) << 1) - HTTP_METHOD_BIT(HTTP_GET);
	struct request *r = &x->request;
	const char *detail = NULL;
	struct route_match match;
	enum err err;

	if (r->path.p[0] == '*') {
		x->methods = all;
		answer_options(x);
		return;
	}
	err = intake_path(r, &x->arena, &detail);
	if (err) {
		fail_with(x, err, detail);
		return;
	}
	if (!front_cut_base_path(x->service->front, &r->path)) {
		fail_with(x, ERR_NOT_FOUND, NULL);
		return;
	}
	match = router_find(x->service->router, r->method, r->path);
	x->route = match.route;
	x->methods = match.methods | HTTP_METHOD_BIT(HTTP_OPTIONS);
	for (size_t i = 0; i < ROUTE_PARAM_MAX; i++)
		x->params[i] = match.params[i];
	if (x->route)
		enter(x, STAGE_GATE, x->service->gate_frame_size);
	else if (!match.methods)
		fail_with(x, ERR_NOT_FOUND, NULL);
	else if (r->method == HTTP_OPTIONS)
		answer_options(x);
	else
		fail_with(x, ERR_METHOD, NULL);
}

/* Goes on with the frame's coroutine. True: it is not waiting any more. */
static bool run(struct exchange *x, enum co_state (*coroutine)(struct exchange *x, void *frame),
		enum stage next)
{
	x->changed |= x->awaited && x->awaited->done && x->awaited->in_doubt;
	switch (coroutine(x, x->frame)) {
	case CO_WAIT:
		if (!deadline_is_set(&x->deadline))
			deadline_set(&x->service->request_deadline, &x->deadline);
		return false;
	case CO_FAILED:
		x->stage = STAGE_PROBLEM;
		return true;
	case CO_DONE:
	default:
		x->stage = next;
		return true;
	}
}

/* The time that a client takes to send its body has a limit of its own. */
static void want_body(struct exchange *x)
{
	deadline_clear(&x->deadline);
	session_want_body(x->session);
}

static void enter_handler(struct exchange *x)
{
	enter(x, STAGE_HANDLER, x->route->frame_size ? *x->route->frame_size : 0);
}

static void read_input(struct exchange *x)
{
	if (intake_input(x))
		x->stage = STAGE_PROBLEM;
	else if (x->watch)
		enter(x, STAGE_BEFORE, x->service->before_frame_size);
	else
		enter_handler(x);
}

/* The answer is there. Who looks at it may make a problem of it, but only once. */
static void answered(struct exchange *x)
{
	bool looks = x->watch || x->followed;

	if (x->response.status == 0) {
		x->stage = STAGE_PROBLEM; /* a handler that did not answer */
		return;
	}
	if (looks && !x->looked_at && !x->download.begun)
		enter(x, STAGE_AFTER, x->service->after_frame_size);
	else
		x->stage = STAGE_SEND;
	x->looked_at = true;
}

/* The session has an eye on how a body gets on; anything else that is waited for has the usual time, each anew. */
static void wait_streaming(struct exchange *x)
{
	if (x->upload.wanted || x->download.flushing)
		deadline_clear(&x->deadline);
	else
		deadline_set(&x->service->request_deadline, &x->deadline);
	session_stream(x->session);
}

/* False: there is no answer to be made any more, as one has begun. */
static bool make_problem(struct exchange *x)
{
	if (x->download.head_sent) {
		exchange_fail(x, ERR_INTERNAL);
		session_cut(x->session, x);
		return false;
	}
	x->download.begun = false;
	answer_problem(x);
	x->stage = STAGE_ANSWER;
	return true;
}

static void advance(struct exchange *x)
{
	for (;;) {
		switch ((enum stage)x->stage) {
		case STAGE_NEW:
			find_route(x);
			break;
		case STAGE_GATE:
			if (!run(x, x->service->gate, STAGE_BODY))
				return;
			break;
		case STAGE_BODY:
			if (!x->whole && !x->route->streams) {
				want_body(x);
				return;
			}
			x->stage = STAGE_INPUT;
			break;
		case STAGE_INPUT:
			read_input(x);
			break;
		case STAGE_BEFORE:
			if (!run(x, x->service->before, STAGE_AFTER))
				return;
			if (x->stage == STAGE_AFTER && x->response.status)
				x->stage = STAGE_SEND;
			else if (x->stage == STAGE_AFTER)
				enter_handler(x);
			break;
		case STAGE_HANDLER:
			if (!run(x, x->route->handler, STAGE_ANSWER)) {
				if (x->route->streams)
					wait_streaming(x);
				return;
			}
			break;
		case STAGE_PROBLEM:
			if (!make_problem(x))
				return;
			break;
		case STAGE_ANSWER:
			answered(x);
			break;
		case STAGE_AFTER:
			if (!run(x, x->service->after, STAGE_SEND))
				return;
			break;
		case STAGE_SEND:
			if (!x->download.begun)
				exchange_complete_head(x);
			session_answer(x->session, x);
			return;
		}
	}
}

void exchange_start(struct exchange *x)
{
	x->whole = x->upload.end = true;
	if (x->stage == STAGE_NEW)
		name_request(x);
	advance(x);
}

bool exchange_route(struct exchange *x)
{
	name_request(x);
	find_route(x);
	return x->route && x->route->streams;
}

void exchange_begin(struct exchange *x)
{
	advance(x);
}

void exchange_refuse(struct exchange *x, enum err err, struct str detail)
{
	if (!x->request_id.p)
		name_request(x);
	give_up(x, err, detail);
	advance(x);
}
