/*
 * A slice of bytes: pointer and length, no NUL promised, nothing owned.
 *
 * A slice whose pointer is NULL means "absent" (SQL NULL, a field that was not given); an empty text has a
 * pointer and the length 0.
 */
#ifndef BUGD_BASE_STR_H
#define BUGD_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
	const char *p;
	size_t n;
};

/* A slice over a string literal, usable in initialisers. */
#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_INIT(literal)                                                                                    \
	{                                                                                                    \
		"" literal, sizeof(literal) - 1                                                              \
	}
#define STR_NONE ((struct str){ NULL, 0 })

/* For printf: printf("%.*s", STR_FMT(s)). */
#define STR_FMT(s) (int)(s).n, (s).p

struct str str_of(const char *z); /* over a NUL-terminated string; NULL gives STR_NONE */
bool str_eq(struct str a, struct str b);
bool str_eq_z(struct str a, const char *z);
bool str_ieq(struct str a, struct str b); /* ASCII letters without regard to case */
bool str_ieq_z(struct str a, const char *z);
bool str_starts(struct str s, struct str prefix);

/* The slice without ASCII space and tab at both ends (OWS of RFC 9110, section 5.6.3). */
struct str str_trim(struct str s);

/*
 * Cuts *rest at the first `sep`: returns what is before it and leaves in *rest what is behind it, or
 * STR_NONE when there was no further separator. Use: while (rest.p) item = str_cut(&rest, ',');
 */
struct str str_cut(struct str *rest, char sep);

/* A whole decimal number with an optional leading '-', nothing else. False: no number or out of range. */
bool str_to_i64(struct str s, int64_t *out);

#endif
