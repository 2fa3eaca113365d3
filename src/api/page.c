#include "api/page.h"

#include "domain/cursor.h"

#include <stdlib.h>
#include <string.h>

#define PARAMS_MAX 256

/* Parameters that move within a list or choose what is shown of it. */
static bool moves(struct str param)
{
	static const char *const names[] = { "page", "size", "cursor", "count", "fields" };
	struct str name = str_cut(&param, '=');

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (str_eq_z(name, names[i]))
			return true;
	}
	return false;
}

static int compare(const void *a, const void *b)
{
	const struct str *x = a, *y = b;
	size_t n = x->n < y->n ? x->n : y->n;
	int order = memcmp(x->p, y->p, n);

	return order ? order : (x->n > y->n) - (x->n < y->n);
}

static size_t split(struct str query, struct str *params)
{
	size_t n = 0;

	while (query.p && n < PARAMS_MAX) {
		struct str param = str_cut(&query, '&');

		if (param.n && !moves(param))
			params[n++] = param;
	}
	return n;
}

struct str page_identity(struct exchange *x)
{
	struct str params[PARAMS_MAX];
	size_t n = split(x->request.query, params);
	struct buf b = { 0 };
	struct str text;

	qsort(params, n, sizeof(*params), compare);
	buf_add_str(&b, x->request.path);
	for (size_t i = 0; i < n; i++) {
		buf_add_char(&b, '&');
		buf_add_str(&b, params[i]);
	}
	text = arena_str(&x->arena, buf_str(&b));
	buf_free(&b);
	return text;
}

/* The cursor at a row, going on behind it or before it. */
static struct str make_cursor(struct exchange *x, const struct list_run *run, const struct page *p, int row,
			      bool backward)
{
	struct cursor c = { .backward = backward, .count = run->choice.order_count };
	struct buf b = { 0 };
	struct str text;

	for (size_t i = 0; i < c.count; i++) {
		int column = row_column(p->rows, run->choice.order[i].column->key);

		if (column >= 0 && !row_is_null(p->rows, row, column))
			c.values[i] = (struct str){ PQgetvalue(p->rows, row, column),
						    (size_t)PQgetlength(p->rows, row, column) };
	}
	cursor_encode(&c, run->identity, api_of(x)->cursor_key, &b);
	text = arena_str(&x->arena, buf_str(&b));
	buf_free(&b);
	return text;
}

/* The same list with other parameters of place. `what` is "page=3" or "cursor=…". */
static void add_link(struct exchange *x, struct buf *links, const char *rel, struct str what)
{
	struct str query = x->request.query;
	struct str target = x->request.target;

	if (links->n)
		buf_add_lit(links, ", ");
	buf_add_char(links, '<');
	buf_add_str(links, str_cut(&target, '?'));
	buf_add_char(links, '?');
	while (query.p) {
		struct str param = str_cut(&query, '&');
		struct str rest = param;
		struct str name = str_cut(&rest, '=');

		if (param.n == 0 || str_eq_z(name, "page") || str_eq_z(name, "cursor"))
			continue;
		buf_add_str(links, param);
		buf_add_char(links, '&');
	}
	buf_add_str(links, what);
	buf_printf(links, ">; rel=\"%s\"", rel);
}

static void link_page(struct exchange *x, struct buf *links, const char *rel, int64_t page)
{
	add_link(x, links, rel, arena_printf(&x->arena, "page=%lld", (long long)page));
}

static void link_cursor(struct exchange *x, struct buf *links, const char *rel, struct str cursor)
{
	add_link(x, links, rel, arena_printf(&x->arena, "cursor=%.*s", STR_FMT(cursor)));
}

static void meta_int(struct json *j, struct str key, int64_t v)
{
	json_key_raw(j, key);
	json_int(j, v);
}

static void meta_bool(struct json *j, struct str key, bool v)
{
	json_key_raw(j, key);
	json_bool(j, v);
}

static void write_by_page(struct exchange *x, const struct list_run *run, const struct page *p,
			  struct json *j, struct buf *links)
{
	int64_t page = run->query->page ? run->query->page : 1;
	int64_t pages = (p->total + run->size - 1) / run->size;

	meta_int(j, JSON_KEY("page"), page);
	meta_int(j, JSON_KEY("size"), run->size);
	if (p->counted) {
		meta_int(j, JSON_KEY("total"), p->total);
		meta_bool(j, JSON_KEY("total_exact"), p->total_exact);
		meta_int(j, JSON_KEY("pages"), pages);
	}
	link_page(x, links, "first", 1);
	if (p->has_prev)
		link_page(x, links, "prev", page - 1);
	if (p->has_next)
		link_page(x, links, "next", page + 1);
	/* The last page is known only when everything was counted, and only led to when it may be asked for. */
	if (p->counted && p->total_exact && pages <= LIST_OFFSET_MAX / run->size)
		link_page(x, links, "last", pages ? pages : 1);
}

static void write_by_cursor(struct exchange *x, const struct list_run *run, const struct page *p,
			    struct json *j, struct buf *links)
{
	struct str next = STR_NONE, prev = STR_NONE;

	if (p->has_next && p->shown)
		next = make_cursor(x, run, p, p->last, false);
	if (p->has_prev && p->shown)
		prev = make_cursor(x, run, p, p->first, true);
	meta_int(j, JSON_KEY("size"), run->size);
	json_key_raw(j, JSON_KEY("next_cursor"));
	json_str(j, next);
	json_key_raw(j, JSON_KEY("prev_cursor"));
	json_str(j, prev);
	link_cursor(x, links, "first", STR(""));
	if (prev.p)
		link_cursor(x, links, "prev", prev);
	if (next.p)
		link_cursor(x, links, "next", next);
}

void page_write_meta(struct exchange *x, const struct list_run *run, const struct page *p, struct json *j)
{
	struct buf links = { 0 };

	json_key_raw(j, JSON_KEY("meta"));
	json_object_begin(j);
	if (run->by_cursor)
		write_by_cursor(x, run, p, j, &links);
	else
		write_by_page(x, run, p, j, &links);
	meta_bool(j, JSON_KEY("has_next"), p->has_next);
	meta_bool(j, JSON_KEY("has_prev"), p->has_prev);
	if (run->similar)
		meta_bool(j, JSON_KEY("similar"), true);
	if (run->progress.p) {
		json_key_raw(j, JSON_KEY("progress"));
		json_raw(j, run->progress);
	}
	json_object_end(j);
	response_header(&x->response, "Link", buf_str(&links));
	buf_free(&links);
}
