#include "io/supervisor.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[32], path[64];

static int setup(void **state)
{
	(void)state;
	clearenv();
	strcpy(folder, "/tmp/bugd-notify-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static void set_number(const char *name, long n)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", n);
	setenv(name, text, 1);
}

static void sockets_are_for_the_process_that_is_named(void **state)
{
	(void)state;
	assert_int_equal(supervisor_sockets(), 0);
	setenv("LISTEN_FDS", "2", 1);
	assert_int_equal(supervisor_sockets(), 0);
	set_number("LISTEN_PID", getpid() + 1);
	assert_int_equal(supervisor_sockets(), 0);
	set_number("LISTEN_PID", getpid());
	assert_int_equal(supervisor_sockets(), 2);
	setenv("LISTEN_FDS", "x", 1);
	assert_int_equal(supervisor_sockets(), 0);
	setenv("LISTEN_FDS", "-1", 1);
	assert_int_equal(supervisor_sockets(), 0);
}

static void watchdog_is_told_twice_in_its_time(void **state)
{
	(void)state;
	assert_int_equal(supervisor_watchdog_ms(), 0);
	setenv("WATCHDOG_USEC", "30000000", 1);
	assert_int_equal(supervisor_watchdog_ms(), 15000);
	set_number("WATCHDOG_PID", getpid());
	assert_int_equal(supervisor_watchdog_ms(), 15000);
	set_number("WATCHDOG_PID", getpid() + 1);
	assert_int_equal(supervisor_watchdog_ms(), 0);
}

/* A datagram socket of this name; '@' in front means one without a file. */
static int listen_on(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, name);
	if (*name == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
			 0);
	return fd;
}

static void hears(const char *name)
{
	char text[100] = "";
	int fd = listen_on(name);

	setenv("NOTIFY_SOCKET", name, 1);
	assert_true(supervisor_listens());
	supervisor_tell("READY=1\nSTATUS=Serving");
	assert_int_equal(recv(fd, text, sizeof(text), 0), 22);
	assert_string_equal(text, "READY=1\nSTATUS=Serving");
	close(fd);
}

static void manager_is_told(void **state)
{
	char name[64];

	(void)state;
	hears(path);
	snprintf(name, sizeof(name), "@bugd-test-%d", getpid());
	hears(name);
}

static void nobody_needs_to_listen(void **state)
{
	char name[300];

	(void)state;
	assert_false(supervisor_listens());
	supervisor_tell("READY=1");
	setenv("NOTIFY_SOCKET", path, 1);
	supervisor_tell("READY=1");
	setenv("NOTIFY_SOCKET", "", 1);
	supervisor_tell("READY=1");
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	setenv("NOTIFY_SOCKET", name, 1);
	supervisor_tell("READY=1");
}

/* Nor to read what it is told. */
static void full_socket_does_not_hold_us_up(void **state)
{
	int fd = listen_on(path);

	(void)state;
	setenv("NOTIFY_SOCKET", path, 1);
	for (int i = 0; i < 10000; i++)
		supervisor_tell("WATCHDOG=1");
	close(fd);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(sockets_are_for_the_process_that_is_named),
		WITH_FOLDER(watchdog_is_told_twice_in_its_time),
		WITH_FOLDER(manager_is_told),
		WITH_FOLDER(nobody_needs_to_listen),
		WITH_FOLDER(full_socket_does_not_hold_us_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
