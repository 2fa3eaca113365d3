#include "import_step.h"

#include "db/row.h"
#include "json/write.h"

/* Rows that one statement makes issues of. */
#define PIECE 10000u

/* The pieces are ranges of rows that came one behind the other. */
#define INDEX_ROWS                                                                                           \
	"CREATE INDEX ON import_rows USING brin (n) WITH (pages_per_range = 32); ANALYZE import_rows (n, project, assignee, labels, external_id, errors)"

/*
 * Triggers plan their queries once a session, perhaps while the tables they look into are still empty: they must not
 * choose to read those from end to end, row for row.
 */
#define BY_INDEX "SET LOCAL enable_seqscan = off"

/* From so many rows on the issues are made searchable after they are committed (sql/schema/010_search.up.sql). */
#define SEARCH_LATER_FROM 1000
#define SEARCH_LATER      "; SET LOCAL bugd.search_later = 'on'"

/* Errors that an answer shows. */
#define SHOWN_MAX 1000

/* What is done when all rows are there, as per cent: reading is what comes before. */
#define PROGRESS_READ   30
#define PROGRESS_JUDGED 40

/* ---- what is said of it ---- */

static void refuse(struct import *imp, enum err err, const char *field, const char *detail)
{
	imp->err = err;
	imp->field = str_of(field);
	imp->detail = detail;
}

bool import_checked(struct import *imp)
{
	struct str outcome = row_text(imp->copy->result, 0, 0);

	if (str_eq_z(outcome, "ok"))
		return true;
	if (str_eq_z(outcome, "unknown_project"))
		refuse(imp, ERR_VALIDATION, "project_id", "There is no such project.");
	else if (str_eq_z(outcome, "unknown_creator"))
		refuse(imp, ERR_VALIDATION, "creator_id", "There is no such active user.");
	else if (str_eq_z(outcome, "project_closed"))
		refuse(imp, ERR_PROJECT_CLOSED, NULL, NULL);
	else
		refuse(imp, ERR_FORBIDDEN, NULL, "Only managers of the project import into it.");
	return false;
}

/* Whether the good rows become issues. */
static bool is_wanted(const struct import *imp)
{
	return !imp->wish.dry_run && !(imp->wish.atomic && imp->failed);
}

static struct str message(struct import *imp)
{
	long long made = imp->created, bad = imp->failed, there = imp->skipped, all = imp->total;

	if (imp->wish.dry_run)
		return arena_printf(&imp->arena,
				    "Nothing was changed. %lld of %lld rows would become issues.", made, all);
	if (!is_wanted(imp))
		return arena_printf(&imp->arena, "Nothing was imported, as %lld of %lld rows are not valid.",
				    bad, all);
	return arena_printf(&imp->arena,
			    "%lld of %lld rows became issues; %lld are not valid, %lld were there already.",
			    made, all, bad, there);
}

static void write_count(struct json *j, struct str key, int64_t n)
{
	json_key_raw(j, key);
	json_int(j, n);
}

static void write_report(struct import *imp)
{
	static const char name; /* of the shape */
	const PGresult *errors = imp->copy->result;
	const struct row_shape *shape = row_shape(&name, errors);
	struct json j = json_writer(&imp->report);

	json_object_begin(&j);
	json_key_raw(&j, JSON_KEY("job_id"));
	json_uuid(&j, &imp->id);
	write_count(&j, JSON_KEY("total_rows"), imp->total);
	write_count(&j, JSON_KEY("created_count"), imp->created);
	write_count(&j, JSON_KEY("failed_count"), imp->failed);
	write_count(&j, JSON_KEY("skipped_count"), imp->skipped);
	json_key_raw(&j, JSON_KEY("errors"));
	json_array_begin(&j);
	for (int i = 0; i < PQntuples(errors); i++)
		row_write(&j, shape, errors, i, UINT64_MAX);
	json_array_end(&j);
	json_key_raw(&j, JSON_KEY("message"));
	json_str(&j, message(imp));
	json_object_end(&j);
}

/* ---- statements ---- */

struct awaitable *import_check(struct import *imp)
{
	const struct import_wish *w = &imp->wish;

	return copy_run(
		imp->copy, &statement_import_check,
		&(struct import_check_args){ .caller = imp->access,
					     .named = w->has_project,
					     .project_id = w->has_project ? REF_ID(&w->project) : NULL,
					     .project_key = w->has_project ? REF_KEY(&w->project) : STR_NONE,
					     .creator_id = w->has_creator ? &w->creator : NULL });
}

static struct awaitable *find_projects(struct import *imp)
{
	const struct import_wish *w = &imp->wish;

	return copy_run(imp->copy, &statement_import_find_projects,
			&(struct import_find_projects_args){
				.caller = imp->access,
				.project_id = w->has_project ? REF_ID(&w->project) : NULL,
				.project_key = w->has_project ? REF_KEY(&w->project) : STR_NONE });
}

static struct awaitable *judge(struct import *imp)
{
	struct str names[CSV_READ_COUNT];
	size_t n = 0;

	for (int i = 0; i < CSV_READ_COUNT; i++) {
		if (csv_reader_has(imp->reader, (enum csv_column)i))
			names[n++] = str_of(csv_column_names[i]);
	}
	return copy_run(imp->copy, &statement_import_judge,
			&(struct import_judge_args){ .job = imp->id, .columns = { names, n } });
}

static void judged(struct import *imp)
{
	imp->total = row_int(imp->copy->result, 0, 0);
	imp->failed = row_int(imp->copy->result, 0, 1);
	imp->skipped = row_int(imp->copy->result, 0, 2);
	imp->created = imp->wish.dry_run ? imp->total - imp->failed - imp->skipped : 0;
}

static bool is_large(const struct import *imp)
{
	return imp->total >= SEARCH_LATER_FROM;
}

static struct awaitable *make_piece(struct import *imp)
{
	uint32_t first = imp->next;

	imp->next += PIECE;
	return copy_run(
		imp->copy, &statement_import_rows,
		&(struct import_rows_args){ .viewer = imp->access.viewer,
					    .creator_id = imp->wish.has_creator ? &imp->wish.creator : NULL,
					    .first = (int32_t)first,
					    .last = (int32_t)(imp->next - 1) });
}

static void piece_made(struct import *imp)
{
	uint64_t done = (uint64_t)(100 - PROGRESS_JUDGED) * imp->next / (imp->rows.last + PIECE);

	imp->created += row_int(imp->copy->result, 0, 0);
	import_note_progress(imp, PROGRESS_JUDGED + (int)done);
}

static struct awaitable *finish_job(struct import *imp)
{
	bool failed = imp->wish.atomic && imp->failed && !imp->wish.dry_run;

	return copy_run(imp->copy, &statement_import_finish_job,
			&(struct import_finish_job_args){ .id = imp->id,
							  .failed = failed,
							  .error = failed ? message(imp) : STR_NONE,
							  .rows_read = (int32_t)imp->total,
							  .created_count = (int32_t)imp->created,
							  .failed_count = (int32_t)imp->failed,
							  .skipped_count = (int32_t)imp->skipped });
}

/* Whether the COMMIT was answered so; without an answer nobody knows. */
static bool committed(struct import *imp)
{
	if (imp->copy->err) {
		imp->err = imp->copy->sqlstate[0] ? imp->copy->err : ERR_OUTCOME_UNKNOWN;
		imp->finished.in_doubt = imp->err == ERR_OUTCOME_UNKNOWN;
		return false;
	}
	if (is_large(imp))
		maintenance_make_searchable(imp->api->maintenance);
	return true;
}

static struct str reason(const struct import *imp)
{
	return str_of(imp->detail ? imp->detail : err_title(imp->err));
}

/* One that nobody was told of leaves nothing behind. */
static struct awaitable *settle_job(struct import *imp)
{
	if (!imp->detached)
		return copy_run(imp->copy, &statement_import_drop_job,
				&(struct import_drop_job_args){ .id = imp->id });
	return copy_run(imp->copy, &statement_import_fail_job,
			&(struct import_fail_job_args){ .id = imp->id, .error = reason(imp) });
}

static struct awaitable *settle_elsewhere(struct import *imp)
{
	if (imp->detached)
		imp->reply = db_run(imp->api->db, &imp->arena, &statement_import_fail_job,
				    &(struct import_fail_job_args){ .id = imp->id, .error = reason(imp) });
	else
		imp->reply = db_run(imp->api->db, &imp->arena, &statement_import_drop_job_elsewhere,
				    &(struct import_drop_job_elsewhere_args){ .id = imp->id });
	return &imp->reply->wait;
}

/* ---- the steps ---- */

#define co_step(imp, call)                                                                                   \
	do {                                                                                                 \
		co_await(imp, imp, call);                                                                    \
		if ((imp)->copy->err) {                                                                      \
			(imp)->err = (imp)->copy->err;                                                       \
			goto failed;                                                                         \
		}                                                                                            \
	} while (0)

#define RUN(imp, name) copy_run((imp)->copy, &statement_##name, NULL)

enum co_state import_step(struct import *imp)
{
	co_begin(imp);
	co_step(imp, copy_in_end(imp->copy));
	co_step(imp, import_check(imp));
	if (!import_checked(imp))
		goto failed;
	import_note_progress(imp, PROGRESS_READ);
	co_step(imp, copy_script(imp->copy, INDEX_ROWS));
	co_step(imp, find_projects(imp));
	if (!imp->wish.dry_run)
		co_step(imp, RUN(imp, import_lock_projects));
	co_step(imp, RUN(imp, import_find_people));
	co_step(imp, RUN(imp, import_find_labels));
	if (csv_reader_has(imp->reader, CSV_EXTERNAL_ID))
		co_step(imp, RUN(imp, import_find_external_ids));
	co_step(imp,
		copy_script(imp->copy,
			    "ANALYZE import_projects, import_people, import_labels, import_external_ids"));
	co_step(imp, judge(imp));
	judged(imp);
	co_step(imp, copy_script(imp->copy, is_large(imp) ? BY_INDEX SEARCH_LATER : BY_INDEX));
	imp->next = 1;
	while (is_wanted(imp) && imp->next <= imp->rows.last) {
		co_step(imp, make_piece(imp));
		piece_made(imp);
	}
	co_step(imp, copy_run(imp->copy, &statement_import_errors,
			      &(struct import_errors_args){ .job = imp->id, .limit = SHOWN_MAX }));
	write_report(imp);
	if (imp->progress)
		co_await(imp, imp, &imp->progress->wait);
	co_step(imp, finish_job(imp));
	if (PQntuples(imp->copy->result) == 0) {
		refuse(imp, ERR_CONFLICT, NULL, "The import was cancelled.");
		goto failed;
	}
	imp->finished.in_doubt = true;
	co_await(imp, imp, copy_script(imp->copy, "COMMIT"));
	if (committed(imp))
		goto settled;
failed:
	co_await(imp, imp, copy_script(imp->copy, "ROLLBACK"));
	co_await(imp, imp, settle_job(imp));
	if (imp->copy->err)
		co_await(imp, imp, settle_elsewhere(imp));
settled:
	imp->known = false;
	co_await(imp, imp,
		 copy_run(imp->copy, &statement_import_release_job,
			  &(struct import_release_job_args){ .id = imp->id }));
	co_end();
}
