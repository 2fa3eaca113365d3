#include "api/handler.h"

#include "db/row.h"

void handler_db_failed(struct exchange *x, const struct db_reply *reply)
{
	if (reply->err == ERR_OUTCOME_UNKNOWN)
		exchange_fail_detail(
			x, reply->err,
			"The change may or may not have been made. Read the resource before you repeat it.");
	else
		exchange_fail(x, reply->err);
}

struct str handler_outcome(const struct db_reply *reply)
{
	return PQntuples(reply->result[0]) ? row_text(reply->result[0], 0, 0) : STR_NONE;
}

bool handler_has_outcome(const struct db_reply *reply, const char *outcome)
{
	return !reply->err && str_eq_z(handler_outcome(reply), outcome);
}
