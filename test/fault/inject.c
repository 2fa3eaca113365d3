/*
 * Faults for the real program, in a binary of the tests' own (build/bugd-faults): the n-th allocation fails, of ours
 * or of any library, and the clock of the day is another one.
 *
 * FAULTS names a file that is a struct faults, which the test writes at any time (test/support/faults.js).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct faults {
	_Atomic int64_t allocations; /* so far, counted here */
	_Atomic int64_t fail_from;   /* the first one that fails; 0: none */
	_Atomic int64_t fail_count;  /* how many fail from there on */
	_Atomic int64_t failed;      /* counted here */
	_Atomic int64_t clock_s;     /* seconds that CLOCK_REALTIME is ahead */
};

static struct faults none, *faults = &none;

__attribute__((constructor)) static void find(void)
{
	const char *path = getenv("FAULTS");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *p;

	if (fd < 0)
		return;
	p = mmap(NULL, sizeof(*faults), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (p != MAP_FAILED)
		faults = p;
}

static int fails(void)
{
	int64_t n = atomic_fetch_add(&faults->allocations, 1) + 1, from = atomic_load(&faults->fail_from);

	if (!from || n < from || n >= from + atomic_load(&faults->fail_count))
		return 0;
	atomic_fetch_add(&faults->failed, 1);
	errno = ENOMEM;
	return 1;
}

/* What the program defines counts for all libraries; glibc's own stay reachable by these names. */
extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *p, size_t n);

void *malloc(size_t n)
{
	return fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *p, size_t n)
{
	return fails() ? NULL : __libc_realloc(p, n);
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	int status = (int)syscall(SYS_clock_gettime, id, t);

	if (status == 0 && id == CLOCK_REALTIME)
		t->tv_sec += atomic_load(&faults->clock_s);
	return status;
}
