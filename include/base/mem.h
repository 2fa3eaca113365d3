/*
 * Memory of the process: malloc that does not return without memory.
 *
 * Every buffer and queue of bugd has a bound, so running out means that the machine or its limit is too
 * small for the settings. Nothing sensible can be answered then: the process says so on stderr and aborts,
 * PostgreSQL rolls back what was not committed, and the service manager starts a new process.
 */
#ifndef BUGD_BASE_MEM_H
#define BUGD_BASE_MEM_H

#include <stddef.h>

/* n bytes, not initialised. Never NULL. Free with free(). */
void *mem_alloc(size_t n) __attribute__((malloc, returns_nonnull, alloc_size(1)));

/* count * size bytes of zero; aborts when the product overflows. Never NULL. */
void *mem_zalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull, alloc_size(1, 2)));

/* Like realloc(3), never NULL. */
void *mem_realloc(void *p, size_t n) __attribute__((returns_nonnull, alloc_size(2)));

/* A copy of n bytes with a NUL behind them. */
char *mem_dup(const char *p, size_t n) __attribute__((malloc, returns_nonnull));

#endif
