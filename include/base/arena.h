/*
 * An arena: memory with one lifetime, given back in one go.
 *
 * A request has one, and so has whatever else lives as a unit. Memory comes zeroed and aligned for any
 * type. Things that are not memory (a PGresult, a file) are registered with arena_defer and released, last
 * registered first, when the arena is reset; so the code that uses an arena has no clean-up paths.
 * Under AddressSanitizer unused and released bytes are poisoned.
 */
#ifndef BUGD_BASE_ARENA_H
#define BUGD_BASE_ARENA_H

#include "base/str.h"

#include <stdarg.h>
#include <stddef.h>

struct arena_chunk;
struct arena_deferred;

struct arena {
	struct arena_chunk *chunk; /* the newest; older ones are linked behind it */
	char *at, *end;            /* the free part of it */
	struct arena_deferred *deferred;
	size_t total; /* bytes of all chunks, for bounds and metrics */
};

/* An arena of zero bytes: the first allocation gets the first chunk. */
#define ARENA_EMPTY ((struct arena){ 0 })

/* n zeroed bytes, aligned to 16. Never NULL. */
void *arena_alloc(struct arena *a, size_t n) __attribute__((returns_nonnull, alloc_size(2)));
#define arena_new(a, type)      ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc_array((a), (n), sizeof(type)))

/* n * size zeroed bytes; aborts when the product overflows. */
void *arena_alloc_array(struct arena *a, size_t n, size_t size) __attribute__((returns_nonnull));

/* A copy of the slice with a NUL behind it. An absent slice stays absent. */
struct str arena_str(struct arena *a, struct str s);

/* printf into the arena, for texts that people read; never for JSON or SQL. */
struct str arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct str arena_vprintf(struct arena *a, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* Calls release(thing) at the reset. */
void arena_defer(struct arena *a, void (*release)(void *), void *thing);

/* Runs what was deferred and gives all memory back; the arena is empty and usable again. */
void arena_reset(struct arena *a);

/*
 * Chunks of the usual size are kept for the next arena. This gives the kept ones back to the system, for
 * leak checkers and an idle process.
 */
void arena_trim(void);

#endif
