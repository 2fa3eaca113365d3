#include "http/range.h"

#include <string.h>

/* Digits alone; what is too large is as far behind every end as anything. */
static bool read_position(struct str s, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned)(s.p[i] - '0');

		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*out = *out > (UINT64_MAX - digit) / 10 ? UINT64_MAX : *out * 10 + digit;
	}
	return s.n > 0;
}

/* "-500": the last ones. */
static enum range_outcome read_suffix(struct str digits, uint64_t size, struct range *out)
{
	uint64_t n;

	if (!read_position(digits, &n))
		return RANGE_WHOLE;
	if (n == 0 || size == 0)
		return RANGE_UNSATISFIABLE;
	n = n < size ? n : size;
	*out = (struct range){ size - n, n };
	return RANGE_PART;
}

static enum range_outcome read_range(struct str spec, uint64_t size, struct range *out)
{
	struct str rest = spec, from = str_cut(&rest, '-');
	uint64_t first, last = UINT64_MAX;

	if (!rest.p)
		return RANGE_WHOLE;
	if (from.n == 0)
		return read_suffix(rest, size, out);
	if (!read_position(from, &first) || (rest.n && (!read_position(rest, &last) || last < first)))
		return RANGE_WHOLE; /* not a range at all, so it is ignored */
	if (first >= size)
		return RANGE_UNSATISFIABLE;
	last = last < size ? last : size - 1;
	*out = (struct range){ first, last - first + 1 };
	return RANGE_PART;
}

enum range_outcome range_of(const struct request *r, uint64_t size, struct str etag, struct range *out)
{
	struct str range = request_header(r, "Range"), condition = request_header(r, "If-Range"), unit;

	if (!range.p || r->method != HTTP_GET || request_header_count(r, "Range") > 1)
		return RANGE_WHOLE;
	/* A weak tag never fits, nor does a date: files are known by their tags alone. */
	if (condition.p && !str_eq(condition, etag))
		return RANGE_WHOLE;
	unit = str_trim(str_cut(&range, '='));
	if (!range.p || !str_ieq_z(unit, "bytes") || memchr(range.p, ',', range.n))
		return RANGE_WHOLE;
	return read_range(str_trim(range), size, out);
}
