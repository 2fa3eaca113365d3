#include "base/arena.h"

#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define poison(p, n)   ASAN_POISON_MEMORY_REGION((p), (n))
#define unpoison(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#define RED_ZONE       16
#else
#define poison(p, n)   ((void)(p), (void)(n))
#define unpoison(p, n) ((void)(p), (void)(n))
#define RED_ZONE       0
#endif

#define ALIGN       16
#define CHUNK_BYTES 8192
#define KEPT_MAX    256 /* chunks of the usual size that wait for their next use */

struct arena_chunk {
	struct arena_chunk *next;
	size_t bytes; /* with this header */
} __attribute__((aligned(ALIGN)));

struct arena_deferred {
	struct arena_deferred *next;
	void (*release)(void *);
	void *thing;
};

static struct arena_chunk *kept;
static size_t kept_count;

static struct arena_chunk *chunk_get(size_t bytes)
{
	struct arena_chunk *c = kept;

	if (bytes != CHUNK_BYTES || !c) {
		c = mem_alloc(bytes);
		c->bytes = bytes;
		return c;
	}
	unpoison(c, c->bytes);
	kept = c->next;
	kept_count--;
	return c;
}

static void chunk_put(struct arena_chunk *c)
{
	unpoison(c, c->bytes);
	if (c->bytes != CHUNK_BYTES || kept_count == KEPT_MAX) {
		free(c);
		return;
	}
	c->next = kept;
	kept = c;
	kept_count++;
	poison(c + 1, c->bytes - sizeof(*c));
}

static void arena_add_chunk(struct arena *a, size_t n)
{
	size_t bytes =
		n > CHUNK_BYTES - sizeof(struct arena_chunk) ? n + sizeof(struct arena_chunk) : CHUNK_BYTES;
	struct arena_chunk *c = chunk_get(bytes);

	a->total += bytes;
	/* A chunk made for one large thing must not hide the free rest of the one before it. */
	if (bytes != CHUNK_BYTES && a->chunk) {
		c->next = a->chunk->next;
		a->chunk->next = c;
		return;
	}
	c->next = a->chunk;
	a->chunk = c;
	a->at = (char *)(c + 1);
	a->end = (char *)c + bytes;
	poison(a->at, (size_t)(a->end - a->at));
}

void *arena_alloc(struct arena *a, size_t n)
{
	if (n > SIZE_MAX / 2)
		return mem_alloc(n); /* aborts */

	size_t room = ((n ? n : 1) + RED_ZONE + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	char *p = a->at;

	if ((size_t)(a->end - a->at) >= room) {
		a->at += room;
	} else {
		struct arena_chunk *before = a->chunk;

		arena_add_chunk(a, room);
		if (before && a->chunk == before) {
			p = (char *)(before->next + 1);
		} else {
			p = a->at;
			a->at += room;
		}
	}
	unpoison(p, n);
	return memset(p, 0, n);
}

void *arena_alloc_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		bytes = SIZE_MAX;
	return arena_alloc(a, bytes);
}

struct str arena_str(struct arena *a, struct str s)
{
	char *copy;

	if (!s.p)
		return s;
	copy = arena_alloc(a, s.n + 1);
	if (s.n)
		memcpy(copy, s.p, s.n);
	return (struct str){ copy, s.n };
}

struct str arena_vprintf(struct arena *a, const char *format, va_list args)
{
	va_list again;
	int n;
	char *out;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	if (n < 0)
		n = 0;
	out = arena_alloc(a, (size_t)n + 1);
	vsnprintf(out, (size_t)n + 1, format, again);
	va_end(again);
	return (struct str){ out, (size_t)n };
}

struct str arena_printf(struct arena *a, const char *format, ...)
{
	struct str text;
	va_list args;

	va_start(args, format);
	text = arena_vprintf(a, format, args);
	va_end(args);
	return text;
}

void arena_defer(struct arena *a, void (*release)(void *), void *thing)
{
	struct arena_deferred *d = arena_new(a, struct arena_deferred);

	d->release = release;
	d->thing = thing;
	d->next = a->deferred;
	a->deferred = d;
}

void arena_reset(struct arena *a)
{
	struct arena_chunk *next;

	for (struct arena_deferred *d = a->deferred; d; d = d->next)
		d->release(d->thing);
	for (struct arena_chunk *c = a->chunk; c; c = next) {
		next = c->next;
		chunk_put(c);
	}
	*a = ARENA_EMPTY;
}

void arena_trim(void)
{
	while (kept) {
		struct arena_chunk *c = kept;

		unpoison(c, c->bytes);
		kept = c->next;
		free(c);
	}
	kept_count = 0;
}
