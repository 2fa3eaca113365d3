#include "base/str.h"
#include "domain/search.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_part(struct str part, struct str whole)
{
	if (part.p < whole.p || part.n > whole.n || part.p + part.n > whole.p + whole.n)
		abort();
}

/* Whatever the text: what is found is a part of it, an error has a place in it, and there are not too many items. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_EMPTY;
	struct str text = arena_str(&a, (struct str){ (const char *)data, size });
	struct search_error error = { 0 };
	struct search s;

	if (!search_parse(text, &a, &s, &error)) {
		if (!error.code || !error.detail.n || error.at < 1 || error.at > size + 1)
			abort();
	} else if (s.terms + s.qualifiers > SEARCH_ITEMS_MAX) {
		abort();
	}
	for (size_t i = 0; i < s.terms; i++)
		check_part(s.term[i].text, text);
	for (size_t i = 0; i < s.qualifiers; i++)
		check_part(s.qualifier[i].value, text);
	arena_reset(&a);
	return 0;
}
