/*
 * What each process remembers of sessions and tokens: for whom they stand and what they may do, in a bounded
 * table.
 *
 * A change is announced to all processes (NOTIFY bugd_user, bugd_credential) and forgotten at once; while a
 * process does not hear the announcements, it remembers nothing. An answer of the database that is older than
 * the last announcement is not kept, as it may be the answer of before.
 */
#ifndef BUGD_API_CALLER_CACHE_H
#define BUGD_API_CALLER_CACHE_H

#include "db/conn.h"
#include "db/statement.h"
#include "domain/role.h"

/* What a request shows: an access token's session and user, or the hash of a personal access token. */
struct credential {
	bool personal;
	uint8_t key[32];
};

/* What it stands for, now. */
struct standing {
	struct uuid id; /* of the session or token */
	struct uuid user;
	enum role role;
	bool personal;
	unsigned scopes;      /* of a personal access token */
	struct db_array only; /* the projects that it is limited to, of the heap; none: it is not */
	int64_t expires_at;   /* microseconds since 1970 */
	uint64_t noted_at;    /* when its last use was noted, of uv_now; 0: not yet */
};

struct caller_cache;
struct caller_cache *caller_cache_create(const struct conn_config *conn);
void caller_cache_open(struct caller_cache *c);
void caller_cache_close(struct caller_cache *c, void (*closed)(void *), void *arg);
void caller_cache_free(struct caller_cache *c);

/* NULL: it is not remembered, has expired, or was kept for a minute. Valid until the loop goes on. */
struct standing *caller_cache_find(struct caller_cache *c, const struct credential *credential);

/* How much was forgotten until now; to be asked before the database is. */
uint64_t caller_cache_mark(const struct caller_cache *c);

/* Keeps what the database said, unless something was forgotten since the mark. Takes over `only`. */
void caller_cache_keep(struct caller_cache *c, const struct credential *credential,
		       const struct standing *standing, uint64_t mark);

/*
 * Forgets a session or token, or all of a user. Announcements do that; who has changed something itself does it
 * before it answers, so that this process is never behind what it said.
 */
void caller_cache_forget(struct caller_cache *c, const struct uuid *id);

#endif
