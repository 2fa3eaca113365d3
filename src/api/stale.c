#include "api/stale.h"

#include "api/problem.h"
#include "db/row.h"

void stale_fail(struct exchange *x, const struct precondition *precondition, const struct statement *st,
		const PGresult *r, int row)
{
	struct buf b = { 0 };
	struct json j = json_writer(&b);

	row_write(&j, row_shape(st, r), r, row, UINT64_MAX);
	exchange_fail(x, precondition_error(precondition));
	problem_member(x, "current", arena_str(&x->arena, buf_str(&b)));
	buf_free(&b);
}
