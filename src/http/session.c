#include "session_internal.h"

#include <stdlib.h>
#include <sys/socket.h>

/* Input that is put aside for one connection, at most: beyond, the socket is not read. */
#define INPUT_MAX SESSIONS_READ_BYTES

/* A refused client may go on sending that much while it is given the chance to read why. */
#define LINGER_BYTES ((size_t)8 * 1024 * 1024)

/* A body up to this size is read before anybody asks whether it is wanted. */
#define UNASKED_MAX ((size_t)64 * 1024)

static void session_settle(struct session *s);

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

/* HTTP itself refuses the request: nothing that follows on this connection can be trusted. */
static void session_refuse(struct session *s, enum err err, const char *detail)
{
	session_enter(s, SESSION_RUNNING);
	s->exchange->request.keep_alive = false;
	exchange_refuse(s->exchange, err, str_of(detail));
}

/* Whether the next input may be looked at now: answers leave in order, and one that waits holds up the next. */
static bool may_read(const struct session *s)
{
	return s->state <= SESSION_BODY && s->writes == 0;
}

/* Empty lines in front of a request are skipped (RFC 9112, section 2.2). */
static size_t skip_empty_lines(struct str input)
{
	size_t n = 0;

	while (n < input.n && (input.p[n] == '\r' || input.p[n] == '\n'))
		n++;
	return n;
}

static void begin_request(struct session *s)
{
	struct exchange *x = exchange_create(s->all->service, s);

	x->request.client = str_of(s->client);
	x->request.from_proxy = s->from_proxy;
	s->exchange = x;
	parser_begin(&s->parser, &x->request, &x->message);
	session_enter(s, SESSION_HEAD);
}

static bool is_held_back(const struct exchange *x)
{
	return x->request.expect_continue && x->message.body.n == 0;
}

/* What is left of a body or of its chunk is known; what there will be in further chunks is not. */
static bool must_ask(const struct session *s)
{
	const struct exchange *x = s->exchange;

	return !s->asked && (is_held_back(x) || s->parser.llhttp.content_length > UNASKED_MAX ||
			     x->message.body.n > UNASKED_MAX);
}

/* The head is there and the body is not, or not all of it. */
static void go_on_with_body(struct session *s)
{
	if (s->state == SESSION_HEAD) {
		s->asked = false;
		session_enter(s, SESSION_BODY);
	}
	if (must_ask(s)) {
		s->asked = true;
		session_enter(s, SESSION_GATE);
		exchange_begin(s->exchange);
	}
}

void session_want_body(struct session *s)
{
	session_enter(s, SESSION_BODY);
	if (is_held_back(s->exchange))
		buf_add_lit(&s->all->out, "HTTP/1.1 100 Continue\r\n\r\n");
	if (!s->pumping)
		session_go_on(s);
}

/* Reads one request, or as much of it as there is, and starts its exchange. Returns how many bytes it used. */
static size_t session_feed(struct session *s, struct str input)
{
	size_t used = s->state == SESSION_IDLE ? skip_empty_lines(input) : 0;

	if (used)
		return used;
	if (s->state == SESSION_IDLE)
		begin_request(s);
	switch (parser_feed(&s->parser, input.p, input.n, &used)) {
	case PARSER_MORE:
		if (s->parser.stage == PARSER_BODY)
			go_on_with_body(s);
		break;
	case PARSER_DONE:
		session_enter(s, SESSION_RUNNING);
		exchange_start(s->exchange);
		break;
	case PARSER_REFUSED:
		session_refuse(s, s->parser.err, s->parser.detail);
		break;
	}
	return used;
}

/*
 * Goes through the input until it is used up or has to wait, and writes the answers that this made. An exchange
 * that answers at once is gone when session_feed returns, so any number of requests takes one loop and no stack.
 */
static size_t session_pump(struct session *s, struct str input)
{
	size_t used = 0;

	s->pumping = true;
	while (used < input.n && may_read(s)) {
		used += session_feed(s, (struct str){ input.p + used, input.n - used });
		if (s->all->out.n >= SESSION_GATHER_MAX)
			session_flush(s, (struct buf){ 0 });
	}
	s->pumping = false;
	session_flush(s, (struct buf){ 0 });
	return used;
}

void session_go_on(struct session *s)
{
	size_t used = session_pump(s, buf_str(&s->input));

	if (s->state == SESSION_CLOSED)
		return;
	if (used == s->input.n)
		buf_free(&s->input);
	else
		buf_consume(&s->input, used);
	session_settle(s);
}

static void session_take(struct session *s, struct str input)
{
	size_t used = s->input.n ? 0 : session_pump(s, input);

	if (s->state < SESSION_LAST)
		buf_add(&s->input, input.p + used, input.n - used);
	session_settle(s);
}

static void provide_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
	struct session *s = handle->data;

	(void)suggested;
	*out = uv_buf_init(s->all->read_buffer, (unsigned)(INPUT_MAX - s->input.n));
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
	else if (s->state == SESSION_BODY)
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
	case SESSION_GATE: /* the exchange has a deadline of its own */
	case SESSION_RUNNING:
		return s->eof ? &all->leave : NULL;
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
	bool wanted = !s->eof && s->input.n < INPUT_MAX;

	if (wanted == s->reading)
		return;
	s->reading = wanted;
	if (wanted)
		uv_read_start(&s->io.stream, provide_buffer, read_done);
	else
		uv_read_stop(&s->io.stream);
}

/* After everything that happens: closes what is over, else reads and waits for what comes next. */
static void session_settle(struct session *s)
{
	bool quiet = s->writes == 0;

	if (s->state == SESSION_CLOSED)
		return;
	if (quiet && s->state == SESSION_LAST) {
		session_linger(s);
	} else if (quiet && s->eof && s->state <= SESSION_BODY) {
		session_close(s); /* nothing was asked, or only in part */
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
