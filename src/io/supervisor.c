#include "io/supervisor.h"

#include "base/str.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKETS_MAX 64

/* The number in an environment variable; 0 when there is none. */
static int64_t number(const char *name)
{
	int64_t n = 0;

	return str_to_i64(str_of(getenv(name)), &n) && n > 0 ? n : 0;
}

/* What is meant for another process may have been inherited by us all the same. */
static bool is_for_us(const char *name)
{
	return number(name) == getpid();
}

unsigned supervisor_sockets(void)
{
	int64_t n = is_for_us("LISTEN_PID") ? number("LISTEN_FDS") : 0;

	n = n < SOCKETS_MAX ? n : SOCKETS_MAX;
	for (int i = 0; i < n; i++)
		fcntl(SUPERVISOR_FIRST_FD + i, F_SETFD, FD_CLOEXEC);
	return (unsigned)n;
}

bool supervisor_listens(void)
{
	return getenv("NOTIFY_SOCKET") != NULL;
}

void supervisor_tell(const char *state)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct str path = str_of(getenv("NOTIFY_SOCKET"));
	int fd;

	if (path.n < 2 || path.n >= sizeof(to.sun_path))
		return;
	memcpy(to.sun_path, path.p, path.n);
	if (to.sun_path[0] == '@')
		to.sun_path[0] = '\0'; /* a name of the kernel's, not of a file */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to,
	       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.n));
	close(fd);
}

uint64_t supervisor_watchdog_ms(void)
{
	if (getenv("WATCHDOG_PID") && !is_for_us("WATCHDOG_PID"))
		return 0;
	return (uint64_t)number("WATCHDOG_USEC") / 2000;
}
