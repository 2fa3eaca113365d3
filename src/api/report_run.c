#include "api/report_run.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct report_run {
	struct list node; /* in report_runs.running until the database has answered */
	struct report_runs *runs;
	struct list waiters;
	struct waker waker;
	struct arena arena; /* the reply's */
	struct db_reply *reply;
	const struct statement *statement;
	struct buf arguments; /* what tells it from other runs of the statement */
	unsigned users;       /* exchanges that wait, or look at the rows */
};

struct report_runs {
	struct list running;
	size_t count;
};

struct report_runs *report_runs_create(void)
{
	struct report_runs *runs = mem_zalloc(1, sizeof(*runs));

	list_init(&runs->running);
	return runs;
}

void report_runs_free(struct report_runs *runs)
{
	free(runs);
}

/* The arguments as PostgreSQL gets them, each with its length. */
static void add_arguments(struct buf *out, const struct statement *st, const void *args)
{
	struct arena arena = ARENA_EMPTY;
	struct db_values values = { 0 };

	for (size_t i = 0; i < st->arg_count; i++)
		statement_encode(&st->args[i], args, &arena, &values);
	for (int i = 0; i < values.count; i++) {
		int length = values.value[i] ? values.length[i] : -1;

		buf_add(out, &length, sizeof(length));
		if (length > 0)
			buf_add(out, values.value[i], (size_t)length);
	}
	arena_reset(&arena);
}

static struct report_run *find(struct report_runs *runs, const struct statement *st, struct str arguments)
{
	list_for_each(&runs->running, node, next) {
		struct report_run *run = list_entry(node, struct report_run, node);

		if (run->statement == st && str_eq(buf_str(&run->arguments), arguments))
			return run;
	}
	return NULL;
}

static void leave_table(struct report_run *run)
{
	if (list_empty(&run->node))
		return;
	list_remove(&run->node);
	run->runs->count--;
}

static void answered(struct report_run *run)
{
	struct list *node;

	leave_table(run);
	while ((node = list_pop(&run->waiters)))
		await_done(&list_entry(node, struct report_wait, node)->wait);
}

static void wake(struct waker *waker)
{
	answered(list_entry(waker, struct report_run, waker));
}

static void release(void *arg)
{
	struct report_wait *w = arg;
	struct report_run *run = w->run;

	list_remove(&w->node);
	if (--run->users)
		return;
	leave_table(run);
	await_abandon(&run->reply->wait);
	arena_reset(&run->arena);
	buf_free(&run->arguments);
	free(run);
}

static void abandon(struct awaitable *a)
{
	list_remove(&list_entry(a, struct report_wait, wait)->node);
}

static struct report_run *begin(struct exchange *x, const struct statement *st, const void *args,
				struct buf arguments)
{
	struct report_run *run = mem_zalloc(1, sizeof(*run));
	struct api *api = api_of(x);

	run->runs = api->reports;
	run->statement = st;
	run->arguments = arguments;
	run->waker.wake = wake;
	list_init(&run->waiters);
	list_init(&run->node);
	list_append(&api->reports->running, &run->node);
	api->reports->count++;
	run->reply = read_run_in(x, &run->arena, st, args);
	run->reply->wait.waker = &run->waker;
	return run;
}

static void join(struct exchange *x, struct report_run *run, struct report_wait *w)
{
	w->run = run;
	w->reply = run->reply;
	w->wait.abandon = abandon;
	list_append(&run->waiters, &w->node);
	run->users++;
	arena_defer(&x->arena, release, w);
}

struct awaitable *report_run(struct exchange *x, struct report_wait *w, const struct statement *st,
			     const void *args)
{
	struct report_runs *runs = api_of(x)->reports;
	struct buf arguments = { 0 };
	struct report_run *run;

	*w = (struct report_wait){ 0 };
	list_init(&w->node);
	add_arguments(&arguments, st, args);
	reading_add_need(x, &arguments);
	run = find(runs, st, buf_str(&arguments));
	if (!run && runs->count == REPORT_RUNS_MAX) {
		w->refused = true;
		w->wait.done = true;
	}
	if (run || w->refused)
		buf_free(&arguments);
	else
		run = begin(x, st, args, arguments);
	if (!run)
		return &w->wait;
	join(x, run, w);
	/* The pool may have refused it at once. */
	if (run->reply->wait.done)
		answered(run);
	return &w->wait;
}
