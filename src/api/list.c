#include "api/list.h"

#include "api/page.h"
#include "domain/cursor.h"

#include <string.h>

static const char *const count_names[] = { "capped", "exact", "none" };
const struct enum_names list_count_names = { "list_count", count_names, 3 };

static bool fail(struct exchange *x, const char *field, const char *code, struct str detail)
{
	exchange_fail(x, ERR_VALIDATION);
	field_error_add(&x->problem.fields, str_of(field), code, detail);
	return false;
}

/* ---- order ---- */

static const struct order_column *find_column(const struct list_kind *kind, struct str name)
{
	for (size_t i = 0; i < kind->order_count; i++) {
		if (str_eq_z(name, kind->orders[i].name))
			return &kind->orders[i];
	}
	return NULL;
}

static bool has_column(const struct choice *c, const struct order_column *column)
{
	for (size_t i = 0; i < c->order_count; i++) {
		if (c->order[i].column == column)
			return true;
	}
	return false;
}

/* The shape has checked that the column is one of the list's. */
static void add_term(struct list_run *run, struct str text)
{
	bool descending = str_starts(text, STR("-"));
	struct str name = descending ? (struct str){ text.p + 1, text.n - 1 } : text;
	const struct order_column *column = find_column(run->kind, name);

	/* A field that was there already decides nothing any more. */
	if (column && !has_column(&run->choice, column))
		run->choice.order[run->choice.order_count++] = (struct order_term){ column, descending };
}

static void plan_order(struct list_run *run)
{
	const struct str *sort = run->query->sort.v;
	const struct order_column *id = &run->kind->orders[run->kind->order_count - 1];

	for (size_t i = 0; i < run->query->sort.n; i++)
		add_term(run, sort[i]);
	if (run->query->sort.n == 0)
		add_term(run, str_of(run->default_sort ? run->default_sort : run->kind->default_sort));
	/* Ties go the way of the first field, so that one index serves both. */
	if (!has_column(&run->choice, id))
		run->choice.order[run->choice.order_count++] =
			(struct order_term){ id, run->choice.order[0].descending };
}

/* ---- place ---- */

static bool plan_cursor(struct exchange *x, struct list_run *run)
{
	struct cursor c;

	if (run->query->page)
		return fail(x, "cursor", "conflict", STR("Give either a page or a cursor."));
	run->by_cursor = true;
	run->identity = page_identity(x);
	if (run->scope.p)
		run->identity =
			arena_printf(&x->arena, "%.*s%.*s", STR_FMT(run->scope), STR_FMT(run->identity));
	if (run->query->cursor.n == 0)
		return true;
	if (!cursor_decode(run->query->cursor, run->identity, api_of(x)->cursor_key, &x->arena, &c) ||
	    c.count != run->choice.order_count)
		return fail(x, "cursor", "invalid_cursor",
			    STR("The cursor is not one of this list, with these filters and this order."));
	run->continued = true;
	run->choice.after = true;
	run->choice.backward = c.backward;
	memcpy(run->choice.after_values, c.values, run->choice.order_count * sizeof(*c.values));
	return true;
}

static bool plan_page(struct exchange *x, struct list_run *run)
{
	int64_t page = run->query->page ? run->query->page : 1;

	if (page <= LIST_OFFSET_MAX / run->size)
		return true;
	return fail(x, "page", "out_of_range",
		    arena_printf(&x->arena, "Pages end after %d items; a cursor leads further.",
				 LIST_OFFSET_MAX));
}

bool list_plan(struct exchange *x, struct list_run *run, const struct list_kind *kind,
	       const struct list_query *query)
{
	run->kind = kind;
	run->query = query;
	run->size = query->size ? query->size : LIST_SIZE_DEFAULT;
	plan_order(run);
	return query->cursor.p ? plan_cursor(x, run) : plan_page(x, run);
}

/* ---- rows ---- */

/* How far to count; 0: not at all. A list by cursor has no total. */
static int64_t count_limit(const struct list_run *run)
{
	if (run->by_cursor || str_eq_z(run->query->count, "none"))
		return 0;
	return str_eq_z(run->query->count, "exact") ? INT64_MAX : LIST_COUNT_CAP + 1;
}

static bool is_first(const struct list_run *run)
{
	return !run->continued && run->query->page <= 1;
}

/* A page behind the last one has no row that could say it. */
static bool rows_say_total(const struct list_run *run)
{
	return run->matches && is_first(run) && count_limit(run);
}

static void submit(struct exchange *x, struct list_run *run, void *args, int64_t *limit, int64_t *offset)
{
	const struct list_kind *kind = run->kind;
	struct op *op = db_begin(api_of(x)->db, kind->statement->lane);
	struct choice choice = run->choice;

	*limit = run->size + 1; /* one more tells whether there is a next page */
	*offset = run->query->page ? (run->query->page - 1) * run->size : 0;
	choice.options |= run->row_options | OPTION(kind->rows) | (*offset ? OPTION(kind->offset) : 0);
	db_add_composed(op, kind->statement, &choice, args);
	if (rows_say_total(run)) {
		/* nothing more is asked */
	} else if (count_limit(run) && run->counter) {
		db_add(op, run->counter, run->counter_args);
	} else if (count_limit(run)) {
		*limit = count_limit(run);
		choice.options = run->choice.options | OPTION(kind->count);
		choice.order_count = 0;
		db_add_composed(op, kind->statement, &choice, args);
	}
	if (run->large)
		db_mark_large(op);
	run->reply = read_submit(x, op);
}

static void add_total(const struct list_run *run, struct page *p)
{
	bool by_rows = rows_say_total(run);
	const PGresult *r = run->reply->result[by_rows ? 0 : 1];

	p->counted = by_rows || run->reply->count > 1;
	if (!p->counted)
		return;
	if (PQntuples(r))
		p->total = row_int(r, 0, by_rows ? row_column(r, run->matches) : 0);
	if (run->matches)
		p->total_exact = p->total < run->matches_max;
	else
		p->total_exact = run->counter || count_limit(run) == INT64_MAX || p->total <= LIST_COUNT_CAP;
	if (!p->total_exact && !run->matches)
		p->total = LIST_COUNT_CAP;
}

static struct page make_page(const struct list_run *run)
{
	const PGresult *rows = run->reply->result[0];
	int n = PQntuples(rows);
	bool more = n > run->size;
	struct page p = { .rows = rows, .shown = more ? (int)run->size : n, .step = 1 };

	p.last = p.shown - 1;
	p.has_next = run->choice.backward ? true : more;
	p.has_prev = run->choice.backward ? more : run->by_cursor ? run->continued : run->query->page > 1;
	if (run->choice.backward) {
		p.first = p.shown - 1;
		p.last = 0;
		p.step = -1;
	}
	add_total(run, &p);
	if (run->similar) {
		p.has_next = false;
		p.total = p.shown;
		p.total_exact = true;
	}
	return p;
}

static void write_rows(const struct page *p, const struct row_shape *shape, uint64_t mask, struct json *j)
{
	json_array_begin(j);
	for (int i = 0, row = p->first; i < p->shown; i++, row += p->step)
		row_write(j, shape, p->rows, row, mask);
	json_array_end(j);
}

/* When others asked for the same, the rows are written once for all who want the same fields. */
static void write_items(struct exchange *x, struct db_writing *writing, const struct page *p,
			const struct row_shape *shape, uint64_t mask, struct json *j)
{
	struct buf *body = &x->response.body;
	size_t start = body->n;

	if (writing && writing->text.n && writing->mask == mask) {
		json_raw(j, buf_str(&writing->text));
		return;
	}
	write_rows(p, shape, mask, j);
	if (writing && !writing->text.n) {
		buf_add(&writing->text, body->p + start, body->n - start);
		writing->mask = mask;
	}
}

static bool write_page(struct exchange *x, const struct list_run *run)
{
	struct page p = make_page(run);
	const struct row_shape *shape = row_shape(run->kind->statement, p.rows);
	uint64_t mask;
	struct json j;

	if (!answer_mask(x, shape, &run->query->fields, &mask))
		return false;
	j = response_json(&x->response, 200);
	json_object_begin(&j);
	json_key_raw(&j, JSON_KEY("items"));
	write_items(x, run->reply->writing, &p, shape, mask, &j);
	page_write_meta(x, run, &p, &j);
	json_object_end(&j);
	answer_conditional(x, 0, true);
	return true;
}

static bool tries_otherwise(const struct list_run *run)
{
	return run->otherwise && is_first(run) && PQntuples(run->reply->result[0]) == 0;
}

enum co_state list_answer(struct exchange *x, struct list_run *run, void *args, int64_t *limit,
			  int64_t *offset)
{
	co_begin(run);
	submit(x, run, args, limit, offset);
	co_await(run, x, &run->reply->wait);
	if (run->reply->err)
		co_fail(handler_db_failed(x, run->reply));
	if (tries_otherwise(run)) {
		run->choice.options = run->otherwise;
		submit(x, run, args, limit, offset);
		co_await(run, x, &run->reply->wait);
		if (run->reply->err)
			co_fail(handler_db_failed(x, run->reply));
		run->similar = PQntuples(run->reply->result[0]) > 0;
	}
	if (!write_page(x, run))
		return CO_FAILED;
	co_end();
}
