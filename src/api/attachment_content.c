/* GET and HEAD /attachments/{id}/content: conditional, in part or whole, from the disk or by the proxy in front. */
#include "api/attachment.h"

#include "api/answer.h"
#include "api/ref.h"
#include "api/resource.h"
#include "api/share.h"
#include "base/log.h"
#include "db/row.h"
#include "http/disposition.h"
#include "http/range.h"

struct content_frame {
	struct co co;
	struct uuid id;
	struct db_reply *reply;
	struct store_file *file;
	struct share share;
	struct store_job job;
	struct range part;
};
const size_t attachment_content_frame_size = sizeof(struct content_frame);

struct row {
	struct str filename, type, etag;
	uint64_t size;
};

static struct row row_of(struct exchange *x, const struct db_reply *reply)
{
	const PGresult *r = reply->result[0];

	return (struct row){
		.filename = row_text(r, 0, row_column(r, "filename")),
		.type = row_text(r, 0, row_column(r, "content_type")),
		.etag = arena_printf(&x->arena, "\"%.*s\"", STR_FMT(row_text(r, 0, row_column(r, "sha256")))),
		.size = (uint64_t)row_int(r, 0, row_column(r, "size")),
	};
}

static void add_headers(struct exchange *x, const struct row *row)
{
	struct buf disposition = { 0 };

	disposition_attachment(&disposition, row->filename);
	response_header(&x->response, "ETag", row->etag);
	response_header(&x->response, "Cache-Control", STR("private, no-cache"));
	response_header(&x->response, "Content-Disposition", buf_str(&disposition));
	x->response.content_type = arena_str(&x->arena, row->type);
	buf_free(&disposition);
}

/* That is said in the form of all problems, whoever sends the file. */
static bool satisfiable(const struct exchange *x, const struct row *row)
{
	struct range part = { 0, row->size };

	return range_of(&x->request, row->size, row->etag, &part) != RANGE_UNSATISFIABLE;
}

/* The proxy sends the file, or the part of it that is asked for. */
static bool hand_over(struct exchange *x, const struct content_frame *f)
{
	struct str prefix = api_of(x)->config.attachment.accel;
	struct row row;
	char id[UUID_TEXT_LEN];

	if (!prefix.p)
		return false;
	row = row_of(x, f->reply);
	if (!satisfiable(x, &row))
		return false;
	add_headers(x, &row);
	uuid_format(&f->id, id);
	response_header_printf(&x->response, "X-Accel-Redirect", "%.*s/%02x/%.*s", STR_FMT(prefix),
			       f->id.b[sizeof(f->id.b) - 1], UUID_TEXT_LEN, id);
	x->response.status = 200;
	return true;
}

/* Status and headers; f->part is what is to be sent. False: the exchange has failed. */
static bool decide(struct exchange *x, struct content_frame *f)
{
	struct row row = row_of(x, f->reply);

	f->part = (struct range){ 0, row.size };
	x->response.status = 200;
	switch (range_of(&x->request, row.size, row.etag, &f->part)) {
	case RANGE_UNSATISFIABLE:
		x->problem.content_range =
			arena_printf(&x->arena, "bytes */%llu", (unsigned long long)row.size);
		exchange_fail(x, ERR_RANGE);
		return false;
	case RANGE_PART:
		x->response.status = 206;
		response_header_printf(&x->response, "Content-Range", "bytes %llu-%llu/%llu",
				       (unsigned long long)f->part.first,
				       (unsigned long long)(f->part.first + f->part.length - 1),
				       (unsigned long long)row.size);
		break;
	case RANGE_WHOLE:
	default:
		break;
	}
	add_headers(x, &row);
	response_header(&x->response, "Accept-Ranges", STR("bytes"));
	return true;
}

static bool client_has_it(struct exchange *x, const struct content_frame *f)
{
	struct row row = row_of(x, f->reply);

	if (!answer_client_has(x, row.etag))
		return false;
	x->response.status = 304;
	response_header(&x->response, "ETag", row.etag);
	response_header(&x->response, "Cache-Control", STR("private, no-cache"));
	return true;
}

static bool create_handle(struct exchange *x, struct content_frame *f)
{
	if (!share_take(x, &f->share, &api_of(x)->files, STORE_FILES_MAX / 2))
		return false;
	f->file = store_file_create(api_of(x)->store, &f->id);
	if (!f->file) {
		exchange_fail(x, ERR_BUSY);
		return false;
	}
	arena_defer(&x->arena, store_file_free, f->file);
	arena_defer(&x->arena, store_job_end, &f->job);
	return true;
}

/* A file that is not there although its row is: nothing that the client could do. */
static bool opened(struct exchange *x, struct content_frame *f)
{
	enum err err = store_result(&f->job);
	uint64_t size = row_of(x, f->reply).size;

	if (err == ERR_NONE && store_file_size(f->file) == size)
		return true;
	exchange_fail(x, err == ERR_BUSY ? ERR_BUSY : ERR_INTERNAL);
	if (err != ERR_BUSY)
		log_event(LOG_ERROR, "api", "the file of an attachment is lost", "%.*s",
			  STR_FMT(x->params[0]));
	return false;
}

static struct awaitable *read_next(struct content_frame *f)
{
	size_t n = f->part.length < STORE_BUFFER_BYTES ? (size_t)f->part.length : STORE_BUFFER_BYTES;
	uint64_t at = f->part.first;

	f->part.first += n;
	f->part.length -= n;
	return store_read(f->file, &f->job, at, n);
}

/* While the client takes a piece, the next one is read. */
enum co_state attachment_content(struct exchange *x, void *frame)
{
	struct content_frame *f = frame;

	co_begin(f);
	if (!ref_uuid(x, 0, &f->id))
		return CO_FAILED;
	co_db(f, x, f->reply, attachment_by_id, .caller = access_of(x), .id = f->id);
	if (PQntuples(f->reply->result[0]) == 0)
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	if (client_has_it(x, f))
		return CO_DONE;
	if (!create_handle(x, f))
		return CO_FAILED;
	co_await(f, x, store_open(f->file, &f->job));
	if (!opened(x, f))
		return CO_FAILED;
	if (hand_over(x, f))
		return CO_DONE;
	if (!decide(x, f))
		return CO_FAILED;
	if (!stream_begin(x, (int64_t)f->part.length))
		return CO_DONE;
	read_next(f);
	for (;;) {
		co_await(f, x, &f->job.work.wait);
		if (store_result(&f->job))
			co_fail(exchange_fail(x, ERR_INTERNAL));
		buf_add_str(&x->response.body, store_bytes(&f->job));
		if (f->part.length == 0)
			return CO_DONE;
		read_next(f);
		co_await(f, x, stream_flush(x));
	}
	co_end();
}
