/*
 * Lists: pages or cursors over a statement that can be composed (db/compose.h), with sort, count, sparse
 * fields and Link (API conventions, "Lists").
 */
#ifndef BUGD_API_LIST_H
#define BUGD_API_LIST_H

#include "api/answer.h"
#include "api/handler.h"

#define LIST_SIZE_MAX     100
#define LIST_SIZE_DEFAULT 20
#define LIST_COUNT_CAP    10000  /* count=capped counts that far */
#define LIST_OFFSET_MAX   100000 /* beyond, pages cost too much; a cursor does not */

/* What every list's query has: a member `list` of the list's own query struct. */
struct list_query {
	int64_t page, size;
	struct str cursor, count;
	struct field_values sort, fields;
};

extern const struct enum_names list_count_names;

/* The fields of list_query for a query's table; `order_enum` names what can be sorted by. */
#define LIST_FIELDS(struct_type, order_enum, default_sort)                                                       \
	{ .name = "page",                                                                                        \
	  .type = FIELD_INT,                                                                                     \
	  .offset = offsetof(struct_type, list.page),                                                            \
	  .min = 1,                                                                                              \
	  .max = INT64_MAX,                                                                                      \
	  .doc = "The page, from 1.",                                                                            \
	  .example = "1" },                                                                                      \
		{ .name = "size",                                                                                \
		  .type = FIELD_INT,                                                                             \
		  .offset = offsetof(struct_type, list.size),                                                    \
		  .min = 1,                                                                                      \
		  .max = LIST_SIZE_MAX,                                                                          \
		  .doc = "Items on a page; 20 unless told.",                                                     \
		  .example = "20" },                                                                             \
		{ .name = "cursor",                                                                              \
		  .type = FIELD_TEXT,                                                                            \
		  .offset = offsetof(struct_type, list.cursor),                                                  \
		  .max = 2048,                                                                                   \
		  .doc = "Where to go on, from `next_cursor` or `prev_cursor`; empty for the first page." },     \
		{ .name = "count",                                                                               \
		  .type = FIELD_ENUM,                                                                            \
		  .offset = offsetof(struct_type, list.count),                                                   \
		  .names = &list_count_names,                                                                    \
		  .doc = "How exactly the total is counted: up to 10,000 (`capped`, unless told), all, or not.", \
		  .example = "capped" },                                                                         \
		{ .name = "sort",                                                                                \
		  .type = FIELD_SORT,                                                                            \
		  .flags = FIELD_REPEATED,                                                                       \
		  .names = &(order_enum),                                                                        \
		  .offset = offsetof(struct_type, list.sort),                                                    \
		  .min = 1,                                                                                      \
		  .max = 4,                                                                                      \
		  .doc = "Fields to sort by, in order; `-` before one for descending. `" default_sort            \
			 "` unless told.",                                                                       \
		  .example = "-created_at" },                                                                    \
	{                                                                                                        \
		.name = "fields", .type = FIELD_TEXT, .flags = FIELD_REPEATED,                                   \
		.offset = offsetof(struct_type, list.fields), .min = 1, .max = ROW_COLUMNS_MAX,                  \
		.doc = "Only these fields of each item, separated by commas.", .example = "id,title"             \
	}

/* The statement behind a list. */
struct list_kind {
	const struct statement *statement;
	const struct order_column *orders; /* the last one is the id, which makes every order total */
	size_t order_count;
	const char *default_sort;
	int rows, count, offset; /* the numbers of these options */
};

/* The kind of a list whose statement is `name`; `NAME` begins what is generated for it (statements.h). */
#define LIST_KIND(name, NAME, sort)                                                                          \
	{                                                                                                    \
		.statement = &statement_##name, .orders = name##_orders, .order_count = NAME##_ORDERS,       \
		.default_sort = sort, .rows = NAME##_ROWS, .count = NAME##_COUNT, .offset = NAME##_OFFSET    \
	}

/* A list in the making; it lies in the handler's frame. */
struct list_run {
	struct co co;
	const struct list_kind *kind;
	const struct list_query *query;
	struct choice choice; /* the handler adds its filters' options */
	bool large;           /* it may take long (db_mark_large); set by the handler */
	bool by_cursor;
	bool continued; /* the cursor was not empty */
	int64_t size;
	struct str identity;  /* what cursors are bound to */
	struct str scope;     /* what cursors are bound to beside path and query; set before list_plan */
	uint64_t row_options; /* that those who count do not need; set by the handler, as the following are */
	const char *default_sort; /* instead of the kind's; set before list_plan */
	/* The column that says in each row how many there are (up to matches_max), so that nobody counts; NULL: none. */
	const char *matches;
	int64_t matches_max;
	uint64_t otherwise;  /* the options to try when nothing is found on the first page; 0: none */
	bool similar;        /* it came to that */
	struct str progress; /* goes into meta: complete JSON; absent: none. Set by the handler. */
	/* A fixed statement that knows the total without counting; NULL: it is counted. Set by the handler. */
	const struct statement *counter;
	const void *counter_args;
	const struct shape *shape;
	struct db_reply *reply;
};

/* Reads what the query says about pages and order. False, and the exchange has failed with field errors. */
bool list_plan(struct exchange *x, struct list_run *run, const struct list_kind *kind,
	       const struct list_query *query) MUST_CHECK;

/*
 * A coroutine: reads the rows, and counts when asked, in one transaction, and writes the whole answer. `args`
 * are the statement's; `limit` and `offset` are its members of these names.
 */
enum co_state list_answer(struct exchange *x, struct list_run *run, void *args, int64_t *limit,
			  int64_t *offset);

#endif
