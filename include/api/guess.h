/*
 * Verifying a password that somebody gives: may they try now (429 with Retry-After), is it right, and what
 * follows if not. Two round trips, one before the hash and one after a wrong password; the same for an e-mail that
 * nobody has.
 *
 * A guess is counted when it has failed, so that those who sign in rightly write nothing here. A burst of guesses
 * at once is bounded by the lane for hashing; after that the pauses let one through at a time, for all processes
 * together (sql/query/session.sql, guess_begin).
 */
#ifndef BUGD_API_GUESS_H
#define BUGD_API_GUESS_H

#include "api/handler.h"
#include "domain/throttle.h"
#include "io/work.h"

struct guess {
	struct co co;
	/* To be set before: */
	const struct uuid *id; /* whose password, by id; NULL: by e-mail */
	struct str email;
	struct str password;
	struct str next; /* the password to hash when this one is right; absent: none */
	/* The outcome: */
	bool right;
	struct uuid user;
	int64_t password_changed_at;
	struct str made; /* a new hash, of `next` or of the same password; absent: none */
	char origin[THROTTLE_ORIGIN_MAX];
	struct str usual_key;
	/* Its own: */
	struct str account_key, origin_key;
	bool known, usual;
	uint8_t keys[3][THROTTLE_KEY_LEN];
	struct work work;
	struct db_reply *reply;
};

/* A coroutine. It fails only when nothing was verified; a wrong password is `right` == false. */
enum co_state guess_run(struct exchange *x, struct guess *g);

#endif
