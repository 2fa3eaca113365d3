/* A pool on a real PostgreSQL (db_schema.h), with a table `t` of its own, for each test. */
#ifndef BUGD_TEST_POOL_RIG_H
#define BUGD_TEST_POOL_RIG_H

#include "db_rig.h"
#include "db_schema.h"

/* What comes before and behind a test. */
int pool_rig_begin(void **state);
int pool_rig_end(void **state);
#define POOL_TEST(name) cmocka_unit_test_setup_teardown(name, pool_rig_begin, pool_rig_end)

/* Opens the pool and waits until it is ready; skips the test where there is no PostgreSQL. `adjust` as rig_open. */
void pool_rig_open(void (*adjust)(struct db_config *));

/* The number that a reply, which is there and has not failed, holds. */
int64_t pool_rig_value(const struct db_reply *reply);

#endif
