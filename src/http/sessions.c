#include "session_internal.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/*
 * How long a refused client may take to read its answer; and how long a client that closed its side may take to get
 * one, or any client to go while the server stops.
 */
#define LINGER_MS 5000u
#define LEAVE_MS  1000u

void sessions_init(struct sessions *s, uv_loop_t *loop, struct service *service,
		   const struct session_limits *limits)
{
	*s = (struct sessions){ .loop = loop, .service = service, .limits = *limits };
	s->parser_limits = (struct parser_limits){
		.head_bytes = limits->head_bytes,
		.body_bytes = limits->body_bytes,
		.header_count = limits->header_count,
	};
	s->read_buffer = mem_alloc(SESSIONS_READ_BYTES);
	list_init(&s->all);
	deadline_list_init(&s->head, limits->head_ms);
	deadline_list_init(&s->body, limits->body_ms);
	deadline_list_init(&s->idle, limits->idle_ms);
	deadline_list_init(&s->write, limits->write_ms);
	deadline_list_init(&s->linger, LINGER_MS);
	deadline_list_init(&s->leave, LEAVE_MS);
}

void sessions_free(struct sessions *s)
{
	deadline_list_remove(&s->head);
	deadline_list_remove(&s->body);
	deadline_list_remove(&s->idle);
	deadline_list_remove(&s->write);
	deadline_list_remove(&s->linger);
	deadline_list_remove(&s->leave);
	buf_free(&s->out);
	free(s->read_buffer);
	s->read_buffer = NULL;
}

static void meet_peer(struct session *s)
{
	const struct network_list *proxies = &s->all->service->front->proxies;
	struct sockaddr_storage from;
	struct network_address address;
	int n = sizeof(from);

	strcpy(s->client, "unknown");
	if (s->io.handle.type == UV_NAMED_PIPE) {
		strcpy(s->client, "unix");
		s->from_proxy = proxies->local;
	} else if (uv_tcp_getpeername(&s->io.tcp, (struct sockaddr *)&from, &n) == 0 &&
		   network_address_of((struct sockaddr *)&from, &address)) {
		network_address_format(&address, s->client);
		s->from_proxy = network_list_has(proxies, &address);
	}
}

static int init_handle(struct session *s, uv_stream_t *listener)
{
	if (listener->type == UV_NAMED_PIPE)
		return uv_pipe_init(s->all->loop, &s->io.pipe, 0);
	return uv_tcp_init(s->all->loop, &s->io.tcp);
}

void session_accept(struct sessions *all, uv_stream_t *listener)
{
	struct session *s = mem_zalloc(1, sizeof(*s));
	bool full = all->count >= all->limits.connections || all->stopping;

	s->all = all;
	list_init(&s->node);
	list_init(&s->deadline.node);
	if (init_handle(s, listener)) {
		free(s);
		return;
	}
	s->io.handle.data = s;
	all->count++;
	list_append(&all->all, &s->node);
	if (uv_accept(listener, &s->io.stream) || full) {
		session_close(s);
		return;
	}
	/* Answers leave whole: there is nothing that waiting could add to a segment. */
	if (s->io.handle.type == UV_TCP)
		uv_tcp_nodelay(&s->io.tcp, 1);
	meet_peer(s);
	session_begin(s);
}

void sessions_left(struct sessions *s)
{
	void (*drained)(struct sessions *) = s->drained;

	if (s->count || !drained)
		return;
	s->drained = NULL;
	drained(s);
}

void sessions_stop(struct sessions *s, void (*drained)(struct sessions *s))
{
	s->stopping = true;
	s->drained = drained;
	list_for_each(&s->all, it, next)
		session_stop(list_entry(it, struct session, node));
	sessions_left(s);
}

void sessions_abort(struct sessions *s)
{
	s->stopping = true;
	list_for_each(&s->all, it, next)
		session_close(list_entry(it, struct session, node));
}
