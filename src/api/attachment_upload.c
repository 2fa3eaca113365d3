/*
 * POST /issues/{id}/attachments: from the socket through the parser of form data into one buffer; while a full one is
 * hashed on a thread and written on another, the next is filled. So an upload takes two buffers, whatever its size.
 */
#include "api/attachment.h"

#include "api/answer.h"
#include "api/ref.h"
#include "api/resource.h"
#include "api/share.h"
#include "db/row.h"
#include "domain/media.h"
#include "http/disposition.h"
#include "http/multipart.h"

#include <stdlib.h>
#include <string.h>

#define FILENAME_MAX_CHARS 255
/* What form data has around the file. */
#define ENVELOPE_BYTES ((uint64_t)16 * 1024)

struct upload_frame {
	struct co co;
	struct ref ref;
	struct uuid issue;
	struct uuid id;
	struct db_reply *reply;
	uint64_t room; /* the most that the file may have; less than the limit when the quota says so */
	bool by_quota;
	struct multipart *form;
	struct str data; /* of the file, not in the buffer yet */
	struct store_file *file;
	struct share share;
	struct store_job job;
	struct store_write write;
	bool writing;                /* a write was begun whose result was not looked at */
	struct store_buffer *buffer; /* NULL: nothing is in it */
	uint64_t size;
	bool has_file;
	struct str filename, declared;
};
const size_t attachment_upload_frame_size = sizeof(struct upload_frame);

/* ---- what the form says ---- */

static const struct multipart_limits limits = { .parts = 4, .field_bytes = 64 };

static bool begin_form(struct exchange *x, struct upload_frame *f)
{
	const char *detail;
	enum err err;

	f->form = multipart_create(&x->arena, request_header(&x->request, "Content-Type"), &limits, &err,
				   &detail);
	if (!f->form)
		exchange_fail_detail(x, err, "%s", detail);
	return f->form;
}

static bool check_name(struct exchange *x, struct str name)
{
	if (name.n == 0)
		exchange_fail_field(x, "file", "filename_required", "Must have a file name.");
	else if (disposition_has_controls(name))
		exchange_fail_field(x, "file", "filename_invalid",
				    "Must have a file name without control characters.");
	else if (text_length(name) > FILENAME_MAX_CHARS)
		exchange_fail_field(x, "file", "filename_too_long",
				    "Must have a file name of 255 characters at most.");
	else
		return true;
	return false;
}

static bool begin_file(struct exchange *x, struct upload_frame *f)
{
	const struct multipart_part *part = multipart_part(f->form);

	if (!str_eq_z(part->name, "file")) {
		exchange_fail(x, ERR_VALIDATION);
		field_error_add(&x->problem.fields, part->name, "unknown_field",
				STR("The field is called `file`."));
		return false;
	}
	if (f->has_file) {
		exchange_fail_field(x, "file", "too_many", "Must be one file; send each by itself.");
		return false;
	}
	f->has_file = true;
	f->declared = part->type;
	f->filename = disposition_base_name(part->filename);
	return check_name(x, f->filename);
}

static bool refuse_field(struct exchange *x, struct upload_frame *f)
{
	struct str name = multipart_part(f->form)->name;

	exchange_fail(x, ERR_VALIDATION);
	if (str_eq_z(name, "file"))
		field_error_add(&x->problem.fields, name, "filename_required", STR("Must have a file name."));
	else
		field_error_add(&x->problem.fields, name, "unknown_field", STR("There is no such field."));
	return false;
}

static bool add_data(struct exchange *x, struct upload_frame *f, struct str data)
{
	f->data = data;
	f->size += data.n;
	if (f->size <= f->room)
		return true;
	if (f->by_quota)
		exchange_fail(x, ERR_QUOTA);
	else
		exchange_fail_detail(x, ERR_BODY_TOO_LARGE, "The file is larger than %llu bytes.",
				     (unsigned long long)f->room);
	return false;
}

static bool bad_form(struct exchange *x, struct upload_frame *f)
{
	const char *detail;
	enum err err = multipart_error(f->form, &detail);

	exchange_fail_detail(x, err, "%s", detail);
	return false;
}

static bool take_event(struct exchange *x, struct upload_frame *f, enum multipart_event event)
{
	switch (event) {
	case MULTIPART_FILE:
		return begin_file(x, f);
	case MULTIPART_DATA:
		return add_data(x, f, multipart_part(f->form)->data);
	case MULTIPART_FIELD:
		return refuse_field(x, f);
	case MULTIPART_BAD:
		return bad_form(x, f);
	case MULTIPART_FILE_END:
	case MULTIPART_MORE:
	default:
		return true;
	}
}

static bool is_full(const struct upload_frame *f)
{
	return f->buffer && f->buffer->n == STORE_BUFFER_BYTES;
}

static void take_data(struct upload_frame *f)
{
	size_t room, n;

	if (!f->buffer)
		f->buffer = store_buffer_create();
	room = STORE_BUFFER_BYTES - f->buffer->n;
	n = f->data.n < room ? f->data.n : room;
	memcpy(f->buffer->bytes + f->buffer->n, f->data.p, n);
	f->buffer->n += n;
	f->data = (struct str){ f->data.p + n, f->data.n - n };
}

/* Fills the buffer. False: the exchange has failed; else the buffer is full, or the chunk is used up. */
static bool fill(struct exchange *x, struct upload_frame *f)
{
	enum multipart_event event = MULTIPART_FILE_END;

	while (!is_full(f)) {
		if (f->data.n) {
			take_data(f);
			continue;
		}
		event = multipart_next(f->form, &x->upload.chunk, x->upload.end);
		if (event == MULTIPART_MORE)
			return true;
		if (!take_event(x, f, event))
			return false;
	}
	return true;
}

/* ---- the file ---- */

static void free_buffer(void *frame)
{
	free(((struct upload_frame *)frame)->buffer);
}

static bool create_file(struct exchange *x, struct upload_frame *f)
{
	struct api *api = api_of(x);

	if (!sweeper_claimed(api->sweeper)) {
		exchange_fail_detail(x, ERR_UNAVAILABLE, "The folder for attachments is not usable.");
		return false;
	}
	if (!share_take(x, &f->share, &api->files, STORE_FILES_MAX / 2))
		return false;
	f->id = uuid_v7();
	f->file = store_file_create(api->store, &f->id);
	if (!f->file) {
		exchange_fail(x, ERR_BUSY);
		return false;
	}
	arena_defer(&x->arena, store_file_free, f->file);
	arena_defer(&x->arena, store_job_end, &f->job);
	arena_defer(&x->arena, store_write_end, &f->write);
	arena_defer(&x->arena, free_buffer, f);
	return true;
}

static bool look_at_room(struct exchange *x, struct upload_frame *f)
{
	const struct attachment_config *c = &api_of(x)->config.attachment;
	int64_t left = PQntuples(f->reply->result[0]) ? row_int(f->reply->result[0], 0, 1) : -1;

	if (PQntuples(f->reply->result[0]) == 0) {
		exchange_fail(x, ERR_NOT_FOUND);
		return false;
	}
	f->issue = row_uuid(f->reply->result[0], 0, 0);
	f->by_quota = left < (int64_t)c->max_bytes;
	f->room = f->by_quota ? (uint64_t)(left > 0 ? left : 0) : c->max_bytes;
	x->upload.limit = f->room + ENVELOPE_BYTES;
	if (f->by_quota && (left <= 0 || (x->upload.length != UPLOAD_LENGTH_UNKNOWN &&
					  x->upload.length > x->upload.limit))) {
		exchange_fail(x, ERR_QUOTA);
		return false;
	}
	return true;
}

/* The buffer goes to the threads, when what went before is done. */
static void write_buffer(struct upload_frame *f)
{
	store_write(f->file, &f->write, f->buffer);
	f->writing = true;
	f->buffer = NULL;
}

/* What came of the last write, which is done; true, too, when there was none. */
static bool written(struct exchange *x, struct upload_frame *f)
{
	enum err err = f->writing ? store_write_result(&f->write) : ERR_NONE;

	f->writing = false;
	if (err)
		exchange_fail(x, err);
	return err == ERR_NONE;
}

static bool finished(struct exchange *x, struct upload_frame *f)
{
	enum err err = store_result(&f->job);

	if (err)
		exchange_fail(x, err);
	return err == ERR_NONE;
}

#define co_written(f, x)                                                                                     \
	do {                                                                                                 \
		while ((f)->writing && store_write_wait(&(f)->write))                                        \
			co_await(f, x, store_write_wait(&(f)->write));                                       \
		if (!written(x, f))                                                                          \
			return CO_FAILED;                                                                    \
	} while (0)

static bool check_file(struct exchange *x, const struct upload_frame *f)
{
	struct str type = str_of(store_file_type(f->file));

	if (!media_allowed(api_of(x)->config.attachment.types, type))
		exchange_fail_detail(x, ERR_FILE_TYPE, "Files of the type %.*s are not taken.",
				     STR_FMT(type));
	else if (!media_fits(f->declared, type))
		exchange_fail_detail(x, ERR_FILE_MISMATCH, "The file was declared as %.*s, but is %.*s.",
				     STR_FMT(f->declared), STR_FMT(type));
	else
		return true;
	return false;
}

static bool check_form(struct exchange *x, const struct upload_frame *f)
{
	if (!f->has_file)
		exchange_fail_field(x, "file", "required", "Must be there.");
	else if (f->size == 0)
		exchange_fail_field(x, "file", "empty", "Must not be empty.");
	else
		return true;
	return false;
}

/* ---- the handler ---- */

static bool answer_created(struct exchange *x, struct upload_frame *f)
{
	struct str outcome = handler_outcome(f->reply);

	if (str_eq_z(outcome, "ok")) {
		if (!answer_row(x, 201, &statement_attachment_create, f->reply->result[0], 0, NULL))
			return false;
		answer_location(x, "attachments", &f->id);
		return true;
	}
	store_file_keep(f->file, false);
	exchange_fail(x, str_eq_z(outcome, "quota") ? ERR_QUOTA : ERR_NOT_FOUND);
	return false;
}

enum co_state attachment_upload(struct exchange *x, void *frame)
{
	struct upload_frame *f = frame;

	co_begin(f);
	if (!ref_issue(x, &f->ref) || !begin_form(x, f))
		return CO_FAILED;
	co_db(f, x, f->reply, attachment_room, .caller = access_of(x), .id = REF_ID(&f->ref),
	      .key = REF_KEY(&f->ref), .quota = api_of(x)->config.attachment.quota);
	if (!look_at_room(x, f) || !create_file(x, f))
		return CO_FAILED;
	do {
		co_await(f, x, body_next(x));
		for (;;) {
			if (!fill(x, f))
				return CO_FAILED;
			if (!is_full(f))
				break;
			co_written(f, x);
			write_buffer(f);
		}
	} while (!x->upload.end);
	if (!check_form(x, f))
		return CO_FAILED;
	co_written(f, x);
	if (f->buffer) {
		write_buffer(f);
		co_written(f, x);
	}
	co_await(f, x, store_finish(f->file, &f->job));
	if (!finished(x, f) || !check_file(x, f))
		return CO_FAILED;
	/* If nobody hears how it ends, the row decides over the file. */
	store_file_keep(f->file, true);
	co_change(f, x, f->reply, attachment_create, .caller = access_of(x), .id = f->id,
		  .event_id = uuid_v7(), .issue_id = f->issue, .filename = f->filename,
		  .content_type = str_of(store_file_type(f->file)), .size = (int64_t)f->size,
		  .sha256 = str_of(store_file_sha256(f->file)), .quota = api_of(x)->config.attachment.quota);
	if (!answer_created(x, f))
		return CO_FAILED;
	/* With an Idempotency-Key it is committed with the answer only: then the first reader, or the sweeper, does it. */
	x->settled = true;
	if (!x->watch)
		co_await(f, x, store_place(f->file, &f->job));
	co_end();
}
