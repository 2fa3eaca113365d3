/* What a file is, by its content (libmagic). Any thread; the tables are loaded once. */
#ifndef BUGD_IO_FILETYPE_H
#define BUGD_IO_FILETYPE_H

#include <stddef.h>

#define FILETYPE_MAX 128

/*
 * The media type of a file that begins with these bytes, in lower case, without parameters;
 * application/octet-stream when nobody knows. Sees no more than them, so a few KiB are enough.
 */
void filetype_of(const void *head, size_t n, char out[FILETYPE_MAX]);

/* Frees the tables, at the end of the process. */
void filetype_stop(void);

#endif
