/* What a thread does with passwords: verify one, hash one, or both in turn. It owns copies of all it needs. */
#ifndef BUGD_API_HASH_JOB_H
#define BUGD_API_HASH_JOB_H

#include "domain/password.h"

struct hash_job {
	struct password_cost cost; /* of a hash that is made */
	bool verifies;
	char stored[PASSWORD_HASH_MAX]; /* the hash to verify against */
	bool right;                     /* the password fits, or nothing was to be verified */
	bool failed;                    /* a hash could not be made */
	char made[PASSWORD_HASH_MAX];   /* the new hash; "": none was needed */
	size_t password_n, next_n;      /* next_n 0: the password stays */
	char password[PASSWORD_MAX];
	char next[PASSWORD_MAX];
};

/*
 * Of the heap, for work_submit. Passwords are cut to PASSWORD_MAX bytes. The first one hashes a new password. The
 * second one verifies against a stored hash, and if the password is right hashes `next`, when that is not absent,
 * or hashes the password anew when the stored hash costs less than one of today.
 */
struct hash_job *hash_job_new(const struct password_cost *cost, struct str password);
struct hash_job *hash_job_verify(const struct password_cost *cost, struct str stored, struct str password,
				 struct str next);

/* The work. */
void hash_job_run(void *job);

#endif
