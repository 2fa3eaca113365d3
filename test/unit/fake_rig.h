/* A pool on a server that does what a real one cannot be made to do on demand (fake_server.h), for each test. */
#ifndef BUGD_TEST_FAKE_RIG_H
#define BUGD_TEST_FAKE_RIG_H

#include "db_rig.h"
#include "fake_server.h"

extern struct fake fake;

/* What comes before and behind a test. */
int fake_rig_begin(void **state);
int fake_rig_end(void **state);
#define FAKE_TEST(name) cmocka_unit_test_setup_teardown(name, fake_rig_begin, fake_rig_end)

/* Opens the pool on a server that follows the script, and waits until it is ready. */
void fake_rig_open(fake_script *script);

/* For rig_open: a statement has a millisecond, and two seconds of grace. */
void fake_rig_impatient(struct db_config *c);

/* The three connections of the beginning are the first sessions; later ones answer properly. */
bool fake_rig_is_first(const struct fake_session *s);
/* A script: the first sessions do not answer. */
bool fake_rig_black_hole(struct fake_session *s, char type, const char *body);

#endif
