#include "io/listener.h"

#include "base/log.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static uv_loop_t loop;
static char folder[32], path[64], host[80], error[LISTENER_ERROR_MAX];
static unsigned accepted;

static void freed(uv_handle_t *h)
{
	free(h);
}

static void pending(uv_stream_t *stream, void *context)
{
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_tcp_t tcp;
		uv_pipe_t pipe;
	} *s = calloc(1, sizeof(*s));

	assert_ptr_equal(context, &accepted);
	if (stream->type == UV_NAMED_PIPE)
		uv_pipe_init(&loop, &s->pipe, 0);
	else
		uv_tcp_init(&loop, &s->tcp);
	accepted += uv_accept(stream, &s->stream) == 0;
	uv_close(&s->handle, freed);
}

static struct listener *open_on(const char *where, uint16_t port)
{
	struct listener_config config = {
		.host = where, .port = port, .pending = pending, .context = &accepted
	};

	error[0] = '\0';
	return listener_open(&loop, &config, error);
}

static int setup(void **state)
{
	(void)state;
	log_setup(LOG_ERROR, LOG_TEXT);
	uv_loop_init(&loop);
	strcpy(folder, "/tmp/bugd-listen-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	snprintf(host, sizeof(host), "unix:%s", path);
	accepted = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(rmdir(folder), 0);
	return uv_loop_close(&loop);
}

static int connect_unix(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

static int connect_port(int family, uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
				    .sin6_port = htons(port),
				    .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(family, SOCK_STREAM, 0);
	int failed = family == AF_INET ? connect(fd, (struct sockaddr *)&in, sizeof(in))
				       : connect(fd, (struct sockaddr *)&in6, sizeof(in6));

	if (!failed)
		return fd;
	close(fd);
	return -1;
}

static void run(unsigned turns)
{
	while (turns--) {
		uv_run(&loop, UV_RUN_NOWAIT);
		usleep(1000);
	}
}

static void port_0_is_chosen_and_reported(void **state)
{
	struct listener *l = open_on("127.0.0.1", 0);
	char address[64];
	int fd;

	(void)state;
	assert_non_null(l);
	assert_true(listener_port(l) > 0);
	snprintf(address, sizeof(address), "http://127.0.0.1:%u", listener_port(l));
	assert_string_equal(listener_address(l), address);
	fd = connect_port(AF_INET, listener_port(l));
	assert_true(fd >= 0);
	run(5);
	assert_int_equal(accepted, 1);
	close(fd);
	listener_close(l);
}

static void star_listens_on_ipv4_and_ipv6(void **state)
{
	struct listener *l = open_on("*", 0);
	int four, six;

	(void)state;
	assert_non_null(l);
	four = connect_port(AF_INET, listener_port(l));
	six = connect_port(AF_INET6, listener_port(l));
	assert_true(four >= 0);
	run(5);
	assert_int_equal(accepted, six >= 0 ? 2 : 1);
	close(four);
	if (six >= 0)
		close(six);
	listener_close(l);
}

static void name_is_resolved(void **state)
{
	struct listener *l = open_on("localhost", 0);
	int fd;

	(void)state;
	assert_non_null(l);
	fd = connect_port(AF_INET, listener_port(l));
	assert_true(fd >= 0);
	close(fd);
	listener_close(l);
}

static void taken_port_says_so(void **state)
{
	struct listener *first = open_on("127.0.0.1", 0), *second;

	(void)state;
	second = open_on("127.0.0.1", listener_port(first));
	assert_null(second);
	assert_non_null(strstr(error, "another process listens there"));
	assert_non_null(strstr(error, "127.0.0.1"));
	listener_close(first);
}

static void unknown_name_and_foreign_address_say_so(void **state)
{
	(void)state;
	assert_null(open_on("no-such-name.invalid", 0));
	assert_non_null(strstr(error, "no-such-name.invalid"));
	assert_null(open_on("192.0.2.1", 0));
	assert_non_null(strstr(error, "no such address"));
}

static void unix_socket_is_made_with_its_permissions_and_removed(void **state)
{
	struct listener *l = open_on(host, 0);
	struct stat st;
	int fd;

	(void)state;
	assert_non_null(l);
	assert_int_equal(listener_port(l), 0);
	assert_string_equal(listener_address(l), host);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	fd = connect_unix();
	assert_true(fd >= 0);
	run(5);
	assert_int_equal(accepted, 1);
	close(fd);
	listener_close(l);
	assert_int_not_equal(stat(path, &st), 0);
}

static void unix_socket_in_use_is_left_alone(void **state)
{
	struct listener *first = open_on(host, 0), *second;
	int fd;

	(void)state;
	second = open_on(host, 0);
	assert_null(second);
	assert_non_null(strstr(error, "another process"));
	fd = connect_unix();
	assert_true(fd >= 0);
	close(fd);
	listener_close(first);
}

static void unix_socket_of_a_dead_process_is_replaced(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct listener *l;

	(void)state;
	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	l = open_on(host, 0);
	assert_non_null(l);
	listener_close(l);
}

static void file_that_is_no_socket_is_left_alone(void **state)
{
	int fd = open(path, O_CREAT | O_WRONLY, 0600);

	(void)state;
	close(fd);
	assert_null(open_on(host, 0));
	assert_non_null(strstr(error, "no socket"));
	assert_int_equal(unlink(path), 0);
}

static void unix_paths_that_cannot_be_say_so(void **state)
{
	char text[300] = "unix:";

	(void)state;
	assert_null(open_on("unix:", 0));
	assert_non_null(strstr(error, "path"));
	memset(text + 5, 'a', 200);
	assert_null(open_on(text, 0));
	assert_non_null(strstr(error, "107"));
	assert_null(open_on("unix:/nonexistent-folder/socket", 0));
	assert_non_null(strstr(error, "folder"));
}

/* Without a free descriptor connections are closed, the loop does not spin, and it recovers by itself. */
static void full_descriptor_table_is_survived(void **state)
{
	struct listener *l = open_on(host, 0);
	struct rlimit old, small;
	int clients[20], fillers[200], filled = 0;
	uint64_t turns = 0, end;
	char byte;

	(void)state;
	for (int i = 0; i < 20; i++)
		clients[i] = connect_unix();
	getrlimit(RLIMIT_NOFILE, &old);
	small = (struct rlimit){ .rlim_cur = 150, .rlim_max = old.rlim_max };
	setrlimit(RLIMIT_NOFILE, &small);
	while (filled < 200 && (fillers[filled] = open("/dev/null", O_RDONLY)) >= 0)
		filled++;
	end = uv_hrtime() + 100000000;
	while (uv_hrtime() < end) {
		uv_run(&loop, UV_RUN_NOWAIT);
		usleep(1000);
		turns++;
	}
	assert_true(turns > 10);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(recv(clients[i], &byte, 1, MSG_DONTWAIT), 0);
		close(clients[i]);
	}
	while (filled)
		close(fillers[--filled]);
	setrlimit(RLIMIT_NOFILE, &old);
	accepted = 0;
	clients[0] = connect_unix();
	run(5);
	assert_int_equal(accepted, 1);
	close(clients[0]);
	listener_close(l);
}

/* Two sockets in descriptors that follow each other, as a service manager hands them on: TCP and unix. */
static int inherit(uint16_t *port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int tcp = socket(AF_INET, SOCK_STREAM, 0), local = socket(AF_UNIX, SOCK_STREAM, 0), first = 100;
	socklen_t n = sizeof(in);

	strcpy(un.sun_path, path);
	assert_int_equal(bind(tcp, (struct sockaddr *)&in, sizeof(in)) || listen(tcp, 5), 0);
	assert_int_equal(bind(local, (struct sockaddr *)&un, sizeof(un)) || listen(local, 5), 0);
	assert_int_equal(getsockname(tcp, (struct sockaddr *)&in, &n), 0);
	*port = ntohs(in.sin_port);
	dup2(tcp, first);
	dup2(local, first + 1);
	close(tcp);
	close(local);
	return first;
}

static void sockets_that_listen_already_are_taken_and_left(void **state)
{
	struct listener_config config = {
		.host = "unused", .fd_count = 2, .pending = pending, .context = &accepted
	};
	int keep[2], fd[2];
	struct listener *l;
	uint16_t port;

	(void)state;
	config.first_fd = inherit(&port);
	keep[0] = dup(config.first_fd);
	keep[1] = dup(config.first_fd + 1);
	l = listener_open(&loop, &config, error);
	assert_non_null(l);
	assert_int_equal(listener_port(l), port);
	fd[0] = connect_port(AF_INET, port);
	fd[1] = connect_unix();
	run(5);
	assert_int_equal(accepted, 2);
	close(fd[0]);
	close(fd[1]);
	listener_close(l);
	run(5);
	/* Whoever handed them on still has them: connections wait there for the next process. */
	fd[0] = connect_port(AF_INET, port);
	fd[1] = connect_unix();
	assert_true(fd[0] >= 0 && fd[1] >= 0);
	for (int i = 0; i < 2; i++) {
		close(keep[i]);
		close(fd[i]);
	}
	unlink(path);
}

static void descriptor_that_does_not_listen_says_so(void **state)
{
	struct listener_config config = { .host = "unused", .fd_count = 1, .first_fd = 100 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	dup2(fd, 100);
	close(fd);
	assert_null(listener_open(&loop, &config, error));
	assert_non_null(strstr(error, "descriptor 100"));
	close(100);
	assert_null(listener_open(&loop, &config, error));
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(port_0_is_chosen_and_reported),
		TEST(star_listens_on_ipv4_and_ipv6),
		TEST(name_is_resolved),
		TEST(taken_port_says_so),
		TEST(unknown_name_and_foreign_address_say_so),
		TEST(unix_socket_is_made_with_its_permissions_and_removed),
		TEST(unix_socket_in_use_is_left_alone),
		TEST(unix_socket_of_a_dead_process_is_replaced),
		TEST(file_that_is_no_socket_is_left_alone),
		TEST(unix_paths_that_cannot_be_say_so),
		TEST(sockets_that_listen_already_are_taken_and_left),
		TEST(descriptor_that_does_not_listen_says_so),
		TEST(full_descriptor_table_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
