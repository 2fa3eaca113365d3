#include "app/file.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

bool file_is_stream(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static void wipe(void *text)
{
	explicit_bzero(text, strlen(text));
}

char *secret_copy(struct arena *a, struct str s)
{
	char *copy = arena_alloc(a, s.n + 1);

	if (s.n)
		memcpy(copy, s.p, s.n);
	arena_defer(a, wipe, copy);
	return copy;
}

/* Reads until the end, or until n bytes are there; a pipe has no size to ask for. -1: it cannot be read. */
static ssize_t read_all(int fd, char *out, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = read(fd, out + done, n - done);

		if (got == 0)
			break;
		if (got < 0 && errno != EINTR)
			return -1;
		if (got > 0)
			done += (size_t)got;
	}
	return (ssize_t)done;
}

bool file_read(const char *path, size_t most, struct arena *a, struct str *out, char error[FILE_ERROR_MAX])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *bytes;
	ssize_t n = -1;

	if (fd < 0) {
		snprintf(error, FILE_ERROR_MAX, "cannot open %s: %s", path, strerror(errno));
		return false;
	}
	bytes = mem_alloc(most + 1);
	n = read_all(fd, bytes, most + 1);
	if (n < 0)
		snprintf(error, FILE_ERROR_MAX, "cannot read %s: %s", path, strerror(errno));
	else if ((size_t)n > most)
		snprintf(error, FILE_ERROR_MAX, "%s is too large; expected at most %zu bytes", path, most);
	else
		*out = (struct str){ secret_copy(a, (struct str){ bytes, (size_t)n }), (size_t)n };
	close(fd);
	explicit_bzero(bytes, n > 0 ? (size_t)n : 0);
	free(bytes);
	return n >= 0 && (size_t)n <= most;
}
