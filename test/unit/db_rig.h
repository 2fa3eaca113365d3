/* A loop with a pool on it, statements made of texts, and replies to wait for: for the tests of the database layer. */
#ifndef BUGD_TEST_DB_RIG_H
#define BUGD_TEST_DB_RIG_H

#include "db/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct rig {
	uv_loop_t loop;
	struct db *db;
	struct db_config config;
	struct arena arena; /* of replies */
};

extern struct rig rig;

/* The loop; then a pool on it. `adjust`, which may be NULL, changes the configuration. Does not wait for connections. */
void rig_begin(void);
void rig_open(const char *url, void (*adjust)(struct db_config *));
void rig_close(void);
/* Checks that nothing is left on the loop. */
void rig_end(void);

/* Turns the loop until the condition holds; fails the test after ten seconds. */
#define rig_until(condition)                                                                                 \
	do {                                                                                                 \
		uint64_t end_ = uv_hrtime() + UINT64_C(10000000000);                                         \
		while (!(condition)) {                                                                       \
			if (uv_hrtime() > end_)                                                              \
				fail_msg("%s: never came", #condition);                                      \
			rig_turn();                                                                          \
		}                                                                                            \
	} while (0)
void rig_turn(void);
void rig_turn_for(uint64_t ms);
void rig_ready(void);

/*
 * A statement of the text, which may have the arguments :a (int4) and :t (text?). It is a template, as those need no
 * place in the generated table.
 */
struct text_args {
	int32_t a;
	struct str t;
};
const struct statement *rig_statement(enum db_lane lane, const char *text);

/* An operation of one statement with a number, submitted. */
struct db_reply *rig_run(enum db_lane lane, const char *text, int32_t a);
/* The same, and waits for it. */
struct db_reply *rig_do(enum db_lane lane, const char *text, int32_t a);
void rig_abandon(struct db_reply *reply);
struct lane_stats rig_stats(enum db_lane lane);

#endif
