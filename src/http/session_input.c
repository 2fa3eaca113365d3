/* What a session reads: from the bytes of a connection to its requests, one after the other. */
#include "session_internal.h"

/* A body up to this size is read before anybody asks whether it is wanted. */
#define UNASKED_MAX ((size_t)64 * 1024)

/* HTTP itself refuses the request: nothing that follows on this connection can be trusted. */
void session_refuse(struct session *s, enum err err, const char *detail)
{
	session_enter(s, SESSION_RUNNING);
	s->exchange->request.keep_alive = false;
	exchange_refuse(s->exchange, err, str_of(detail));
}

/*
 * Whether the next input may be looked at now: answers leave in order, and one that waits holds up the next. A body
 * that streams is looked at when its handler waits for it.
 */
static bool may_read(const struct session *s)
{
	if (s->state == SESSION_STREAM)
		return s->exchange->upload.wanted;
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

static void ask_if_needed(struct session *s)
{
	if (!must_ask(s))
		return;
	s->asked = true;
	session_enter(s, SESSION_GATE);
	exchange_begin(s->exchange);
}

/* The head is there and a body follows: who is to have it? */
static void meet_body(struct session *s, bool more_input)
{
	struct exchange *x = s->exchange;

	s->asked = false;
	if (exchange_route(x)) {
		session_begin_upload(s);
		return;
	}
	session_enter(s, SESSION_BODY);
	if (parser_collect(&s->parser) == PARSER_REFUSED)
		session_refuse(s, s->parser.err, s->parser.detail);
	else if (!more_input)
		ask_if_needed(s);
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
	if (s->state == SESSION_STREAM)
		return session_feed_upload(s, input);
	if (s->state == SESSION_IDLE)
		begin_request(s);
	switch (parser_feed(&s->parser, input.p, input.n, &used)) {
	case PARSER_MORE:
		if (s->state == SESSION_BODY)
			ask_if_needed(s);
		break;
	case PARSER_FRAMED:
		meet_body(s, used < input.n);
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
	session_invite_upload(s);
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

void session_take(struct session *s, struct str input)
{
	size_t used = s->input.n ? 0 : session_pump(s, input);

	if (s->state < SESSION_LAST)
		buf_add(&s->input, input.p + used, input.n - used);
	session_settle(s);
}
