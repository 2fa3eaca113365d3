#include "pool_rig.h"

#include "db/row.h"

int pool_rig_begin(void **state)
{
	(void)state;
	if (db_schema_open("CREATE TABLE t (n int, once int UNIQUE,"
			   " late int CONSTRAINT t_late UNIQUE DEFERRABLE INITIALLY DEFERRED)"))
		rig_begin();
	return 0;
}

int pool_rig_end(void **state)
{
	(void)state;
	if (!db_schema_here())
		return 0;
	if (rig.db)
		rig_close();
	rig.db = NULL;
	rig_end();
	db_schema_close();
	return 0;
}

void pool_rig_open(void (*adjust)(struct db_config *))
{
	if (!db_schema_here())
		skip();
	rig_open(db_schema.url, adjust);
	rig_ready();
}

int64_t pool_rig_value(const struct db_reply *reply)
{
	assert_int_equal(reply->err, ERR_NONE);
	assert_int_equal(PQntuples(reply->result[0]), 1);
	return row_int(reply->result[0], 0, 0);
}
