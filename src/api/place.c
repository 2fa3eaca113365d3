#include "api/place.h"

#include "api/ref.h"
#include "db/row.h"

static bool take_id(struct exchange *x, struct place *f)
{
	if (PQntuples(f->reply->result[0]) == 0) {
		exchange_fail(x, ERR_NOT_FOUND);
		return false;
	}
	f->id = row_uuid(f->reply->result[0], 0, 0);
	return true;
}

enum co_state place_issue(struct exchange *x, struct place *f)
{
	co_begin(f);
	if (!ref_issue(x, &f->ref))
		return CO_FAILED;
	co_db(f, x, f->reply, issue_place, .caller = access_of(x), .id = REF_ID(&f->ref),
	      .key = REF_KEY(&f->ref));
	if (!take_id(x, f))
		return CO_FAILED;
	co_end();
}

enum co_state place_project(struct exchange *x, struct place *f)
{
	co_begin(f);
	if (!ref_project(x, &f->ref))
		return CO_FAILED;
	co_db(f, x, f->reply, project_place, .caller = access_of(x), .id = REF_ID(&f->ref),
	      .key = REF_KEY(&f->ref));
	if (!take_id(x, f))
		return CO_FAILED;
	co_end();
}
