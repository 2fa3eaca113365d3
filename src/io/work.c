#include "io/work.h"

#include "base/mem.h"

#include <openssl/crypto.h>
#include <stdlib.h>

struct work_job {
	uv_work_t request;
	struct list node; /* in lane->waiting until a thread is free */
	struct work_lane *lane;
	struct work *owner; /* NULL when nobody waits any more */
	void (*run)(void *input);
	void (*release)(void *input); /* NULL: it is wiped and freed */
	void *input;
	size_t bytes;
};

void work_lane_init(struct work_lane *lane, uv_loop_t *loop, const char *name, unsigned width, unsigned depth)
{
	*lane = (struct work_lane){ .loop = loop, .name = name, .width = width, .depth = depth };
	list_init(&lane->waiting);
}

static void input_free(void *input, size_t bytes)
{
	if (input)
		OPENSSL_cleanse(input, bytes);
	free(input);
}

static void job_free(struct work_job *job)
{
	if (job->release)
		job->release(job->input);
	else
		input_free(job->input, job->bytes);
	free(job);
}

static void on_thread(uv_work_t *request)
{
	struct work_job *job = request->data;

	job->run(job->input);
}

static void lane_fill(struct work_lane *lane);

static void job_done(uv_work_t *request, int status)
{
	struct work_job *job = request->data;
	struct work_lane *lane = job->lane;
	struct work *owner = job->owner;

	(void)status; /* jobs are never cancelled with uv_cancel */
	lane->running--;
	lane_fill(lane);
	if (!owner) {
		job_free(job);
		return;
	}
	owner->result = job->input;
	await_done(&owner->wait);
}

static void lane_fill(struct work_lane *lane)
{
	while (lane->running < lane->width && !list_empty(&lane->waiting)) {
		struct work_job *job = list_entry(list_pop(&lane->waiting), struct work_job, node);

		lane->queued--;
		lane->running++;
		job->request.data = job;
		uv_queue_work(lane->loop, &job->request, on_thread, job_done);
	}
}

static void work_abandon(struct awaitable *a)
{
	struct work *w = list_entry(a, struct work, wait);
	struct work_job *job = w->job;

	w->job = NULL;
	job->owner = NULL;
	if (list_empty(&job->node))
		return;
	list_remove(&job->node);
	job->lane->queued--;
	job_free(job);
}

struct awaitable *work_submit(struct work_lane *lane, struct work *w, void (*run)(void *input), void *input,
			      size_t bytes)
{
	struct work_job *job;

	if (lane->running >= lane->width && lane->queued >= lane->depth) {
		lane->refused++;
		if (w->release)
			w->release(input);
		else
			input_free(input, bytes);
		w->refused = true;
		w->wait.done = true;
		return &w->wait;
	}
	job = mem_zalloc(1, sizeof(*job));
	job->lane = lane;
	job->owner = w;
	job->run = run;
	job->input = input;
	job->bytes = bytes;
	job->release = w->release;
	w->job = job;
	w->wait.abandon = work_abandon;
	list_append(&lane->waiting, &job->node);
	lane->queued++;
	lane_fill(lane);
	return &w->wait;
}

void work_detach(struct work_lane *lane, void (*run)(void *input), void *input, size_t bytes,
		 void (*release)(void *input))
{
	struct work_job *job = mem_zalloc(1, sizeof(*job));

	job->lane = lane;
	job->run = run;
	job->input = input;
	job->bytes = bytes;
	job->release = release;
	list_append(&lane->waiting, &job->node);
	lane->queued++;
	lane_fill(lane);
}

void work_release(struct work *w)
{
	if (!w->job)
		return;
	if (!w->wait.done) {
		await_abandon(&w->wait);
		return;
	}
	job_free(w->job);
	w->job = NULL;
	w->result = NULL;
}

void work_release_deferred(void *w)
{
	work_release(w);
}
