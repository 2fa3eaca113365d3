/* Imports: a file of CSV as multipart/form-data, read while it comes. */
#include "api/answer.h"
#include "api/import.h"
#include "api/resource.h"
#include "http/multipart.h"

/* Beyond the file: fields and boundaries. */
#define REST_MAX ((uint64_t)64 * 1024)

/* A larger file is a job, asked for or not. */
#define WAIT_MAX ((uint64_t)4 * 1024 * 1024)

/* What is done when the whole file has come, per cent. */
#define PROGRESS_READ 30

static const char *const mode_names[] = { "partial", "atomic" };
static const struct enum_names mode_enum = { "import_mode", mode_names, 2 };

struct import_input {
	struct field_set given;
	struct str file, project_id, mode;
	struct uuid creator_id;
	bool dry_run;
};

enum { INPUT_FILE, INPUT_PROJECT, INPUT_CREATOR, INPUT_MODE, INPUT_DRY_RUN };

#define AT(member) .offset = offsetof(struct import_input, member)
static const struct field input_fields[] = {
	[INPUT_FILE] = { .name = "file",
			 .type = FIELD_TEXT,
			 .flags = FIELD_REQUIRED,
			 AT(file),
			 .doc = "The CSV: UTF-8, the columns in any order. `title` is required; `description`, `type`, "
				"`status`, `priority`, `assignee` (e-mail), `labels` (separated by `;`), `due_date`, "
				"`project` (key) and `external_id` may be there. `key`, `created_at`, `updated_at`, "
				"`row_number` and `reason` may be there, and are not read.",
			 .example = "title,priority\nLogin fails,high\n" },
	[INPUT_PROJECT] = { .name = "project_id",
			    .type = FIELD_REF,
			    AT(project_id),
			    .doc = "The project of rows that name none, by id or key.",
			    .example = "WEB" },
	[INPUT_CREATOR] = { .name = "creator_id",
			    .type = FIELD_UUID,
			    AT(creator_id),
			    .doc = "Whose issues they are; yours unless told." },
	[INPUT_MODE] = { .name = "mode",
			 .type = FIELD_ENUM,
			 AT(mode),
			 .names = &mode_enum,
			 .doc = "Whether the good rows are kept when others are bad (`partial`, the default), or none (`atomic`).",
			 .example = "partial" },
	[INPUT_DRY_RUN] = { .name = "dry_run",
			    .type = FIELD_BOOL,
			    AT(dry_run),
			    .doc = "Checks all rows, and keeps none.",
			    .example = "false" },
};
const struct shape issue_import_shape =
	SHAPE(struct import_input, "IssueImport", input_fields, "A file of issues.");

struct import_frame {
	struct co co;
	struct multipart *form;
	struct import *imp;
	struct import_input in;
	struct field_errors wrong; /* with the form; told together at its end */
	struct import_begin begin;
	struct csv_reader *reader; /* of the file that comes; NULL: it is read over */
	bool begun;
};
const size_t issue_import_frame_size = sizeof(struct import_frame);

static void release(void *frame)
{
	struct import_frame *f = frame;

	if (f->imp)
		import_leave(f->imp);
}

/* ---- what comes ---- */

static void refuse(struct import_frame *f, struct str field, const char *code, const char *detail)
{
	field_error_add(&f->wrong, field, code, str_of(detail));
}

static bool fail_form(struct exchange *x, const struct import_frame *f)
{
	exchange_fail(x, ERR_VALIDATION);
	x->problem.fields = f->wrong;
	return false;
}

static void take_field(struct import_frame *f, const struct multipart_part *part)
{
	const struct shape *s = &issue_import_shape;
	int place = shape_find(s, part->name);

	if (place < 0) {
		shape_refuse_unknown(s, part->name, "unknown_field", &f->wrong);
	} else if (place == INPUT_FILE) {
		refuse(f, part->name, "invalid_value", "Must be a file, with a file name");
	} else if (field_given(&f->in.given, place)) {
		refuse(f, part->name, "duplicate", "Is given twice");
	} else {
		f->in.given.given |= UINT64_C(1) << place;
		(void)field_check_text(&s->fields[place], part->value, part->name,
				       (char *)&f->in + s->fields[place].offset, &f->wrong);
	}
}

/* Of a form that is refused the file is read over. */
static bool begin_file(struct exchange *x, struct import_frame *f, const struct multipart_part *part)
{
	f->reader = NULL;
	if (!str_eq_z(part->name, "file")) {
		refuse(f, part->name, "unknown_field", "The file is to be in the field `file`");
		return true;
	}
	if (field_given(&f->in.given, INPUT_FILE))
		refuse(f, part->name, "too_many", "One file at a time");
	f->in.given.given |= UINT64_C(1) << INPUT_FILE;
	if (f->wrong.count)
		return true;
	f->imp = import_create(x);
	if (f->imp)
		f->reader = f->imp->reader;
	else
		exchange_fail_detail(x, ERR_BUSY, "As many imports as may run at a time are under way.");
	return f->imp != NULL;
}

static bool fail_file(struct exchange *x, struct import_frame *f)
{
	const struct csv_fault *fault = csv_reader_fault(f->reader);

	refuse(f, STR("file"), fault->code, fault->detail);
	return fail_form(x, f);
}

static bool end_file(struct exchange *x, struct import_frame *f)
{
	if (!f->reader)
		return true;
	if (!csv_reader_end(f->reader))
		return fail_file(x, f);
	import_rows_end(&f->imp->rows);
	return true;
}

static bool take_event(struct exchange *x, struct import_frame *f, enum multipart_event event)
{
	const struct multipart_part *part = multipart_part(f->form);
	const char *detail = NULL;
	enum err err;

	switch (event) {
	case MULTIPART_FIELD:
		take_field(f, part);
		return true;
	case MULTIPART_FILE:
		return begin_file(x, f, part);
	case MULTIPART_DATA:
		return !f->reader || csv_reader_feed(f->reader, part->data) || fail_file(x, f);
	case MULTIPART_FILE_END:
		return end_file(x, f);
	case MULTIPART_BAD:
		err = multipart_error(f->form, &detail);
		exchange_fail_detail(x, err, "%s", detail ? detail : err_title(err));
		return false;
	case MULTIPART_MORE:
	default:
		return true;
	}
}

static bool take_chunk(struct exchange *x, struct import_frame *f)
{
	enum multipart_event event;

	do {
		event = multipart_next(f->form, &x->upload.chunk, x->upload.end);
		if (!take_event(x, f, event))
			return false;
	} while (event != MULTIPART_MORE);
	/* Nobody shall send a large file for nothing. */
	return f->wrong.count == 0 || x->upload.taken <= WAIT_MAX || fail_form(x, f);
}

/* ---- what is wanted ---- */

static void make_wish(struct import_frame *f)
{
	struct import_wish *w = &f->imp->wish;

	w->has_project = field_given(&f->in.given, INPUT_PROJECT);
	ref_parse_project(f->in.project_id, &w->project);
	w->has_creator = field_given(&f->in.given, INPUT_CREATOR);
	w->creator = f->in.creator_id;
	w->atomic = str_eq_z(f->in.mode, "atomic");
	w->dry_run = f->in.dry_run;
}

/* Behind the last byte: whether all is there that is needed, and nothing is wrong. */
static bool is_complete(struct exchange *x, struct import_frame *f)
{
	if (!field_given(&f->in.given, INPUT_FILE))
		refuse(f, STR("file"), "required", "A file is required");
	else if (f->imp && !f->imp->wish.has_project && !csv_reader_has(f->imp->reader, CSV_PROJECT))
		refuse(f, STR("project_id"), "required", "Is required, as the file has no column project");
	return (f->imp && f->wrong.count == 0) || fail_form(x, f);
}

/* "Prefer: respond-async" (RFC 7240, section 4.1), among others perhaps. */
static bool prefers_job(const struct request *r)
{
	struct str rest = request_header(r, "Prefer");

	while (rest.p) {
		struct str item = str_cut(&rest, ',');

		if (str_ieq_z(str_trim(str_cut(&item, ';')), "respond-async"))
			return true;
	}
	return false;
}

static bool is_job(const struct exchange *x)
{
	return prefers_job(&x->request) || x->upload.taken > WAIT_MAX;
}

/* ---- answers ---- */

static void answer_job(struct exchange *x, struct import_frame *f)
{
	struct json j = response_json(&x->response, 202);

	json_object_begin(&j);
	json_key_raw(&j, JSON_KEY("id"));
	json_uuid(&j, &f->imp->id);
	json_key_raw(&j, JSON_KEY("state"));
	json_str(&j, STR("running"));
	json_object_end(&j);
	answer_location(x, "jobs", &f->imp->id);
	if (prefers_job(&x->request))
		response_header(&x->response, "Preference-Applied", STR("respond-async"));
	f->imp->detached = true;
	f->imp->known = false;
	f->imp = NULL;
}

static void answer_report(struct exchange *x, struct import_frame *f)
{
	response_json(&x->response, 200);
	buf_add_str(&x->response.body, buf_str(&f->imp->report));
}

static int upload_progress(const struct exchange *x)
{
	if (x->upload.length == UPLOAD_LENGTH_UNKNOWN || x->upload.length == 0)
		return 0;
	return (int)(x->upload.taken * PROGRESS_READ / x->upload.length);
}

static struct awaitable *put_rows(struct import_frame *f)
{
	struct awaitable *wait = copy_put(f->imp->copy, buf_str(&f->imp->rows.out));

	f->imp->rows.out.n = 0;
	return wait;
}

enum co_state issue_import(struct exchange *x, void *frame)
{
	static const struct multipart_limits limits = { .parts = 16, .field_bytes = 1024 };
	struct import_frame *f = frame;
	const char *detail = NULL;
	enum err err = ERR_NONE;

	co_begin(f);
	arena_defer(&x->arena, release, f);
	f->wrong.arena = &x->arena;
	x->upload.limit = api_of(x)->config.max_import_bytes + REST_MAX;
	f->form = multipart_create(&x->arena, request_header(&x->request, "Content-Type"), &limits, &err,
				   &detail);
	if (!f->form && detail)
		co_fail(exchange_fail_detail(x, err, "%s", detail));
	if (!f->form)
		co_fail(exchange_fail(x, err));
	do {
		co_await(f, x, body_next(x));
		if (!take_chunk(x, f))
			return CO_FAILED;
		if (f->wrong.count)
			continue;
		if (f->imp && !f->begun && csv_reader_has_head(f->imp->reader)) {
			make_wish(f);
			f->begun = true;
			co_call(f, import_begin(x, f->imp, &f->begin));
		}
		if (f->begun && f->imp && f->imp->rows.out.n) {
			import_note_progress(f->imp, upload_progress(x));
			co_await(f, x, put_rows(f));
			if (f->imp->copy->err)
				co_fail(import_fail_exchange(x, f->imp));
		}
	} while (!x->upload.end);
	if (f->imp)
		make_wish(f); /* fields may stand behind the file */
	if (!is_complete(x, f))
		return CO_FAILED;
	import_run(f->imp);
	if (is_job(x)) {
		answer_job(x, f);
		return CO_DONE;
	}
	f->imp->finished = (struct awaitable){ 0 };
	co_await(f, x, &f->imp->finished);
	if (f->imp->err)
		co_fail(import_fail_exchange(x, f->imp));
	answer_report(x, f);
	co_end();
}
