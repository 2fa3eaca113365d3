/* A connection with a server's usual limits (http_world.h), for each test, and what it is asked. */
#ifndef BUGD_TEST_SESSION_RIG_H
#define BUGD_TEST_SESSION_RIG_H

#include "http_world.h"

/* What comes before and behind a test. */
int session_rig_begin(void **state);
int session_rig_end(void **state);
#define SESSION_TEST(name) cmocka_unit_test_setup_teardown(name, session_rig_begin, session_rig_end)

/* Asks, and fails unless this is the answer. */
void session_rig_expect(int fd, const char *request, int status, const char *body);

#endif
