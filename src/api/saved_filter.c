/* What a saved filter means for the list of issues. */
#include "api/saved_filter.h"

#include "db/row.h"
#include "http/query.h"

static bool apply(struct exchange *x, const struct shape *shape, void *query, struct saved_filter *f)
{
	const PGresult *r = f->reply->result[0];
	struct field_errors errors = { .arena = &x->arena };
	void *saved = arena_alloc(&x->arena, shape->size);
	struct str text;

	if (f->reply->row < 0) {
		exchange_fail_field(x, "filter", "unknown", "There is no such filter.");
		return false;
	}
	text = arena_str(&x->arena, row_text(r, f->reply->row, row_column(r, "query")));
	if (query_read(text, shape, saved, &errors)) {
		exchange_fail_field(x, "filter", "invalid_value",
				    "The filter is not valid here; GET /filters/{id} shows it.");
		return false;
	}
	query_merge(shape, query, saved);
	f->scope = arena_printf(&x->arena, "filter %lld of ",
				(long long)row_int(r, f->reply->row, row_column(r, "version")));
	return true;
}

enum co_state saved_filter_apply(struct exchange *x, const struct uuid *id, const struct shape *shape,
				 void *query, struct saved_filter *f)
{
	co_begin(f);
	co_db(f, x, f->reply, filter_by_id, .caller = access_of(x), .id = *id);
	if (!apply(x, shape, query, f))
		return CO_FAILED;
	co_end();
}
