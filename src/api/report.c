/* Reports: whose, about what, in which form; and the answer. What is particular to each is in report_*.c. */
#include "api/report.h"

#include "api/answer.h"
#include "api/ref.h"
#include "api/resource.h"
#include "base/clock.h"
#include "db/row.h"
#include "domain/chart.h"
#include "http/negotiate.h"

#include <openssl/evp.h>
#include <string.h>

/* ---- the form ---- */

enum report_format { REPORT_JSON, REPORT_CSV, REPORT_SVG, REPORT_FORMATS };

static const char *const format_names[] = { "json", "csv", "svg" };
static const char *const format_media[] = { "application/json", "text/csv", "image/svg+xml" };
static const char *const format_types[] = { "application/json", "text/csv; charset=utf-8; header=present",
					    "image/svg+xml; charset=utf-8" };
const struct enum_names report_format_enum = { "report_format", format_names, REPORT_FORMATS };

static int choose_format(const struct exchange *x, const struct report_query *q)
{
	for (int i = 0; i < REPORT_FORMATS && q->format.p; i++) {
		if (str_eq_z(q->format, format_names[i]))
			return i;
	}
	return negotiate_accept(&x->request, format_media, REPORT_FORMATS);
}

/* ---- what it is about ---- */

struct report_frame {
	struct co co;
	int format;
	struct ref ref;
	struct time_zone_find zone;
	struct db_reply *reply;
	struct report report;
	const void *args;
	struct report_wait run;
	int32_t until;
};

static bool fail(struct exchange *x, const char *field, const char *code, const char *detail)
{
	exchange_fail_field(x, field, code, detail);
	return false;
}

/* A goal may lie as far ahead as a report looks back. */
static bool check_until(struct exchange *x, const struct report_query *q)
{
	int32_t today = (int32_t)(clock_now_us() / 86400000000);

	if (q->until <= today + REPORT_DAYS_MAX)
		return true;
	return fail(x, "until", "out_of_range", "Must not be further away than 1000 days.");
}

static bool begin(struct exchange *x, struct report_frame *f)
{
	const struct report_query *q = x->query;
	bool ok = true;

	f->report.arena = &x->arena;
	f->report.limit = q->limit ? q->limit : REPORT_LIMIT_STANDARD;
	f->report.weekly = q->interval.p && str_eq_z(q->interval, "week");
	if (q->project_id.p && !ref_parse_project(q->project_id, &f->ref))
		ok = fail(x, "project_id", "unknown", "There is no such project.");
	return check_until(x, q) && ok;
}

/* The columns of what finds the scope; each statement has as many of them as it needs. */
enum scope_column { SCOPE_ID, SCOPE_ISSUES, SCOPE_NAME, SCOPE_DUE_DATE, SCOPE_DAYS };

static int64_t issues(const PGresult *r)
{
	int64_t n = 0;

	for (int row = 0; row < PQntuples(r); row++)
		n += row_int(r, row, SCOPE_ISSUES);
	return n;
}

static struct db_array ids(struct arena *arena, const PGresult *r)
{
	size_t n = (size_t)PQntuples(r);
	struct uuid *list = arena_array(arena, struct uuid, n ? n : 1);

	for (size_t i = 0; i < n; i++)
		list[i] = row_uuid(r, (int)i, SCOPE_ID);
	return (struct db_array){ list, n };
}

static bool names_milestone(const struct report_query *q)
{
	static const struct uuid none;

	return memcmp(&q->milestone_id, &none, sizeof(none)) != 0;
}

static struct db_reply *find_scope(struct exchange *x, struct report_frame *f)
{
	const struct report_query *q = x->query;

	if (names_milestone(q))
		return read_run(x, &statement_report_milestone,
				&(struct report_milestone_args){
					.caller = access_of(x),
					.milestone_id = q->milestone_id,
					.id = q->project_id.p ? REF_ID(&f->ref) : NULL,
					.key = q->project_id.p ? REF_KEY(&f->ref) : STR_NONE,
					.time_zone = f->zone.found,
				});
	if (q->project_id.p)
		return read_run(x, &statement_report_project,
				&(struct report_project_args){ .caller = access_of(x),
							       .id = REF_ID(&f->ref),
							       .key = REF_KEY(&f->ref) });
	return read_run(x, &statement_report_scope, &(struct report_scope_args){ .caller = access_of(x) });
}

/* How far back: as asked, else as long as the milestone has issues, else a month. */
static int32_t days_of(const struct report_query *q, const PGresult *r)
{
	int64_t days = q->days;

	if (!days && names_milestone(q))
		days = row_is_null(r, 0, SCOPE_DAYS) ? 1 : row_int(r, 0, SCOPE_DAYS);
	if (!days)
		days = REPORT_DAYS_STANDARD;
	return (int32_t)(days < 1 ? 1 : days > REPORT_DAYS_MAX ? REPORT_DAYS_MAX : days);
}

static const int32_t *until_of(struct report_frame *f, const struct report_query *q, const PGresult *r)
{
	if (q->until)
		f->until = q->until;
	else if (names_milestone(q) && !row_is_null(r, 0, SCOPE_DUE_DATE))
		f->until = row_date(r, 0, SCOPE_DUE_DATE);
	else
		return NULL;
	return &f->until;
}

static bool take_scope(struct exchange *x, struct report_frame *f)
{
	const struct report_query *q = x->query;
	const PGresult *r = f->reply->result[0];
	struct report *report = &f->report;

	if (PQntuples(r) == 0 && names_milestone(q))
		return fail(x, "milestone_id", "unknown", "There is no such milestone.");
	if (PQntuples(r) == 0 && q->project_id.p)
		return fail(x, "project_id", "unknown", "There is no such project.");
	report->projects = ids(&x->arena, r);
	report->issues = issues(r);
	report->time_zone = f->zone.found;
	report->days = days_of(q, r);
	report->until = until_of(f, q, r);
	if (names_milestone(q))
		report->milestone = &q->milestone_id;
	if (q->project_id.p || names_milestone(q)) {
		report->project = report->projects.v;
		report->name = row_text(r, 0, SCOPE_NAME);
	}
	return true;
}

bool report_counts_each(const struct report *r)
{
	return (int64_t)r->projects.n * (r->weekly ? r->days / 7 + 1 : r->days) <= r->issues / 32;
}

/* ---- the answer ---- */

static void write_body(struct exchange *x, struct report_frame *f, const struct report_kind *kind)
{
	struct response *response = &x->response;
	struct json j = response_json(response, 200);

	response->content_type = str_of(format_types[f->format]);
	if (f->format == REPORT_CSV) {
		report_csv(&response->body, f->report.rows);
	} else if (f->format == REPORT_SVG) {
		kind->chart(&response->body, &f->report);
	} else {
		json_object_begin(&j);
		kind->json(&j, &f->report);
		json_object_end(&j);
	}
}

/* A chart may have its own style, by its hash, and nothing else. */
static void add_policy(struct response *response)
{
	static char hash[64];
	unsigned char sum[EVP_MAX_MD_SIZE];
	struct str style = chart_style();
	unsigned n = 0;

	if (!hash[0] && EVP_Digest(style.p, style.n, sum, &n, EVP_sha256(), NULL))
		EVP_EncodeBlock((unsigned char *)hash, sum, (int)n);
	response_header_printf(response, "Content-Security-Policy",
			       "default-src 'none'; style-src 'sha256-%s'; frame-ancestors 'none'", hash);
}

static void answer(struct exchange *x, struct report_frame *f, const struct report_kind *kind)
{
	f->report.rows = f->run.reply->result[0];
	write_body(x, f, kind);
	response_header(&x->response, "Vary", STR("Accept"));
	if (f->format == REPORT_SVG)
		add_policy(&x->response);
	if (f->format != REPORT_JSON)
		response_header_printf(&x->response, "Content-Disposition", "inline; filename=\"%s.%s\"",
				       kind->file, format_names[f->format]);
	answer_conditional(x, 0, false);
}

static enum co_state report(struct exchange *x, struct report_frame *f, const struct report_kind *kind)
{
	const struct report_query *q = x->query;

	co_begin(f);
	f->format = choose_format(x, q);
	if (f->format < 0)
		co_fail(exchange_fail_detail(x, ERR_NOT_ACCEPTABLE,
					     "There are application/json, text/csv and image/svg+xml."));
	if (!begin(x, f))
		return CO_FAILED;
	co_call(f, time_zone_find(x, q->time_zone, &f->zone));
	f->reply = find_scope(x, f);
	co_await(f, x, &f->reply->wait);
	if (f->reply->err)
		co_fail(handler_db_failed(x, f->reply));
	if (!take_scope(x, f))
		return CO_FAILED;
	f->report.statement = kind->plan(&f->report, &f->args);
	co_report(f, x, f->run, f->report.statement, f->args);
	answer(x, f, kind);
	co_end();
}

/* ---- the routes ---- */

#define REPORT(name)                                                                                         \
	const size_t report_##name##_frame_size = sizeof(struct report_frame);                               \
	enum co_state report_##name(struct exchange *x, void *frame)                                         \
	{                                                                                                    \
		return report(x, frame, &report_##name##_kind);                                              \
	}

REPORT(assignees)
REPORT(latency)
REPORT(velocity)
REPORT(summary)

const size_t report_burndown_frame_size = sizeof(struct report_frame);

enum co_state report_burndown(struct exchange *x, void *frame)
{
	const struct report_query *q = x->query;

	if (!q->project_id.p && !names_milestone(q)) {
		exchange_fail_field(x, "milestone_id", "required",
				    "Name a milestone, or a project by project_id.");
		return CO_FAILED;
	}
	return report(x, frame, &report_burndown_kind);
}
