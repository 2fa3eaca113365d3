/* Whole files, read at once and blocking: for settings and other small things at the start. */
#ifndef BUGD_APP_FILE_H
#define BUGD_APP_FILE_H

#include "base/arena.h"

#include <stdbool.h>

#define FILE_ERROR_MAX 320

bool file_exists(const char *path);

/* Whether it is there and no regular file: a pipe or the like, which may be read once, or make the reader wait. */
bool file_is_stream(const char *path);

/*
 * Reads the file into the arena, with a NUL behind it. It may hold secrets, so it is wiped at the arena's
 * reset. False: it cannot be read, or has more than `most` bytes; `error` says so in a sentence.
 */
bool file_read(const char *path, size_t most, struct arena *a, struct str *out, char error[FILE_ERROR_MAX]);

/* A copy in the arena, NUL-terminated, that is wiped at its reset. */
char *secret_copy(struct arena *a, struct str s);

#endif
