/*
 * A PostgreSQL that does what a real one cannot be made to do on demand: it lives on the test's own loop, answers
 * each message of the protocol at once with success and no rows, and asks the test first.
 */
#ifndef BUGD_TEST_FAKE_SERVER_H
#define BUGD_TEST_FAKE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct fake;

/* One connection of a client. */
struct fake_session {
	struct fake *fake;
	uv_pipe_t pipe;
	int number;    /* 1 for the first that connects */
	bool started;  /* the start-up message was answered */
	bool gone;     /* it is closing */
	bool skipping; /* after an error, up to the next Sync */
	char in[65536];
	size_t in_count;
	int syncs; /* those that came, without that of the set-up */
};

/*
 * Called for each message of a session that is set up ('P', 'B', 'D', 'E', 'S', ...). True: the test has answered it,
 * or wants no answer.
 */
typedef bool fake_script(struct fake_session *s, char type, const char *body);

struct fake {
	uv_loop_t *loop;
	uv_pipe_t listener;
	char folder[64];
	char url[128];
	int sessions;  /* that connected */
	int open;      /* those that are */
	bool deaf;     /* accepts, and answers nothing at all */
	bool hangs_up; /* accepts, and closes */
	bool refuses;  /* answers the start-up message with an error */
	fake_script *script;
	struct fake_session *all[256];
	int executed; /* Execute messages that were answered with success */
};

void fake_start(struct fake *f, uv_loop_t *loop);
/* Closes all; memory is given back when the loop has run. */
void fake_stop(struct fake *f);

void fake_send(struct fake_session *s, const void *bytes, size_t n);
/* An error, "ERROR" or "FATAL". */
void fake_error(struct fake_session *s, const char *severity, const char *sqlstate, const char *message);
/* A row of one text column of n bytes, with its description; not the end of the command. */
void fake_row(struct fake_session *s, size_t n);
void fake_hang_up(struct fake_session *s);

#endif
