/*
 * Files inside the program: the pages of the documentation and what they need. scripts/embed made the table at
 * build; a build with DOCS=0 has our own files, but neither Swagger UI nor ReDoc.
 */
#ifndef BUGD_API_EMBEDDED_H
#define BUGD_API_EMBEDDED_H

#include "base/str.h"

#include <stdbool.h>

struct embedded_file {
	const char *name;
	const char *begin, *end;
	bool gzip; /* stored compressed (RFC 1952) */
};

extern const struct embedded_file embedded_files[]; /* ended by a NULL name */

/* The content of a file that is stored as it is; absent when there is none of this name. */
struct str embedded_text(const char *name);

#endif
