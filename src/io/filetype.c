#include "io/filetype.h"

#include <magic.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define UNKNOWN "application/octet-stream"

/* A magic_t is for one thread at a time, and takes megabytes. */
static struct {
	pthread_mutex_t lock;
	magic_t magic;
} filetype = { .lock = PTHREAD_MUTEX_INITIALIZER };

static magic_t loaded(void)
{
	if (filetype.magic)
		return filetype.magic;
	filetype.magic = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR);
	if (filetype.magic && magic_load(filetype.magic, NULL) != 0) {
		magic_close(filetype.magic);
		filetype.magic = NULL;
	}
	return filetype.magic;
}

/* Of a few letters libmagic knows nothing. */
static bool is_plain(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if ((p[i] < ' ' && p[i] != '\t' && p[i] != '\n' && p[i] != '\r') || p[i] > '~')
			return false;
	}
	return n > 0;
}

void filetype_of(const void *head, size_t n, char out[FILETYPE_MAX])
{
	const char *found = NULL;
	magic_t magic;

	pthread_mutex_lock(&filetype.lock);
	magic = loaded();
	if (magic)
		found = magic_buffer(magic, head, n);
	if (!found || !strchr(found, '/') || strcmp(found, UNKNOWN) == 0)
		found = is_plain(head, n) ? "text/plain" : UNKNOWN;
	snprintf(out, FILETYPE_MAX, "%s", found);
	pthread_mutex_unlock(&filetype.lock);
}

void filetype_stop(void)
{
	if (filetype.magic)
		magic_close(filetype.magic);
	filetype.magic = NULL;
}
