/* Bodies that are not read or written whole: what the handler asks for comes in, what it has made goes out. */
#include "session_internal.h"

#include "http/answer.h"

#include <stdlib.h>
#include <sys/socket.h>

/* ---- the request's body ---- */

void session_begin_upload(struct session *s)
{
	struct exchange *x = s->exchange;

	parser_stream(&s->parser);
	x->upload.length = parser_length(&s->parser);
	x->upload.limit = s->all->limits.body_bytes;
	x->upload.continued = !x->request.expect_continue;
	session_enter(s, SESSION_STREAM);
	exchange_begin(x);
}

static void refuse_large(struct session *s)
{
	struct str detail = arena_printf(&s->exchange->arena, "The body is larger than %llu bytes.",
					 (unsigned long long)s->exchange->upload.limit);

	session_refuse(s, ERR_BODY_TOO_LARGE, detail.p);
}

size_t session_feed_upload(struct session *s, struct str input)
{
	struct exchange *x = s->exchange;
	struct upload *u = &x->upload;
	struct buf *body = &x->message.body;
	enum parser_result result;
	size_t used;

	body->n = 0;
	result = parser_feed(&s->parser, input.p, input.n, &used);
	u->taken += body->n;
	u->continued = true; /* whoever sends does not wait */
	s->changed = s->changed || body->n;
	if (result == PARSER_REFUSED) {
		session_refuse(s, s->parser.err, s->parser.detail);
	} else if (u->taken > u->limit) {
		refuse_large(s);
	} else if (result == PARSER_DONE) {
		session_enter(s, SESSION_RUNNING);
		upload_give(u, buf_str(body), true);
	} else if (body->n) {
		upload_give(u, buf_str(body), false);
	}
	return used;
}

/* The handler waits for its body. */
static void want_upload(struct session *s)
{
	const struct upload *u = &s->exchange->upload;

	s->changed = true;
	if (u->length != UPLOAD_LENGTH_UNKNOWN && u->length > u->limit)
		refuse_large(s);
}

void session_invite_upload(struct session *s)
{
	struct exchange *x = s->exchange;

	if (s->state != SESSION_STREAM || !x->upload.wanted || x->upload.continued)
		return;
	x->upload.continued = true;
	if (!x->download.head_sent)
		buf_add_lit(&s->all->out, "HTTP/1.1 100 Continue\r\n\r\n");
}

/* ---- the answer's body ---- */

static int64_t length_of(const struct download *d)
{
	if (d->length >= 0 || !d->has_body)
		return d->length >= 0 ? d->length : ANSWER_UNTIL_CLOSE;
	return d->chunked ? ANSWER_CHUNKED : ANSWER_UNTIL_CLOSE;
}

static void frame_head(struct session *s, struct exchange *x)
{
	struct download *d = &x->download;
	size_t before = s->all->out.n;
	bool until_close = d->has_body && d->length < 0 && !d->chunked;

	d->head_sent = true;
	d->close = !x->request.keep_alive || s->all->stopping || until_close;
	answer_head(&s->all->out, &x->request, &x->response, x->request_id, d->close, length_of(d));
	d->bytes += s->all->out.n - before;
}

bool session_frame(struct session *s, struct exchange *x, struct buf *piece, bool end)
{
	struct download *d = &x->download;
	struct buf *out = &s->all->out, *body = &x->response.body;
	size_t before;

	if (!d->head_sent)
		frame_head(s, x);
	before = out->n;
	if (d->has_body)
		d->sent += body->n;
	else
		body->n = 0;
	if (d->has_body && d->length >= 0 &&
	    (d->sent > (uint64_t)d->length || (end && d->sent < (uint64_t)d->length)))
		return false;
	if (body->n) {
		if (d->chunked)
			buf_printf(out, "%zx\r\n", body->n);
		*piece = *body;
		*body = (struct buf){ 0 };
		if (d->chunked)
			buf_add_lit(piece, "\r\n");
	}
	if (end && d->chunked)
		buf_add_lit(piece->n ? piece : out, "0\r\n\r\n");
	d->bytes += out->n - before + piece->n;
	return true;
}

/* Only a reset tells a client that waits for the end of the connection that this is not it. */
static void reset_at_close(struct session *s)
{
	static const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
	uv_os_fd_t fd;

	if (uv_fileno(&s->io.handle, &fd) == 0)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

void session_cut(struct session *s, struct exchange *x)
{
	exchange_fail(x, ERR_INTERNAL); /* a length that was not kept */
	s->exchange = NULL;
	s->all->service->finished(x, x->download.bytes);
	if (!x->download.chunked && x->download.length < 0)
		reset_at_close(s);
	exchange_free(x);
	session_flush(s, (struct buf){ 0 });
	session_close(s);
}

/* Sends the head as soon as there is one, and what the handler wants to have sent. */
static bool send_piece(struct session *s, struct exchange *x)
{
	struct download *d = &x->download;
	struct buf piece = { 0 };

	if (!d->begun || (d->head_sent && (!d->flushing || !x->response.body.n)))
		return true;
	if (!d->flushing) {
		frame_head(s, x);
		return true;
	}
	if (!session_frame(s, x, &piece, false)) {
		session_cut(s, x);
		return false;
	}
	session_flush_slowly(s, piece);
	return s->state != SESSION_CLOSED;
}

void session_stream(struct session *s)
{
	struct exchange *x = s->exchange;

	if (!send_piece(s, x))
		return;
	if (s->state == SESSION_STREAM && x->upload.wanted)
		want_upload(s);
	if (!s->pumping && s->state != SESSION_CLOSED)
		session_go_on(s);
}
