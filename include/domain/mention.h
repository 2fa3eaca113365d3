/*
 * Mentions in texts: "@a.new.user" names people by their handles. The text is Markdown (CommonMark): what stands in
 * code is no mention, and neither is the middle of a word, as in an e-mail address.
 */
#ifndef BUGD_DOMAIN_MENTION_H
#define BUGD_DOMAIN_MENTION_H

#include "base/arena.h"

#define MENTIONS_MAX    50
#define MENTION_LEN_MAX 255

/*
 * The handles of the text, each once, in lower case (of ASCII; other letters as they are), at most MENTIONS_MAX, in
 * order of appearance. Their memory is the arena's. Returns how many.
 */
size_t mentions_find(struct str text, struct arena *a, struct str out[MENTIONS_MAX]);

#endif
