#include "base/rand.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static unsigned char pool[1024];
static size_t pool_left;

static void fill(unsigned char *out, size_t n)
{
	while (n) {
		ssize_t got = getrandom(out, n, 0);

		if (got < 0 && errno != EINTR) {
			fprintf(stderr, "bugd: the kernel gives no random bytes: %s\n", strerror(errno));
			abort();
		}
		if (got > 0) {
			out += got;
			n -= (size_t)got;
		}
	}
}

void rand_bytes(void *out, size_t n)
{
	if (n > sizeof(pool)) {
		fill(out, n);
		return;
	}
	if (pool_left < n) {
		fill(pool, sizeof(pool));
		pool_left = sizeof(pool);
	}
	pool_left -= n;
	memcpy(out, pool + pool_left, n);
	/* What was given out must not be found again. */
	explicit_bzero(pool + pool_left, n);
}

uint64_t rand_u64(void)
{
	uint64_t v;

	rand_bytes(&v, sizeof(v));
	return v;
}
