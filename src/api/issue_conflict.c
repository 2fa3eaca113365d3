#include "api/issue_conflict.h"

#include "api/problem.h"
#include "db/row.h"

static struct str keep(struct exchange *x, struct buf *b)
{
	struct str text = arena_str(&x->arena, buf_str(b));

	buf_free(b);
	return text;
}

static struct str row_json(struct exchange *x, const struct statement *st, const PGresult *r)
{
	struct buf b = { 0 };
	struct json j = json_writer(&b);

	row_write(&j, row_shape(st, r), r, 0, UINT64_MAX);
	return keep(x, &b);
}

enum co_state issue_conflict_fail(struct exchange *x, struct issue_conflict *f)
{
	co_begin(f);
	co_db(f, x, f->reply, issue_conflict, .caller = access_of(x), .id = REF_ID(&f->ref),
	      .key = REF_KEY(&f->ref), .since = f->precondition.since);
	if (PQntuples(f->reply->result[0]) == 0)
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	precondition_fail(x, &f->precondition);
	problem_member(x, "current", row_json(x, &statement_issue_conflict, f->reply->result[0]));
	if (f->precondition.since)
		problem_member(x, "changed", arena_str(&x->arena, row_text(f->reply->result[0], 0, 0)));
	return CO_FAILED;
	co_end();
}

static struct str names_json(struct exchange *x, const PGresult *r)
{
	struct buf b = { 0 };
	struct json j = json_writer(&b);

	json_array_begin(&j);
	for (int i = 0; i < PQntuples(r); i++)
		json_str(&j, row_text(r, i, 0));
	json_array_end(&j);
	return keep(x, &b);
}

enum co_state issue_transition_fail(struct exchange *x, struct issue_conflict *f)
{
	co_begin(f);
	co_db(f, x, f->reply, issue_allowed, .caller = access_of(x), .id = REF_ID(&f->ref),
	      .key = REF_KEY(&f->ref));
	exchange_fail(x, ERR_INVALID_TRANSITION);
	problem_member(x, "allowed", names_json(x, f->reply->result[0]));
	return CO_FAILED;
	co_end();
}

enum co_state issue_blocked_fail(struct exchange *x, struct issue_conflict *f)
{
	co_begin(f);
	co_db(f, x, f->reply, issue_blockers, .caller = access_of(x), .id = REF_ID(&f->ref),
	      .key = REF_KEY(&f->ref));
	exchange_fail(x, ERR_BLOCKED);
	problem_member(x, "blocked_by", names_json(x, f->reply->result[0]));
	return CO_FAILED;
	co_end();
}
