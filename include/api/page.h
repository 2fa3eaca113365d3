/* The parts of a list's answer that lead to other pages: meta, cursors, Link. Part of api/list.h. */
#ifndef BUGD_API_PAGE_H
#define BUGD_API_PAGE_H

#include "api/list.h"

/* What was found. */
struct page {
	const PGresult *rows;
	int first, last, step; /* the rows to show, in order; first == last + step: none */
	int shown;
	bool has_next, has_prev;
	bool counted, total_exact;
	int64_t total;
};

/*
 * The canonical text of what is listed: the path and all parameters but those that move within the list, in
 * order of their names. Cursors are bound to it.
 */
struct str page_identity(struct exchange *x);

/* Writes the member "meta" and adds the Link header. */
void page_write_meta(struct exchange *x, const struct list_run *run, const struct page *p, struct json *j);

#endif
