/* Changes of many issues at once: POST /issues/bulk-status and POST /issues/bulk. */
#include "api/api.h"
#include "api/issue_change.h"
#include "api/problem.h"
#include "api/resource_changes.h"
#include "db/row.h"

#include <stdlib.h>
#include <string.h>

#define BULK_MAX 10000
/*
 * From so many on it may take tens of milliseconds, and other writes must not wait for it. Of more than so many events
 * people are told afterwards (sql/schema/016_inbox.up.sql).
 */
#define LARGE_FROM 200

struct bulk_input {
	struct field_set given;
	struct field_values issue_ids, versions;
	struct str new_status, mode;
	bool dry_run, force;
	struct issue_input set;
};

#define AT(member) .offset = offsetof(struct bulk_input, member)

static const char *const mode_names[] = { "atomic", "partial" };
static const struct enum_names mode_enum = { "bulk_mode", mode_names, 2 };

/* The places of the fields that both bodies have. */
enum { BULK_IDS, BULK_VERSIONS, BULK_MODE, BULK_DRY_RUN, BULK_FIRST };

#define BULK_FIELDS                                                                                                                      \
	[BULK_IDS] = { .name = "issue_ids",                                                                                              \
		       .type = FIELD_UUID,                                                                                               \
		       .flags = FIELD_REQUIRED | FIELD_REPEATED,                                                                         \
		       AT(issue_ids),                                                                                                    \
		       .min = 1,                                                                                                         \
		       .max = BULK_MAX,                                                                                                  \
		       .doc = "Which issues, by id." },                                                                                  \
	[BULK_VERSIONS] = { .name = "versions",                                                                                          \
			    .type = FIELD_INT,                                                                                           \
			    .flags = FIELD_REPEATED,                                                                                     \
			    AT(versions),                                                                                                \
			    .min = 1,                                                                                                    \
			    .max = BULK_MAX,                                                                                             \
			    .doc = "The version that each change is based on, in the order of `issue_ids`; "                             \
				   "without them the versions do not matter." },                                                         \
	[BULK_MODE] = { .name = "mode",                                                                                                  \
			.type = FIELD_ENUM,                                                                                              \
			AT(mode),                                                                                                        \
			.names = &mode_enum,                                                                                             \
			.doc = "`atomic`, unless told: one that fails keeps all from being changed; `partial`: the others are changed.", \
			.example = "partial" },                                                                                          \
	[BULK_DRY_RUN] = { .name = "dry_run",                                                                                            \
			   .type = FIELD_BOOL,                                                                                           \
			   AT(dry_run),                                                                                                  \
			   .doc = "Change nothing, and say what would happen.",                                                          \
			   .example = "false" }

static const struct field status_fields[] = {
	BULK_FIELDS,
	{ .name = "new_status",
	  .type = FIELD_ENUM,
	  .flags = FIELD_REQUIRED,
	  AT(new_status),
	  .names = &issue_status_enum,
	  .doc = "Where they are to stand in the workflow.",
	  .example = "resolved" },
	{ .name = "force",
	  .type = FIELD_BOOL,
	  AT(force),
	  .doc = "Resolve or close them also while an issue that blocks one is not done.",
	  .example = "false" },
};

static const struct field bulk_fields[] = {
	BULK_FIELDS,
	{ .name = "set",
	  .type = FIELD_OBJECT,
	  .flags = FIELD_REQUIRED,
	  AT(set),
	  .shape = &issue_set_shape,
	  .doc = "What to change in all of them." },
};

const struct shape issue_bulk_status_shape =
	SHAPE(struct bulk_input, "BulkStatus", status_fields, "A status for many issues.");
const struct shape issue_bulk_shape =
	SHAPE(struct bulk_input, "Bulk", bulk_fields, "A change of many issues.");

/* What became of each issue that was asked for; the texts are the statement's. */
struct bulk_frame {
	struct co co;
	struct issues_update_args args;
	struct uuid *unique;  /* the issues, each once */
	size_t *unique_of;    /* for each that was asked for: its place among these, or REPEATED */
	struct str *outcome;  /* of these */
	size_t asked, failed; /* of all */
	bool atomic;
	struct db_reply *reply;
};
const size_t issue_bulk_status_frame_size = sizeof(struct bulk_frame);
const size_t issue_bulk_frame_size = sizeof(struct bulk_frame);

#define REPEATED SIZE_MAX

/* ---- what is asked ---- */

/* An issue and where it was named. */
struct mention {
	struct uuid id;
	size_t place;
};

static int compare_mentions(const void *left, const void *right)
{
	const struct mention *a = left, *b = right;
	int order = memcmp(&a->id, &b->id, sizeof(a->id));

	return order ? order : (a->place > b->place) - (a->place < b->place);
}

/* Finds out which of them are named again, and leaves each once in f->unique. Returns how many that are. */
static size_t find_unique(struct exchange *x, struct bulk_frame *f, const struct field_values *ids)
{
	struct mention *m = arena_array(&x->arena, struct mention, ids->n);
	const struct uuid *v = ids->v;
	size_t n = 0;

	f->unique = arena_array(&x->arena, struct uuid, ids->n);
	f->unique_of = arena_array(&x->arena, size_t, ids->n);
	for (size_t i = 0; i < ids->n; i++)
		m[i] = (struct mention){ v[i], i };
	qsort(m, ids->n, sizeof(*m), compare_mentions);
	for (size_t i = 0; i < ids->n; i++) {
		bool again = i && memcmp(&m[i].id, &m[i - 1].id, sizeof(m[i].id)) == 0;

		f->unique_of[m[i].place] = again ? REPEATED : n;
		if (!again)
			f->unique[n++] = m[i].id;
	}
	return n;
}

/* As the statement takes them: '' is any version. */
static struct db_array versions_of(struct exchange *x, const struct bulk_frame *f,
				   const struct bulk_input *in, size_t n)
{
	struct str *texts = arena_array(&x->arena, struct str, n);
	const int64_t *v = in->versions.v;

	for (size_t i = 0; i < in->issue_ids.n; i++) {
		if (f->unique_of[i] != REPEATED)
			texts[f->unique_of[i]] =
				in->versions.n ? arena_printf(&x->arena, "%lld", (long long)v[i]) : STR("");
	}
	return (struct db_array){ texts, n };
}

static struct db_array make_event_ids(struct exchange *x, size_t n)
{
	struct uuid *ids = arena_array(&x->arena, struct uuid, n);

	for (size_t i = 0; i < n; i++)
		ids[i] = uuid_v7();
	return (struct db_array){ ids, n };
}

static bool plan(struct exchange *x, struct bulk_frame *f)
{
	const struct bulk_input *in = x->body;
	size_t n;

	if (in->versions.n && in->versions.n != in->issue_ids.n) {
		exchange_fail_field(x, "versions", "wrong_count", "There must be one for each of issue_ids.");
		return false;
	}
	f->atomic = !str_eq_z(in->mode, "partial");
	f->asked = in->issue_ids.n;
	n = find_unique(x, f, &in->issue_ids);
	f->outcome = arena_array(&x->arena, struct str, n);
	f->args.caller = access_of(x);
	f->args.ids = (struct db_array){ f->unique, n };
	f->args.event_ids = make_event_ids(x, n);
	f->args.versions = versions_of(x, f, in, n);
	f->args.at_least = f->atomic ? (int32_t)f->asked : 0;
	f->args.dry_run = in->dry_run;
	return true;
}

/* ---- what is answered ---- */

enum { OUTCOME, PLACE };

static bool is_good(struct str outcome)
{
	return str_eq_z(outcome, "ok") || str_eq_z(outcome, "unchanged");
}

static struct str outcome_of(const struct bulk_frame *f, size_t place)
{
	if (f->unique_of[place] == REPEATED)
		return STR("duplicate_id");
	return f->outcome[f->unique_of[place]].p ? f->outcome[f->unique_of[place]] : STR("not_found");
}

static void take_outcomes(struct bulk_frame *f)
{
	const PGresult *r = f->reply->result[0];

	for (int i = 0; i < PQntuples(r); i++)
		f->outcome[row_int(r, i, PLACE) - 1] = row_text(r, i, OUTCOME);
	for (size_t i = 0; i < f->asked; i++)
		f->failed += !is_good(outcome_of(f, i));
}

static void write_errors(struct json *j, const struct bulk_frame *f, const struct uuid *ids)
{
	json_array_begin(j);
	for (size_t i = 0; i < f->asked; i++) {
		struct str outcome = outcome_of(f, i);

		if (is_good(outcome))
			continue;
		json_object_begin(j);
		json_key_raw(j, JSON_KEY("issue_id"));
		json_uuid(j, &ids[i]);
		json_key_raw(j, JSON_KEY("code"));
		json_str(j, outcome);
		json_key_raw(j, JSON_KEY("error"));
		json_str(j, str_of(issue_change_reason(outcome)));
		json_object_end(j);
	}
	json_array_end(j);
}

/* In words: of an atomic change that failed nothing was done, whatever could have been. */
static struct str message(struct exchange *x, const struct bulk_frame *f)
{
	if (f->atomic && f->failed)
		return arena_printf(&x->arena, "Nothing %s changed: %zu of %zu issues cannot be changed so.",
				    f->args.dry_run ? "would be" : "was", f->failed, f->asked);
	return arena_printf(&x->arena, "%zu of %zu issues %s changed.", f->asked - f->failed, f->asked,
			    f->args.dry_run ? "would be" : "were");
}

static void write_result(struct exchange *x, const struct bulk_frame *f)
{
	const struct bulk_input *in = x->body;
	struct json j = response_json(&x->response, 200);

	json_object_begin(&j);
	json_key_raw(&j, JSON_KEY("success_count"));
	json_int(&j, f->atomic && f->failed ? 0 : (int64_t)(f->asked - f->failed));
	json_key_raw(&j, JSON_KEY("failure_count"));
	json_int(&j, (int64_t)f->failed);
	json_key_raw(&j, JSON_KEY("errors"));
	write_errors(&j, f, in->issue_ids.v);
	json_key_raw(&j, JSON_KEY("message"));
	json_str(&j, message(x, f));
	json_object_end(&j);
}

/* All that failed, as a member of the problem. */
static void fail_atomic(struct exchange *x, const struct bulk_frame *f)
{
	const struct bulk_input *in = x->body;
	struct buf b = { 0 };
	struct json j = json_writer(&b);

	write_errors(&j, f, in->issue_ids.v);
	exchange_fail_detail(x, ERR_BULK_FAILED, "%s", message(x, f).p);
	problem_member(x, "failures", arena_str(&x->arena, buf_str(&b)));
	buf_free(&b);
}

static bool is_large(const struct bulk_frame *f)
{
	return f->args.ids.n >= LARGE_FROM;
}

static struct db_reply *submit(struct exchange *x, const struct bulk_frame *f)
{
	struct op *op = change_begin(x);

	if (is_large(f))
		db_mark_large(op);
	db_add(op, &statement_issues_update, &f->args);
	return change_submit(x, op);
}

static enum co_state run(struct exchange *x, struct bulk_frame *f)
{
	co_begin(f);
	f->reply = submit(x, f);
	co_await(f, x, &f->reply->wait);
	if (f->reply->err)
		co_fail(handler_db_failed(x, f->reply));
	if (is_large(f))
		maintenance_tell(api_of(x)->maintenance);
	take_outcomes(f);
	if (f->atomic && f->failed && !f->args.dry_run)
		co_fail(fail_atomic(x, f));
	write_result(x, f);
	co_end();
}

enum co_state issue_bulk_status(struct exchange *x, void *frame)
{
	struct bulk_frame *f = frame;
	const struct bulk_input *in = x->body;

	if (f->co.line == 0) {
		if (!plan(x, f))
			return CO_FAILED;
		f->args.set.status = in->new_status;
		f->args.set.force = in->force;
		f->args.set.beyond_own = true;
	}
	return run(x, f);
}

static bool changes_something(struct exchange *x, const struct issue_input *set)
{
	if (set->given.given)
		return true;
	exchange_fail_field(x, "set", "required", "Something must be changed.");
	return false;
}

enum co_state issue_bulk(struct exchange *x, void *frame)
{
	struct bulk_frame *f = frame;
	const struct bulk_input *in = x->body;

	if (f->co.line == 0) {
		if (!changes_something(x, &in->set) || !plan(x, f))
			return CO_FAILED;
		issue_change_patch(&f->args.set, &in->set);
		f->args.set.beyond_own = true;
	}
	return run(x, f);
}
