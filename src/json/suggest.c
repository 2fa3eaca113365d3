#include "json/suggest.h"

#include "base/ascii.h"

#define NAME_MAX_LEN 32
#define PREFIX_MIN   4
#define FAR          ((size_t)-1)

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * How many letters have to be put in, left out, changed or swapped with their neighbour to make b of a
 * (optimal string alignment), upper and lower case being the same. Both have at most NAME_MAX_LEN.
 */
static size_t edit_distance(struct str a, struct str b)
{
	size_t rows[3][NAME_MAX_LEN + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b.n; j++)
		above[j] = before[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			char x = ascii_lower(a.p[i - 1]), y = ascii_lower(b.p[j - 1]);

			row[j] = min(min(above[j], row[j - 1]) + 1, above[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == ascii_lower(b.p[j - 2]) && ascii_lower(a.p[i - 2]) == y)
				row[j] = min(row[j], before[j - 2] + 1);
		}

		size_t *oldest = before;

		before = above;
		above = row;
		row = oldest;
	}
	return above[b.n];
}

static bool is_beginning(struct str a, struct str b)
{
	return a.n >= PREFIX_MIN && a.n < b.n && str_ieq(a, (struct str){ b.p, a.n });
}

/* FAR when nobody would think of one at the sight of the other. */
static size_t distance(struct str given, struct str name)
{
	size_t shorter = min(given.n, name.n);
	size_t edits;

	if (given.n == 0 || given.n > NAME_MAX_LEN || name.n > NAME_MAX_LEN)
		return FAR;
	edits = edit_distance(given, name);
	if (edits <= (shorter <= 4 ? 1 : shorter <= 8 ? 2 : 3) && edits < shorter)
		return edits;
	/* "assignee" for "assignee_id", and the other way round. */
	return is_beginning(given, name) || is_beginning(name, given) ? edits : FAR;
}

struct suggestion suggest_for(struct str given)
{
	return (struct suggestion){ .given = given, .best = NULL, .distance = FAR };
}

void suggest_consider(struct suggestion *s, const char *name)
{
	size_t d = distance(s->given, str_of(name));

	if (d < s->distance) {
		s->best = name;
		s->distance = d;
	}
}
