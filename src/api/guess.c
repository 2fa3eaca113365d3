#include "api/guess.h"

#include "api/doer.h"
#include "api/hash_job.h"
#include "db/row.h"

#include <string.h>

/* The columns of guess_begin. */
enum { WAIT, ID, PASSWORD_HASH, PASSWORD_CHANGED_AT, IS_ACTIVE, USUAL };

static struct str make_key(struct exchange *x, struct guess *g, enum throttle_kind kind, struct str account,
			   int place)
{
	throttle_key(api_of(x)->throttle_mac, kind, account, str_of(g->origin), g->keys[place]);
	return (struct str){ (const char *)g->keys[place], THROTTLE_KEY_LEN };
}

static void make_keys(struct exchange *x, struct guess *g)
{
	bool is_address = throttle_origin(x->request.client, g->origin);

	if (g->id) {
		struct str id = { (const char *)g->id->b, sizeof(g->id->b) };

		g->account_key = g->usual_key = make_key(x, g, THROTTLE_OWN, id, 0);
		return;
	}
	g->account_key = make_key(x, g, THROTTLE_ACCOUNT, g->email, 0);
	g->usual_key = make_key(x, g, THROTTLE_USUAL, g->email, 1);
	if (is_address)
		g->origin_key = make_key(x, g, THROTTLE_ORIGIN, STR(""), 2);
}

static bool must_wait(struct exchange *x, const PGresult *r)
{
	int64_t wait = row_int(r, 0, WAIT);

	if (row_is_null(r, 0, WAIT))
		return false;
	exchange_fail_detail(x, ERR_TOO_MANY, "There were too many wrong passwords. Try again in a while.");
	x->problem.retry_after = wait > 1 ? (unsigned)wait : 1;
	return true;
}

/* An unknown e-mail costs the same work as a wrong password, so that nobody can tell them apart. */
static struct hash_job *make_job(struct exchange *x, struct guess *g)
{
	const PGresult *r = g->reply->result[0];
	const struct api *api = api_of(x);
	bool found = !row_is_null(r, 0, ID);

	g->user = row_uuid(r, 0, ID);
	g->usual = row_bool(r, 0, USUAL);
	g->password_changed_at = row_timestamp(r, 0, PASSWORD_CHANGED_AT);
	g->known = found && row_bool(r, 0, IS_ACTIVE) && g->password.n <= PASSWORD_MAX;
	return hash_job_verify(&api->config.password_cost,
			       found ? row_text(r, 0, PASSWORD_HASH) : str_of(api->nobody_hash), g->password,
			       g->next);
}

static bool take_result(struct exchange *x, struct guess *g)
{
	const struct hash_job *job = g->work.result;
	bool failed = g->known && job->right && job->failed;

	g->right = g->known && job->right;
	if (g->right && job->made[0])
		g->made = arena_str(&x->arena, str_of(job->made));
	work_release(&g->work);
	if (failed)
		exchange_fail(x, ERR_INTERNAL);
	return !failed;
}

static struct db_reply *count_failure(struct exchange *x, const struct guess *g)
{
	struct guess_failed_args args = { .by = doer_of(x),
					  .user_id =
						  row_is_null(g->reply->result[0], 0, ID) ? NULL : &g->user };

	if (g->id)
		args.account_key = g->account_key;
	else if (g->usual)
		args.usual_key = g->usual_key;
	else {
		args.account_key = g->account_key;
		args.origin_key = g->origin_key;
	}
	return db_run(api_of(x)->db, &x->arena, &statement_guess_failed, &args);
}

enum co_state guess_run(struct exchange *x, struct guess *g)
{
	co_begin(g);
	make_keys(x, g);
	co_db(g, x, g->reply, guess_begin, .id = g->id, .email = g->email, .origin = str_of(g->origin),
	      .account_key = g->account_key, .origin_key = g->origin_key, .usual_key = g->usual_key);
	x->changed = false; /* that the guess was counted; the client may repeat it */
	if (must_wait(x, g->reply->result[0]))
		return CO_FAILED;
	co_work(g, x, g->work, &api_of(x)->hashing, hash_job_run, make_job(x, g), sizeof(struct hash_job));
	if (!take_result(x, g))
		return CO_FAILED;
	if (!g->right) {
		g->reply = count_failure(x, g);
		co_await(g, x, &g->reply->wait);
		if (g->reply->err)
			co_fail(handler_db_failed(x, g->reply));
		x->changed = false;
	}
	co_end();
}
