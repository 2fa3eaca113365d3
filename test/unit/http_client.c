#include "http_world.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static uint64_t now_ms(void)
{
	return uv_hrtime() / 1000000;
}

static int connect_unix(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, world.path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static int connect_tcp(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(listener_port(world.listener)),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

int client_open(void)
{
	int fd = listener_port(world.listener) ? connect_tcp() : connect_unix();

	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

bool client_send(int fd, const char *bytes, size_t n)
{
	uint64_t end = now_ms() + 2000;

	while (n) {
		ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);

		if (sent > 0) {
			bytes += sent;
			n -= (size_t)sent;
		} else if (sent < 0 && errno != EAGAIN) {
			return false;
		}
		uv_run(&world.loop, UV_RUN_NOWAIT);
		if (now_ms() > end)
			fail_msg("the server does not read");
	}
	return true;
}

void client_say(int fd, const char *text)
{
	client_send(fd, text, strlen(text));
}

static bool complete(struct reply *r, bool head_only)
{
	char *end = r->text.n ? memmem(r->text.p, r->text.n, "\r\n\r\n", 4) : NULL;
	struct str length;
	int64_t n = 0;

	if (!end)
		return false;
	r->head_n = (size_t)(end - r->text.p) + 4;
	r->status = atoi(r->text.p + 9);
	length = reply_header(r, "Content-Length");
	if (length.p && !head_only)
		assert_true(str_to_i64(length, &n));
	return r->text.n >= r->head_n + (size_t)n;
}

/* Reads one byte at a time up to the end of the head, so that nothing of the next answer is taken. */
static size_t next_chunk(const struct reply *r)
{
	struct str length;
	int64_t n = 0;

	if (r->head_n == 0)
		return 1;
	length = reply_header(r, "Content-Length");
	if (length.p)
		str_to_i64(length, &n);
	return r->head_n + (size_t)n - r->text.n;
}

struct reply client_read(int fd, bool head_only)
{
	struct reply r = { 0 };
	uint64_t end = now_ms() + 1000;

	while (!complete(&r, head_only) && now_ms() < end) {
		size_t want = next_chunk(&r);
		ssize_t n = recv(fd, buf_reserve(&r.text, want), want, 0);

		if (n == 0 || (n < 0 && errno != EAGAIN)) {
			r.eof = true;
			break;
		}
		if (n > 0)
			r.text.n += (size_t)n;
		else
			uv_run(&world.loop, UV_RUN_NOWAIT);
	}
	return r;
}

bool client_sees_end(int fd, unsigned ms)
{
	uint64_t end = now_ms() + ms;
	char byte;

	do {
		ssize_t n = recv(fd, &byte, 1, 0);

		if (n == 0 || (n < 0 && errno != EAGAIN))
			return true;
		if (n > 0)
			return false;
		world_run(1);
	} while (now_ms() < end);
	return false;
}

struct reply client_ask(int fd, const char *text)
{
	client_say(fd, text);
	return client_read(fd, false);
}

struct str reply_header(const struct reply *r, const char *name)
{
	struct str rest = { r->text.p, r->head_n };

	while (rest.p) {
		struct str value = str_cut(&rest, '\n');
		struct str this_name = str_cut(&value, ':');

		if (value.p && str_ieq_z(this_name, name))
			return str_trim(
				(struct str){ value.p, value.n - (value.n && value.p[value.n - 1] == '\r') });
	}
	return STR_NONE;
}

struct str reply_body(const struct reply *r)
{
	return (struct str){ r->text.p + r->head_n, r->text.n - r->head_n };
}

void reply_free(struct reply *r)
{
	buf_free(&r->text);
	*r = (struct reply){ 0 };
}
