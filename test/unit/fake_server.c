#include "fake_server.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Small enough for a socket's buffer, so that no answer has to wait. */
void fake_send(struct fake_session *s, const void *bytes, size_t n)
{
	uv_buf_t b = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)n);

	if (s->gone || uv_try_write((uv_stream_t *)&s->pipe, &b, 1) == (int)n)
		return;
	fprintf(stderr, "fake server: the socket takes no more\n");
	fake_hang_up(s);
}

static void send_message(struct fake_session *s, char type, const void *body, size_t n)
{
	char *m = mem_alloc(n + 5);
	uint32_t length = htonl((uint32_t)n + 4);

	m[0] = type;
	memcpy(m + 1, &length, 4);
	if (n)
		memcpy(m + 5, body, n);
	fake_send(s, m, n + 5);
	free(m);
}

void fake_error(struct fake_session *s, const char *severity, const char *sqlstate, const char *message)
{
	char body[512];
	int n = snprintf(body, sizeof(body), "S%s%cV%s%cC%s%cM%s%c", severity, 0, severity, 0, sqlstate, 0,
			 message, 0);

	body[n] = '\0';
	s->skipping = true;
	send_message(s, 'E', body, (size_t)n + 1);
}

void fake_row(struct fake_session *s, size_t n)
{
	static const char description[] = "\0\1x\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\0\0\0\0\0\1";
	char *body = mem_zalloc(1, n + 6);
	uint32_t length = htonl((uint32_t)n);

	send_message(s, 'T', description, sizeof(description) - 1);
	body[1] = 1;
	memcpy(body + 2, &length, 4);
	memset(body + 6, 'x', n);
	send_message(s, 'D', body, n + 6);
	free(body);
}

static void session_closed(uv_handle_t *h)
{
	struct fake_session *s = h->data;

	s->fake->all[s->number] = NULL;
	s->fake->open--;
	free(s);
}

void fake_hang_up(struct fake_session *s)
{
	if (s->gone)
		return;
	s->gone = true;
	uv_close((uv_handle_t *)&s->pipe, session_closed);
}

static void answer(struct fake_session *s, char type)
{
	switch (type) {
	case 'P':
		send_message(s, '1', NULL, 0);
		break;
	case 'B':
		send_message(s, '2', NULL, 0);
		break;
	case 'D':
		send_message(s, 'T', "\0", 2);
		break;
	case 'E':
		s->fake->executed += s->syncs >= 0;
		send_message(s, 'C', "SELECT 0", 9);
		break;
	case 'S':
		send_message(s, 'Z', "I", 1);
		break;
	case 'X':
		fake_hang_up(s);
		break;
	default:
		break;
	}
}

static void take_start(struct fake_session *s)
{
	if (s->fake->deaf)
		return;
	if (s->fake->hangs_up) {
		fake_hang_up(s);
		return;
	}
	if (s->fake->refuses) {
		fake_error(s, "FATAL", "57P03", "the database system is starting up");
		fake_hang_up(s);
		return;
	}
	send_message(s, 'R', "\0\0\0\0", 4);
	send_message(s, 'S',
		     "server_version\0"
		     "15.0",
		     20);
	send_message(s, 'K', "\0\0\0\1\0\0\0\2", 8);
	send_message(s, 'Z', "I", 1);
	s->started = true;
	s->syncs = -1;
}

static void take_message(struct fake_session *s, char type, const char *body)
{
	if (type == 'S') {
		s->syncs++;
		s->skipping = false;
	}
	/* The set-up is the real server's business. */
	if (s->syncs >= (type == 'S') && s->fake->script && s->fake->script(s, type, body))
		return;
	if (!s->skipping && !s->gone)
		answer(s, type);
}

/* The length of the first message that is complete, or 0. */
static size_t complete(const struct fake_session *s)
{
	size_t head = s->started ? 1 : 0;
	uint32_t n;

	if (s->in_count < head + 4)
		return 0;
	memcpy(&n, s->in + head, 4);
	n = ntohl(n) + (uint32_t)head;
	return s->in_count >= n ? n : 0;
}

static void received(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct fake_session *s = stream->data;
	size_t size;

	(void)buf;
	if (n < 0) {
		fake_hang_up(s);
		return;
	}
	s->in_count += (size_t)n;
	while (!s->gone && (size = complete(s))) {
		if (s->started)
			take_message(s, s->in[0], s->in + 5);
		else
			take_start(s);
		memmove(s->in, s->in + size, s->in_count - size);
		s->in_count -= size;
	}
}

static void room(uv_handle_t *h, size_t wanted, uv_buf_t *buf)
{
	struct fake_session *s = h->data;

	(void)wanted;
	*buf = uv_buf_init(s->in + s->in_count, (unsigned)(sizeof(s->in) - s->in_count));
}

static void connected(uv_stream_t *listener, int status)
{
	struct fake *f = listener->data;
	struct fake_session *s = mem_zalloc(1, sizeof(*s));

	(void)status;
	s->fake = f;
	s->number = ++f->sessions;
	f->open++;
	f->all[s->number] = s;
	uv_pipe_init(f->loop, &s->pipe, 0);
	s->pipe.data = s;
	uv_accept(listener, (uv_stream_t *)&s->pipe);
	uv_read_start((uv_stream_t *)&s->pipe, room, received);
}

void fake_start(struct fake *f, uv_loop_t *loop)
{
	char path[128];

	*f = (struct fake){ .loop = loop };
	strcpy(f->folder, "/tmp/bugd-fake-XXXXXX");
	if (!mkdtemp(f->folder))
		abort();
	snprintf(path, sizeof(path), "%s/.s.PGSQL.5432", f->folder);
	snprintf(f->url, sizeof(f->url), "postgresql:///x?host=%s&user=x&sslmode=disable&gssencmode=disable",
		 f->folder);
	uv_pipe_init(loop, &f->listener, 0);
	f->listener.data = f;
	if (uv_pipe_bind(&f->listener, path) || uv_listen((uv_stream_t *)&f->listener, 64, connected))
		abort();
}

void fake_stop(struct fake *f)
{
	for (int i = 0; i < 256; i++) {
		if (f->all[i])
			fake_hang_up(f->all[i]);
	}
	uv_close((uv_handle_t *)&f->listener, NULL); /* removes the socket's file */
	uv_run(f->loop, UV_RUN_NOWAIT);
	rmdir(f->folder);
}
