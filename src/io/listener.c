#include "io/listener.h"

#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG     1024
#define UNIX_MODE   0660u
#define UNIX_PREFIX "unix:"

union socket_handle {
	uv_handle_t handle;
	uv_stream_t stream;
	uv_tcp_t tcp;
	uv_pipe_t pipe;
};

struct listener {
	union socket_handle *sockets[LISTENER_SOCKETS_MAX];
	unsigned count; /* sockets that listen */
	unsigned open;  /* handles that libuv still knows */
	struct listener_config config;
	uint16_t port;
	char address[LISTENER_ADDRESS_MAX];
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)]; /* empty: TCP */
};

__attribute__((format(printf, 2, 3))) static bool fail(char *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, LISTENER_ERROR_MAX, format, args);
	va_end(args);
	return false;
}

/* What went wrong, and what would be right. */
static const char *advice(int status)
{
	switch (status) {
	case UV_EADDRINUSE:
		return "another process listens there; stop it, or choose another port (0 lets the system choose)";
	case UV_EACCES:
		return "permission denied; ports below 1024 need privileges, and a unix socket a folder that one may "
		       "write to";
	case UV_EADDRNOTAVAIL:
		return "this machine has no such address; 127.0.0.1, ::1 and * always work";
	case UV_EAFNOSUPPORT:
		return "this machine does not speak this version of IP";
	case UV_ENOENT:
		return "the folder of the unix socket does not exist";
	default:
		return uv_strerror(status);
	}
}

static void connected(uv_stream_t *stream, int status)
{
	struct listener *l = stream->data;

	if (status == 0)
		l->config.pending(stream, l->config.context);
	else if (status != UV_ECANCELED)
		log_event(LOG_WARN, "listener", "a connection was not accepted", "%s", uv_strerror(status));
}

static void socket_closed(uv_handle_t *handle)
{
	struct listener *l = handle->data;

	free(handle);
	if (--l->open == 0)
		free(l);
}

static union socket_handle *socket_add(struct listener *l)
{
	union socket_handle *s = mem_zalloc(1, sizeof(*s));

	l->sockets[l->count++] = s;
	l->open++;
	return s;
}

/* Takes the newest socket back: it could not be bound. */
static void socket_discard(struct listener *l)
{
	uv_close(&l->sockets[--l->count]->handle, socket_closed);
}

/* ---- TCP ---- */

static uint16_t bound_port(const uv_tcp_t *tcp)
{
	struct sockaddr_storage address;
	int n = sizeof(address);

	if (uv_tcp_getsockname(tcp, (struct sockaddr *)&address, &n))
		return 0;
	if (address.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)(void *)&address)->sin6_port);
	return ntohs(((struct sockaddr_in *)(void *)&address)->sin_port);
}

static void set_port(struct sockaddr *address, uint16_t port)
{
	if (address->sa_family == AF_INET6)
		((struct sockaddr_in6 *)(void *)address)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)(void *)address)->sin_port = htons(port);
}

/* libuv sets SO_REUSEADDR, and IPV6_V6ONLY to off. */
static int listen_tcp(struct listener *l, uv_loop_t *loop, const struct addrinfo *found)
{
	struct sockaddr_storage address;
	union socket_handle *s = socket_add(l);
	int status = uv_tcp_init(loop, &s->tcp);

	memcpy(&address, found->ai_addr, found->ai_addrlen);
	/* Of several addresses the first decides which port the system chooses. */
	set_port((struct sockaddr *)&address, l->port ? l->port : l->config.port);
	s->handle.data = l;
	if (status == 0)
		status = uv_tcp_bind(&s->tcp, (struct sockaddr *)&address, 0);
	if (status == 0)
		status = uv_listen(&s->stream, l->config.backlog, connected);
	if (status == 0)
		l->port = bound_port(&s->tcp);
	else
		socket_discard(l);
	return status;
}

/* Name services may give an address twice, as for two lines of /etc/hosts. */
static bool seen_before(const struct addrinfo *found, const struct addrinfo *a)
{
	for (; found != a; found = found->ai_next) {
		if (found->ai_addrlen == a->ai_addrlen &&
		    memcmp(found->ai_addr, a->ai_addr, a->ai_addrlen) == 0)
			return true;
	}
	return false;
}

static int listen_all(struct listener *l, uv_loop_t *loop, struct addrinfo *found)
{
	int failure = 0;

	for (struct addrinfo *a = found; a && l->count < LISTENER_SOCKETS_MAX; a = a->ai_next) {
		int status;

		if (seen_before(found, a))
			continue;
		status = listen_tcp(l, loop, a);
		if (status)
			failure = status;
		/* A name for an address that the machine does not have is no reason to give up. */
		if (status && status != UV_EADDRNOTAVAIL && status != UV_EAFNOSUPPORT)
			return status;
	}
	return l->count ? 0 : failure;
}

static int resolve_and_listen(struct listener *l, uv_loop_t *loop, const char *host, char *error)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC,
				  .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_PASSIVE };
	uv_getaddrinfo_t request;
	int status = uv_getaddrinfo(loop, &request, NULL, host, NULL, &hints);

	if (status) {
		fail(error,
		     "cannot listen on \"%.100s\": the name is not known (%s); an address such as 127.0.0.1 or "
		     "::1, a name, * or unix:/path is needed",
		     host, uv_strerror(status));
		return status;
	}
	status = listen_all(l, loop, request.addrinfo);
	uv_freeaddrinfo(request.addrinfo);
	if (status)
		fail(error, "cannot listen on port %u of %.100s: %s", (unsigned)l->config.port, host,
		     advice(status));
	return status;
}

static bool open_tcp(struct listener *l, uv_loop_t *loop, char *error)
{
	const char *host = l->config.host;
	bool any = strcmp(host, "*") == 0;
	int status = resolve_and_listen(l, loop, any ? "::" : host, error);

	if (any && status) {
		host = "0.0.0.0";
		status = resolve_and_listen(l, loop, host, error);
	}
	snprintf(l->address, sizeof(l->address),
		 strchr(host, ':') ? "http://[%.100s]:%u" : "http://%.100s:%u", host, (unsigned)l->port);
	return status == 0;
}

/* ---- unix sockets ---- */

/* Whether a process accepts connections on the socket file. */
static bool answered(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool yes;

	if (fd < 0)
		return true;
	/* EAGAIN: its backlog is full, so there is one. */
	yes = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
	      uv_translate_sys_error(errno) == UV_EAGAIN;
	close(fd);
	return yes;
}

/* Makes sure that the path is free, and removes the socket of a process that is no more. */
static bool make_room(const char *path, char *error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat st;

	if (lstat(path, &st))
		return true;
	if (!S_ISSOCK(st.st_mode))
		return fail(
			error,
			"cannot listen on unix:%s: the file is there and is no socket; choose another path",
			path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (answered(&address))
		return fail(error,
			    "cannot listen on unix:%s: another process listens there; stop it, or choose "
			    "another path",
			    path);
	unlink(path);
	return true;
}

static bool open_unix(struct listener *l, uv_loop_t *loop, const char *path, char *error)
{
	union socket_handle *s;
	int status;

	if (*path == '\0' || strlen(path) >= sizeof(l->path))
		return fail(error, "cannot listen on unix:%.120s: the path must have 1 to %zu bytes", path,
			    sizeof(l->path) - 1);
	if (!make_room(path, error))
		return false;
	s = socket_add(l);
	status = uv_pipe_init(loop, &s->pipe, 0);
	s->handle.data = l;
	if (status == 0)
		status = uv_pipe_bind(&s->pipe, path);
	if (status) {
		socket_discard(l);
		return fail(error, "cannot listen on unix:%s: %s", path, advice(status));
	}
	memcpy(l->path, path, strlen(path) + 1);
	/* Nobody can connect before uv_listen, so the permissions are right from the first connection on. */
	if (chmod(path, (mode_t)l->config.unix_mode))
		return fail(error, "cannot set the permissions of unix:%s", path);
	status = uv_listen(&s->stream, l->config.backlog, connected);
	if (status)
		return fail(error, "cannot listen on unix:%s: %s", path, advice(status));
	snprintf(l->address, sizeof(l->address), UNIX_PREFIX "%s", path);
	return true;
}

/* ---- sockets that listen already ---- */

static int adopt(struct listener *l, uv_loop_t *loop, int fd)
{
	struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
	socklen_t n = sizeof(address), size = sizeof(int);
	union socket_handle *s;
	int listens = 0, status;

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) || !listens ||
	    getsockname(fd, (struct sockaddr *)&address, &n))
		return UV_EINVAL;
	s = socket_add(l);
	if (address.ss_family == AF_UNIX)
		status = uv_pipe_init(loop, &s->pipe, 0);
	else
		status = uv_tcp_init(loop, &s->tcp);
	s->handle.data = l;
	if (status == 0)
		status = address.ss_family == AF_UNIX ? uv_pipe_open(&s->pipe, fd) : uv_tcp_open(&s->tcp, fd);
	if (status == 0)
		status = uv_listen(&s->stream, l->config.backlog, connected);
	if (status == 0 && address.ss_family != AF_UNIX)
		l->port = bound_port(&s->tcp);
	return status;
}

static bool open_inherited(struct listener *l, uv_loop_t *loop, char *error)
{
	unsigned count = l->config.fd_count;

	if (count > LISTENER_SOCKETS_MAX)
		return fail(error, "%u sockets were handed on; expected %d at most", count,
			    LISTENER_SOCKETS_MAX);
	for (unsigned i = 0; i < count; i++) {
		int fd = l->config.first_fd + (int)i;
		int status = adopt(l, loop, fd);

		if (status)
			return fail(error, "descriptor %d, which was handed on, is no listening socket (%s)",
				    fd, uv_strerror(status));
	}
	if (l->port)
		snprintf(l->address, sizeof(l->address), "http://*:%u", (unsigned)l->port);
	else
		snprintf(l->address, sizeof(l->address), "a unix socket that was handed on");
	return true;
}

/* ---- what is offered ---- */

struct listener *listener_open(uv_loop_t *loop, const struct listener_config *config, char *error)
{
	struct listener *l = mem_zalloc(1, sizeof(*l));
	size_t prefix = sizeof(UNIX_PREFIX) - 1;
	bool ok;

	l->config = *config;
	l->config.backlog = config->backlog > 0 ? config->backlog : BACKLOG;
	l->config.unix_mode = config->unix_mode ? config->unix_mode : UNIX_MODE;
	if (config->fd_count)
		ok = open_inherited(l, loop, error);
	else if (strncmp(config->host, UNIX_PREFIX, prefix) == 0)
		ok = open_unix(l, loop, config->host + prefix, error);
	else
		ok = open_tcp(l, loop, error);
	if (ok)
		return l;
	listener_close(l);
	return NULL;
}

uint16_t listener_port(const struct listener *l)
{
	return l->port;
}

const char *listener_address(const struct listener *l)
{
	return l->address;
}

void listener_close(struct listener *l)
{
	unsigned count = l->count;

	if (*l->path)
		unlink(l->path);
	if (l->open == 0) {
		free(l);
		return;
	}
	for (unsigned i = 0; i < count; i++)
		uv_close(&l->sockets[i]->handle, socket_closed);
}
