#include "api/issue_fetch.h"

void issue_fetch_add(struct exchange *x, const struct ref *ref, struct op *op)
{
	if (ref->is_id)
		db_add(op, &statement_issue_by_id,
		       &(struct issue_by_id_args){ .caller = access_of(x), .id = ref->id });
	else
		db_add(op, &statement_issue_by_key,
		       &(struct issue_by_key_args){ .caller = access_of(x), .key = str_of(ref->key) });
}

static struct db_reply *submit(struct exchange *x, const struct ref *ref)
{
	struct op *op = db_begin(api_of(x)->db, DB_READ);

	issue_fetch_add(x, ref, op);
	return read_submit(x, op);
}

enum co_state issue_fetch(struct exchange *x, const struct ref *ref, struct issue_fetch *f)
{
	co_begin(f);
	f->reply = submit(x, ref);
	co_await(f, x, &f->reply->wait);
	if (f->reply->err)
		co_fail(handler_db_failed(x, f->reply));
	if (f->reply->row < 0)
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	co_end();
}

enum co_state issue_fetch_as_of(struct exchange *x, const struct ref *ref, int64_t moment,
				struct issue_fetch *f)
{
	co_begin(f);
	co_db(f, x, f->reply, issue_as_of, .caller = access_of(x), .id = REF_ID(ref), .key = REF_KEY(ref),
	      .moment = moment);
	if (f->reply->row < 0)
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	co_end();
}
