/* "Did you mean …?": the name that was probably meant, when one is near enough to be proposed. */
#ifndef BUGD_JSON_SUGGEST_H
#define BUGD_JSON_SUGGEST_H

#include "base/str.h"

struct suggestion {
	struct str given;
	const char *best; /* NULL: none so far */
	size_t distance;
};

/* A suggestion for what was given, whatever it is. */
struct suggestion suggest_for(struct str given);

/* Takes the name into account. */
void suggest_consider(struct suggestion *s, const char *name);

#endif
