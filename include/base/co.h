/*
 * Stackless coroutines: functions that read top to bottom and stop at an await, in the `switch` form.
 *
 *	enum co_state issue_get(struct exchange *x, struct issue_get *f)
 *	{
 *		co_begin(f);
 *		co_await(f, x, f->reply = db_query(...));
 *		if (f->reply->err)
 *			co_fail(exchange_fail(x, f->reply->err));
 *		...
 *		co_end();
 *	}
 *
 * `f` is the frame: a struct whose first member is `struct co co`, zeroed before the first call, which
 * holds whatever must survive an await. A local variable that is set before an await has lost its value
 * behind it; variables set above co_begin are set anew at each resumption. An await inside a nested
 * `switch` compiles and is wrong: `make check` refuses it.
 *
 * What is awaited embeds a struct awaitable. Whoever completes it calls await_done, which never runs the
 * coroutine itself: it wakes the waker, and the loop resumes the coroutine later in the same turn.
 */
#ifndef BUGD_BASE_CO_H
#define BUGD_BASE_CO_H

#include <stdbool.h>
#include <stddef.h>

enum co_state {
	CO_WAIT,   /* stopped at an await; call again when it is done */
	CO_DONE,   /* ran to its end */
	CO_FAILED, /* gave up; why is recorded where the coroutine's kind records it */
};

struct co {
	int line; /* where to go on; 0 at the start */
};

/* Something that can be woken: a request, a background job. */
struct waker {
	void (*wake)(struct waker *w);
};

/*
 * Something that is waited for. It lives in the waiter's memory. The operation behind it holds a pointer
 * to it until it is done; `abandon`, called by a waiter that gives up, makes it forget that pointer, and says
 * whether what was asked for may be done all the same.
 */
struct awaitable {
	bool done;
	bool in_doubt; /* it has made a change, or nobody knows whether it has */
	struct waker *waker;
	void (*abandon)(struct awaitable *a);
};

/* Marks it done and wakes the waiter. The operation must not touch it afterwards. */
static inline void await_done(struct awaitable *a)
{
	a->done = true;
	a->abandon = NULL;
	if (a->waker)
		a->waker->wake(a->waker);
}

/* Gives up waiting, whatever the state. True: what was waited for has made a change, or may have made it. */
static inline bool await_abandon(struct awaitable *a)
{
	if (!a->done && a->abandon)
		a->abandon(a);
	a->abandon = NULL;
	a->waker = NULL;
	return a->in_doubt;
}

#define co_begin(f)                                                                                          \
	switch ((f)->co.line) {                                                                              \
	case 0:

#define co_end()                                                                                             \
	}                                                                                                    \
	return CO_DONE

/* Waits until the awaitable is done. `x` has the members `struct waker waker; struct awaitable *awaited`. */
#define co_await(f, x, what)                                                                                 \
	do {                                                                                                 \
		(x)->awaited = (what);                                                                       \
		(x)->awaited->waker = &(x)->waker;                                                           \
		(f)->co.line = __LINE__;                                                                     \
		__attribute__((fallthrough));                                                                \
	case __LINE__:                                                                                       \
		if ((x)->awaited && !(x)->awaited->done)                                                     \
			return CO_WAIT;                                                                      \
		(x)->awaited = NULL;                                                                         \
	} while (0)

/* Calls another coroutine, whose frame lies in this one's, until it is done; fails when it fails. */
#define co_call(f, call)                                                                                     \
	do {                                                                                                 \
		(f)->co.line = __LINE__;                                                                     \
		__attribute__((fallthrough));                                                                \
	case __LINE__:;                                                                                      \
		enum co_state state_ = (call);                                                               \
		if (state_ != CO_DONE)                                                                       \
			return state_;                                                                       \
	} while (0)

/* Ends the coroutine as failed, after `record` has said why. */
#define co_fail(record)                                                                                      \
	do {                                                                                                 \
		(record);                                                                                    \
		return CO_FAILED;                                                                            \
	} while (0)

#endif
