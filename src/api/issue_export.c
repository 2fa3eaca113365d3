/* Exports: the issues of a filter as CSV or NDJSON, from one snapshot, in the memory of one piece. */
#include "api/issue_filter.h"
#include "api/issue_search.h"
#include "api/label_cache.h"
#include "api/list.h"
#include "api/saved_filter.h"
#include "api/share.h"
#include "base/clock.h"
#include "db/copy.h"
#include "db/row.h"
#include "domain/csv_cell.h"

/* Rows that are asked for at a time. While they are written and sent, the database works on the next. */
#define PIECE 500u

static const char *const format_names[] = { "csv", "ndjson" };
static const struct enum_names format_enum = { "export_format", format_names, 2 };

struct export_query {
	struct field_set given;
	struct issue_filter filter;
	struct str format;
	struct uuid saved;
	struct list_query list; /* what a saved filter says of pages and the like */
};

static const struct field query_fields[] = {
	ISSUE_FILTER_FIELDS(struct export_query),
	{ .name = "format",
	  .type = FIELD_ENUM,
	  .offset = offsetof(struct export_query, format),
	  .names = &format_enum,
	  .doc = "CSV that can be imported again (the default), or an issue a line as JSON.",
	  .example = "csv" },
	{ .name = "filter",
	  .type = FIELD_UUID,
	  .offset = offsetof(struct export_query, saved),
	  .doc = "A saved filter. A parameter that is given here counts instead of the filter's; its order does not count." },
};
const struct shape issue_export_query_shape =
	SHAPE(struct export_query, "IssueExportQuery", query_fields, "Which issues to export, and how.");

/* A saved filter is one of the list. Both shapes have the filters at the same places, which `given` counts by. */
static const struct enum_names order_enum = { "issue_order", issue_list_order_names, ISSUE_LIST_ORDERS };
static const struct field saved_fields[] = {
	ISSUE_FILTER_FIELDS(struct export_query),
	LIST_FIELDS(struct export_query, order_enum, "created_at"),
};
static const struct shape saved_shape = SHAPE(struct export_query, "IssueExportFilter", saved_fields, "");

/* The columns of the statement's option csv, in its order. */
enum {
	CSV_KEY,
	CSV_PROJECT,
	CSV_TITLE,
	CSV_DESCRIPTION,
	CSV_TYPE,
	CSV_STATUS,
	CSV_PRIORITY,
	CSV_ASSIGNEE,
	CSV_LABELS,
	CSV_DUE_DATE,
	CSV_EXTERNAL_ID,
	CSV_CREATED_AT,
	CSV_UPDATED_AT,
};
#define CSV_HEAD                                                                                             \
	"key,project,title,description,type,status,priority,assignee,labels,due_date,external_id,"           \
	"created_at,updated_at\r\n"

struct export_frame {
	struct co co;
	struct saved_filter saved;
	struct copy *copy;
	struct share share;
	struct choice choice;
	struct issue_list_args args;
	struct db_reply *reply;
	struct label_cache labels;
	struct buf scratch;
	PGresult *rows;
	int labels_column;
	bool csv, last;
};
const size_t issue_export_frame_size = sizeof(struct export_frame);

/* ---- writing ---- */

static void add_time(struct buf *out, const PGresult *r, int row, int column)
{
	clock_format_timestamp(row_timestamp(r, row, column), buf_reserve(out, CLOCK_TIMESTAMP_LEN));
	out->n += CLOCK_TIMESTAMP_LEN;
}

static void add_date(struct buf *out, const PGresult *r, int row, int column)
{
	if (row_is_null(r, row, column))
		return;
	clock_format_date(row_date(r, row, column), buf_reserve(out, CLOCK_DATE_LEN));
	out->n += CLOCK_DATE_LEN;
}

static void add_row(struct export_frame *f, int row, struct buf *out)
{
	const PGresult *r = f->rows;

	for (int column = CSV_KEY; column < CSV_LABELS; column++) {
		csv_add_cell(out, row_text(r, row, column));
		buf_add_char(out, ',');
	}
	label_cache_write_cell(&f->labels, r, row, CSV_LABELS, &f->scratch, out);
	buf_add_char(out, ',');
	add_date(out, r, row, CSV_DUE_DATE);
	buf_add_char(out, ',');
	csv_add_cell(out, row_text(r, row, CSV_EXTERNAL_ID));
	buf_add_char(out, ',');
	add_time(out, r, row, CSV_CREATED_AT);
	buf_add_char(out, ',');
	add_time(out, r, row, CSV_UPDATED_AT);
	buf_add_lit(out, "\r\n");
}

/* As GET /issues/{id} writes it. */
static void add_object(struct export_frame *f, const struct row_shape *shape, int row, struct buf *out)
{
	uint64_t before = (UINT64_C(1) << f->labels_column) - 1, labels = UINT64_C(1) << f->labels_column;
	struct json j = json_writer(out);

	json_object_begin(&j);
	row_write_fields(&j, shape, f->rows, row, before);
	json_key_raw(&j, JSON_KEY("labels"));
	label_cache_write_json(&f->labels, f->rows, row, f->labels_column, &j);
	row_write_fields(&j, shape, f->rows, row, ~(before | labels));
	json_object_end(&j);
	buf_add_char(out, '\n');
}

static void add_rows(struct export_frame *f, struct buf *out)
{
	static const char shape_name; /* of our own, as the columns are not those of the list */
	const struct row_shape *shape = f->csv ? NULL : row_shape(&shape_name, f->rows);
	int n = PQntuples(f->rows);

	for (int i = 0; i < n; i++) {
		if (f->csv)
			add_row(f, i, out);
		else
			add_object(f, shape, i, out);
	}
	f->last = n < (int)PIECE;
	PQclear(f->rows);
	f->rows = NULL;
}

/* ---- beginning ---- */

static void release(void *frame)
{
	struct export_frame *f = frame;

	if (f->copy)
		copy_give_back(f->copy);
	PQclear(f->rows);
	label_cache_free(&f->labels);
	buf_free(&f->scratch);
}

static bool choose(struct exchange *x, struct export_frame *f)
{
	struct export_query *q = x->query;
	struct field_errors errors = { .arena = &x->arena };
	struct issue_search search = { 0 };
	const struct order_column *created = &issue_list_orders[0],
				  *id = &issue_list_orders[ISSUE_LIST_ORDERS - 1];

	if (!issue_search_read(&issue_export_query_shape, q, &errors, &search)) {
		exchange_fail(x, ERR_VALIDATION);
		field_error_add(&x->problem.fields, errors.first->field, errors.first->code,
				errors.first->detail);
		return false;
	}
	f->csv = !str_eq_z(q->format, "ndjson");
	f->args.caller = access_of(x);
	f->args.limit = INT64_MAX;
	issue_filter_apply(x, &q->filter, &q->given, &f->choice, &f->args);
	issue_search_apply(&search, &f->choice, &f->args);
	if (x->request.method == HTTP_HEAD) {
		f->choice.options |= OPTION(ISSUE_LIST_COUNT);
		return true;
	}
	f->choice.options |= OPTION(f->csv ? ISSUE_LIST_CSV : ISSUE_LIST_NDJSON);
	f->choice.order[0] = (struct order_term){ created, false };
	f->choice.order[1] = (struct order_term){ id, false };
	f->choice.order_count = 2;
	return true;
}

static enum co_state add_saved(struct exchange *x, struct export_frame *f)
{
	struct export_query *q = x->query;

	if (!field_given(&q->given, shape_find(&issue_export_query_shape, STR("filter"))))
		return CO_DONE;
	return saved_filter_apply(x, &q->saved, &saved_shape, q, &f->saved);
}

static void begin_answer(struct exchange *x, const struct export_frame *f)
{
	char day[CLOCK_TIMESTAMP_LEN];

	clock_format_timestamp(clock_now_us(), day);
	x->response.status = 200;
	x->response.content_type =
		f->csv ? STR("text/csv; charset=utf-8; header=present") : STR("application/x-ndjson");
	response_header_printf(&x->response, "Content-Disposition",
			       "attachment; filename=\"issues-%.10s.%s\"", day, f->csv ? "csv" : "ndjson");
}

static struct db_reply *count(struct exchange *x, struct export_frame *f)
{
	struct op *op = db_begin(api_of(x)->db, DB_SLOW);

	db_add_composed(op, &statement_issue_list, &f->choice, &f->args);
	if (f->args.words.n)
		db_mark_large(op);
	return read_submit(x, op);
}

static void answer_count(struct exchange *x, struct export_frame *f)
{
	begin_answer(x, f);
	response_header_printf(&x->response, "X-Total-Count", "%lld",
			       (long long)row_int(f->reply->result[0], 0, 0));
	if (stream_begin(x, STREAM_LENGTH_UNKNOWN))
		exchange_fail(x, ERR_INTERNAL); /* HEAD has no body */
}

/* Keeps what was fetched: the connection is about to be asked for something else. */
static void keep_rows(struct export_frame *f)
{
	f->rows = f->copy->result;
	f->copy->result = NULL;
	f->labels_column = row_column(f->rows, "labels");
}

static struct awaitable *ask_for_labels(struct export_frame *f)
{
	return copy_run(f->copy, &statement_labels_by_id,
			&(struct labels_by_id_args){ .ids = label_cache_missing(&f->labels) });
}

/* One that reads slowly may take his time, but the snapshot is not kept for ever. */
#define BEGIN                                                                                                \
	"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL cursor_tuple_fraction = 1;"              \
	"SET LOCAL idle_in_transaction_session_timeout = '10min';" COPY_NOTICE

#define co_copy(f, x, call)                                                                                  \
	do {                                                                                                 \
		co_await(f, x, call);                                                                        \
		if ((f)->copy->err)                                                                          \
			co_fail(exchange_fail((x), (f)->copy->err));                                         \
	} while (0)

enum co_state issue_export(struct exchange *x, void *frame)
{
	struct export_frame *f = frame;

	co_begin(f);
	arena_defer(&x->arena, release, f);
	co_call(f, add_saved(x, f));
	if (!choose(x, f))
		return CO_FAILED;
	if (x->request.method == HTTP_HEAD) {
		f->reply = count(x, f);
		co_await(f, x, &f->reply->wait);
		if (f->reply->err)
			co_fail(handler_db_failed(x, f->reply));
		answer_count(x, f);
		return CO_DONE;
	}
	if (!share_take(x, &f->share, &api_of(x)->exports, api_of(x)->config.copy_connections / 2))
		return CO_FAILED;
	f->copy = copy_take(api_of(x)->copies);
	if (!f->copy)
		co_fail(exchange_fail(x, ERR_BUSY));
	co_copy(f, x, copy_ready(f->copy));
	co_copy(f, x, copy_script(f->copy, BEGIN));
	co_copy(f, x, copy_declare(f->copy, &statement_issue_list, &f->choice, &f->args));
	co_copy(f, x, copy_fetch(f->copy, PIECE));
	begin_answer(x, f);
	if (f->csv)
		buf_add_lit(&x->response.body, CSV_HEAD);
	if (!stream_begin(x, STREAM_LENGTH_UNKNOWN))
		co_fail(exchange_fail(x, ERR_INTERNAL));
	for (;;) {
		keep_rows(f);
		if (label_cache_look(&f->labels, f->rows, f->labels_column)) {
			co_copy(f, x, ask_for_labels(f));
			label_cache_add(&f->labels, f->copy->result);
		}
		copy_fetch(f->copy, PIECE);
		add_rows(f, &x->response.body);
		co_await(f, x, stream_flush(x));
		if (f->last)
			break;
		co_copy(f, x, &f->copy->wait);
	}
	co_copy(f, x, &f->copy->wait);
	co_copy(f, x, copy_script(f->copy, "COMMIT"));
	co_end();
}
