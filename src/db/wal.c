#include "db/wal.h"

#include "base/ascii.h"

#include <inttypes.h>
#include <stdio.h>

void wal_token_format(uint64_t lsn, char out[WAL_TOKEN_LEN + 1])
{
	snprintf(out, WAL_TOKEN_LEN + 1, "%016" PRIx64, lsn);
}

bool wal_token_parse(struct str s, uint64_t *lsn)
{
	uint64_t v = 0;

	if (s.n != WAL_TOKEN_LEN)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int d = ascii_hex(s.p[i]);

		if (d < 0)
			return false;
		v = v << 4 | (unsigned)d;
	}
	*lsn = v;
	return true;
}

static const struct wal_sample *sample(const struct wal_clock *c, size_t i)
{
	return &c->v[(c->first + i) % WAL_SAMPLES];
}

void wal_clock_add(struct wal_clock *c, uint64_t lsn, uint64_t at_us)
{
	struct wal_sample *last = c->count ? &c->v[(c->first + c->count - 1) % WAL_SAMPLES] : NULL;

	if (last && lsn < last->lsn) {
		c->count = 0;
		last = NULL;
	}
	/* Nothing was written since, so who has come this far has what was there now, too. */
	if (last && lsn == last->lsn) {
		last->at_us = at_us;
		return;
	}
	if (c->count == WAL_SAMPLES) {
		c->first = (c->first + 1) % WAL_SAMPLES;
		c->count--;
	}
	c->v[(c->first + c->count++) % WAL_SAMPLES] = (struct wal_sample){ lsn, at_us };
}

uint64_t wal_clock_at(const struct wal_clock *c, uint64_t lsn)
{
	for (size_t i = c->count; i > 0; i--) {
		if (sample(c, i - 1)->lsn <= lsn)
			return sample(c, i - 1)->at_us;
	}
	return 0;
}

uint64_t wal_clock_last(const struct wal_clock *c)
{
	return c->count ? sample(c, c->count - 1)->at_us : 0;
}
