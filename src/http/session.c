#include "session_internal.h"

#include <stdlib.h>
#include <sys/socket.h>

/* A refused client may go on sending that much while it is given the chance to read why. */
#define LINGER_BYTES ((size_t)8 * 1024 * 1024)

/* ---- closing ---- */

static void handle_closed(uv_handle_t *handle)
{
	struct session *s = handle->data;
	struct sessions *all = s->all;

	buf_free(&s->input);
	free(s);
	all->count--;
	sessions_left(all);
}

void session_close(struct session *s)
{
	struct exchange *x = s->exchange;
	bool head_complete = s->state != SESSION_HEAD;

	if (s->state == SESSION_CLOSED)
		return;
	s->exchange = NULL;
	s->state = SESSION_CLOSED;
	list_remove(&s->node);
	deadline_clear(&s->deadline);
	uv_close(&s->io.handle, handle_closed);
	/* Half a head is no request that anybody would want to hear about. */
	if (x && head_complete)
		exchange_abandon(x);
	else if (x)
		exchange_free(x);
}

/*
 * Closes our side and waits for the client's. A socket that is closed with unread input makes the kernel send
 * a reset, which may overtake the answer (RFC 9112, section 9.6).
 */
static void session_linger(struct session *s)
{
	uv_os_fd_t fd;

	if (s->eof || uv_fileno(&s->io.handle, &fd) || shutdown(fd, SHUT_WR)) {
		session_close(s);
		return;
	}
	buf_free(&s->input);
	session_enter(s, SESSION_LINGER);
	session_settle(s);
}

/* ---- reading ---- */

static void provide_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
	struct session *s = handle->data;

	(void)suggested;
	*out = uv_buf_init(s->all->read_buffer, (unsigned)(SESSIONS_READ_BYTES - s->input.n));
}

static void client_closed(struct session *s)
{
	s->eof = s->changed = true;
	if (s->state == SESSION_LINGER)
		session_close(s);
	else
		session_settle(s);
}

static void drain(struct session *s, size_t n)
{
	s->drained += n;
	if (s->drained > LINGER_BYTES)
		session_close(s);
}

static void read_done(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct session *s = stream->data;

	if (n == UV_EOF)
		client_closed(s);
	else if (n < 0)
		session_close(s);
	else if (s->state == SESSION_LINGER)
		drain(s, (size_t)n);
	else if (n > 0)
		session_take(s, (struct str){ buf->base, (size_t)n });
}

/* ---- waiting ---- */

/* A client that reads, however slowly, may go on. */
static void write_timeout(struct session *s)
{
	size_t unsent = uv_stream_get_write_queue_size(&s->io.stream);

	if (unsent >= s->unsent) {
		session_close(s);
		return;
	}
	s->changed = true;
	session_settle(s);
}

static void timeout(struct deadline *deadline)
{
	struct session *s = list_entry(deadline, struct session, deadline);

	if (s->writes)
		write_timeout(s);
	else if (s->state == SESSION_HEAD)
		session_refuse(s, ERR_TIMEOUT, "The request's head took too long to arrive.");
	else if (s->state == SESSION_BODY || s->state == SESSION_STREAM)
		session_refuse(s, ERR_TIMEOUT, "The request's body took too long to arrive.");
	else
		session_close(s);
}

static struct deadline_list *what_it_waits_for(struct session *s)
{
	struct sessions *all = s->all;

	if (s->writes)
		return &all->write;
	switch (s->state) {
	case SESSION_IDLE:
		return all->stopping ? &all->leave : &all->idle;
	case SESSION_HEAD:
		return all->stopping ? &all->leave : &all->head;
	case SESSION_BODY:
		return &all->body;
	case SESSION_STREAM:
		return s->exchange->upload.wanted ? &all->body : NULL;
	case SESSION_GATE: /* the exchange has a deadline of its own */
	case SESSION_RUNNING:
		return s->eof && !s->exchange->download.begun ? &all->leave : NULL;
	case SESSION_LINGER:
		return all->stopping ? &all->leave : &all->linger;
	case SESSION_LAST:
	case SESSION_CLOSED:
	default:
		return NULL;
	}
}

static void settle_deadline(struct session *s)
{
	struct deadline_list *list = what_it_waits_for(s);

	if (list == s->waits_for && !s->changed)
		return;
	s->waits_for = list;
	s->changed = false;
	s->unsent = s->writes ? uv_stream_get_write_queue_size(&s->io.stream) : 0;
	if (list)
		deadline_set(list, &s->deadline);
	else
		deadline_clear(&s->deadline);
}

/* The end of a connection shows only while it is read, so reading stops for too much input alone. */
static void settle_reading(struct session *s)
{
	bool wanted = !s->eof && s->input.n < SESSIONS_READ_BYTES;

	if (wanted == s->reading)
		return;
	s->reading = wanted;
	if (wanted)
		uv_read_start(&s->io.stream, provide_buffer, read_done);
	else
		uv_read_stop(&s->io.stream);
}

/* Whether the client has left in the middle of a request, or with none. */
static bool is_cut_short(const struct session *s)
{
	if (s->state == SESSION_STREAM)
		return s->exchange->upload.wanted;
	return s->writes == 0 && s->state <= SESSION_BODY;
}

/* After everything that happens: closes what is over, else reads and waits for what comes next. */
void session_settle(struct session *s)
{
	bool quiet = s->writes == 0;

	if (s->state == SESSION_CLOSED)
		return;
	if (quiet && s->state == SESSION_LAST) {
		session_linger(s);
	} else if (s->eof && is_cut_short(s)) {
		session_close(s);
	} else {
		settle_reading(s);
		settle_deadline(s);
	}
}

/* Whether nobody is likely to be sending a request just now. */
static bool has_rested(const struct session *s)
{
	const struct sessions *all = s->all;
	uint64_t leave_ms = all->leave.duration_ms, idle_ms = all->idle.duration_ms;

	return !deadline_is_set(&s->deadline) || s->deadline.at_ms + leave_ms <= uv_now(all->loop) + idle_ms;
}

void session_stop(struct session *s)
{
	if (s->state == SESSION_IDLE && s->waits_for == &s->all->idle && has_rested(s))
		session_enter(s, SESSION_LAST);
	session_settle(s);
}

void session_begin(struct session *s)
{
	s->deadline.expired = timeout;
	list_init(&s->deadline.node);
	parser_init(&s->parser, &s->all->parser_limits);
	session_enter(s, SESSION_IDLE);
	session_settle(s);
}
