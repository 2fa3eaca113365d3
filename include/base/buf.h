/*
 * A growing buffer of bytes, of the heap, for output that is built piece by piece.
 *
 * A zeroed struct is an empty buffer. Appending never fails (see base/mem.h): whoever lets a client decide
 * how much is appended has to bound it.
 */
#ifndef BUGD_BASE_BUF_H
#define BUGD_BASE_BUF_H

#include "base/str.h"

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

struct buf {
	char *p;
	size_t n;   /* bytes used */
	size_t cap; /* bytes allocated */
};

/* Makes room for `more` bytes behind the used ones and returns a pointer to it; the caller adds to n. */
char *buf_grow(struct buf *b, size_t more) __attribute__((returns_nonnull));

static inline char *buf_reserve(struct buf *b, size_t more)
{
	return b->cap - b->n >= more && b->p ? b->p + b->n : buf_grow(b, more);
}

static inline void buf_add(struct buf *b, const void *p, size_t n)
{
	if (n == 0)
		return;
	memcpy(buf_reserve(b, n), p, n);
	b->n += n;
}

static inline void buf_add_str(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}

static inline void buf_add_char(struct buf *b, char c)
{
	*buf_reserve(b, 1) = c;
	b->n++;
}

#define buf_add_lit(b, literal) buf_add((b), "" literal, sizeof(literal) - 1)

void buf_add_u64(struct buf *b, uint64_t v);
void buf_add_i64(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

static inline struct str buf_str(const struct buf *b)
{
	return (struct str){ b->p ? b->p : "", b->n };
}

/* Drops the first n bytes. */
void buf_consume(struct buf *b, size_t n);

/* Empties the buffer and keeps its memory for reuse, unless it is larger than `keep` bytes. */
void buf_clear(struct buf *b, size_t keep);
void buf_free(struct buf *b);

#endif
