#include "session_internal.h"

#include "base/mem.h"
#include "http/answer.h"

#include <stdlib.h>

/* From this size on a body is handed to the socket where it is, instead of being copied behind its head. */
#define MOVE_MIN ((size_t)64 * 1024)

/* The rest of answers that the socket did not take at once. */
struct session_write {
	uv_write_t request;
	struct session *session;
	struct buf head, body;
};

/* ---- writing ---- */

static void session_written(struct session *s)
{
	if (s->exchange)
		stream_taken(&s->exchange->download);
	session_go_on(s);
}

static void write_done(uv_write_t *request, int status)
{
	struct session_write *w = request->data;
	struct session *s = w->session;

	buf_free(&w->head);
	buf_free(&w->body);
	free(w);
	s->writes--;
	if (s->state == SESSION_CLOSED)
		return;
	if (status < 0)
		session_close(s);
	else if (s->writes == 0)
		session_written(s);
}

/* Hands over what is left of the gathered answers and of the body behind them, `written` bytes in. */
static void write_rest(struct session *s, struct buf *body, size_t written)
{
	struct buf *out = &s->all->out;
	struct session_write *w = mem_zalloc(1, sizeof(*w));
	size_t skipped = written < out->n ? 0 : written - out->n;
	unsigned count = 0;
	uv_buf_t pieces[2];
	int status;

	if (written < out->n)
		buf_add(&w->head, out->p + written, out->n - written);
	w->body = *body;
	w->session = s;
	w->request.data = w;
	if (w->head.n)
		pieces[count++] = uv_buf_init(w->head.p, (unsigned)w->head.n);
	if (w->body.n)
		pieces[count++] = uv_buf_init(w->body.p + skipped, (unsigned)(w->body.n - skipped));
	status = uv_write(&w->request, &s->io.stream, pieces, count, write_done);
	s->writes++;
	s->changed = true;
	if (status)
		write_done(&w->request, status);
}

void session_flush(struct session *s, struct buf body)
{
	struct buf *out = &s->all->out;
	uv_buf_t pieces[2] = { { out->p, out->n }, { body.p, body.n } };
	size_t total = out->n + body.n;
	int n = UV_EOF;

	if (total && s->state != SESSION_CLOSED) {
		n = uv_try_write(&s->io.stream, pieces, body.n ? 2 : 1);
		n = n == UV_EAGAIN ? 0 : n;
		if (n < 0)
			session_close(s);
	}
	if (n < 0 || (size_t)n == total)
		buf_free(&body);
	else
		write_rest(s, &body, (size_t)n);
	buf_clear(out, 2 * SESSION_GATHER_MAX);
}

void session_flush_slowly(struct session *s, struct buf body)
{
	struct buf *out = &s->all->out;

	if ((out->n || body.n) && s->state != SESSION_CLOSED)
		write_rest(s, &body, 0);
	else
		buf_free(&body);
	buf_clear(out, 2 * SESSION_GATHER_MAX);
}

/* ---- answers ---- */

/* The answer whole: behind those that are gathered, or in *moved what is too large to be copied there. */
static void frame_whole(struct session *s, struct exchange *x, struct buf *moved, bool last)
{
	struct response *response = &x->response;
	struct buf *out = &s->all->out;

	answer_head(out, &x->request, response, x->request_id, last, (int64_t)response->body.n);
	if (!answer_has_body(&x->request, response))
		return;
	if (response->body.n >= MOVE_MIN) {
		*moved = response->body;
		response->body = (struct buf){ 0 };
	} else {
		buf_add_str(out, buf_str(&response->body));
	}
}

void session_answer(struct session *s, struct exchange *x)
{
	struct sessions *all = s->all;
	bool last = !x->request.keep_alive || all->stopping;
	size_t before = all->out.n, bytes;
	struct buf moved = { 0 };

	if (!x->download.begun) {
		frame_whole(s, x, &moved, last);
	} else if (!session_frame(s, x, &moved, true)) {
		session_cut(s, x);
		return;
	} else {
		last = last || x->download.close;
	}
	bytes = x->download.begun ? x->download.bytes : all->out.n - before + moved.n;
	s->exchange = NULL;
	session_enter(s, last ? SESSION_LAST : SESSION_IDLE);
	all->service->finished(x, bytes);
	exchange_free(x);
	if (moved.n)
		session_flush(s, moved);
	if (!s->pumping)
		session_go_on(s);
}
