#include "domain/mention.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever the text: each handle is a part of it that stands behind an '@', and there are not too many. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_EMPTY;
	struct str found[MENTIONS_MAX];
	size_t n = mentions_find((struct str){ (const char *)data, size }, &a, found);

	if (n > MENTIONS_MAX)
		abort();
	for (size_t i = 0; i < n; i++) {
		if (found[i].n == 0 || found[i].n > MENTION_LEN_MAX || found[i].n >= size)
			abort();
	}
	arena_reset(&a);
	return 0;
}
