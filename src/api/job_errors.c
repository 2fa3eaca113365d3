/* What was wrong with the rows of an import: as JSON, an error each, or as CSV, a row each, to be mended and imported. */
#include "api/answer.h"
#include "api/ref.h"
#include "api/resource.h"
#include "domain/csv_cell.h"

static const char *const format_names[] = { "json", "csv" };
static const struct enum_names format_enum = { "error_format", format_names, 2 };

struct errors_query {
	struct field_set given;
	struct str format;
};

static const struct field query_fields[] = {
	{ .name = "format",
	  .type = FIELD_ENUM,
	  .offset = offsetof(struct errors_query, format),
	  .names = &format_enum,
	  .doc = "The errors as JSON (the default), or the bad rows as CSV with the columns row_number and reason in front, to be "
		 "mended and imported again.",
	  .example = "csv" },
};
const struct shape job_errors_query_shape =
	SHAPE(struct errors_query, "JobErrorsQuery", query_fields, "How to list them.");

struct errors_frame {
	struct co co;
	struct uuid id;
	bool csv, begun;
	int32_t after;
	struct str columns; /* those of the file, by commas */
	struct db_reply *reply;
	struct arena arena; /* of one piece */
};
const size_t job_error_list_frame_size = sizeof(struct errors_frame);

enum { COLUMN_ROW, COLUMN_REASON, COLUMN_CELLS, COLUMN_ERRORS };

static void release(void *frame)
{
	struct errors_frame *f = frame;

	if (f->reply)
		await_abandon(&f->reply->wait);
	arena_reset(&f->arena);
}

static void begin_answer(struct exchange *x, struct errors_frame *f)
{
	x->response.status = 200;
	if (f->csv) {
		x->response.content_type = STR("text/csv; charset=utf-8; header=present");
		response_header(&x->response, "Content-Disposition",
				STR("attachment; filename=\"errors.csv\""));
		buf_add_lit(&x->response.body, "row_number,reason");
		if (f->columns.n)
			buf_add_char(&x->response.body, ',');
		buf_add_str(&x->response.body, f->columns);
		buf_add_lit(&x->response.body, "\r\n");
	} else {
		x->response.content_type = STR("application/json");
		buf_add_lit(&x->response.body, "{\"items\":[");
	}
}

static void add_piece(struct exchange *x, struct errors_frame *f)
{
	const PGresult *r = f->reply->result[0];
	struct buf *out = &x->response.body;

	for (int i = 0; i < PQntuples(r); i++) {
		f->after = (int32_t)row_int(r, i, COLUMN_ROW);
		if (!f->csv) {
			if (f->begun)
				buf_add_char(out, ',');
			buf_add_str(out, row_text(r, i, COLUMN_ERRORS));
			f->begun = true;
			continue;
		}
		buf_add_i64(out, f->after);
		buf_add_char(out, ',');
		csv_add_cell(out, row_text(r, i, COLUMN_REASON));
		for (size_t k = 0, n = row_text_count(r, i, COLUMN_CELLS); k < n; k++) {
			buf_add_char(out, ',');
			csv_add_cell(out, row_text_at(r, i, COLUMN_CELLS, k));
		}
		buf_add_lit(out, "\r\n");
	}
}

static struct awaitable *ask(struct exchange *x, struct errors_frame *f)
{
	arena_reset(&f->arena);
	f->reply = db_run(api_of(x)->db, &f->arena, &statement_job_error_list,
			  &(struct job_error_list_args){ .id = f->id, .after = f->after });
	return &f->reply->wait;
}

enum co_state job_error_list(struct exchange *x, void *frame)
{
	struct errors_frame *f = frame;
	const struct errors_query *query = x->query;

	co_begin(f);
	arena_defer(&x->arena, release, f);
	if (!ref_uuid(x, 0, &f->id))
		return CO_FAILED;
	f->csv = str_eq_z(query->format, "csv");
	co_db(f, x, f->reply, job_by_id, .viewer = caller_of(x)->id, .role = caller_role(caller_of(x)),
	      .base = x->service->front->base_path, .id = f->id);
	if (f->reply->row < 0)
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	f->columns = arena_str(&x->arena, row_text(f->reply->result[0], 0, 1));
	begin_answer(x, f);
	if (!stream_begin(x, STREAM_LENGTH_UNKNOWN))
		return CO_DONE;
	do {
		co_await(f, x, ask(x, f));
		if (f->reply->err)
			co_fail(handler_db_failed(x, f->reply));
		add_piece(x, f);
		co_await(f, x, stream_flush(x));
	} while (PQntuples(f->reply->result[0]) > 0);
	if (!f->csv)
		buf_add_lit(&x->response.body, "]}");
	co_end();
}
