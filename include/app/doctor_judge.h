/* Judgements of `bugd doctor`: facts in, findings out. */
#ifndef BUGD_APP_DOCTOR_JUDGE_H
#define BUGD_APP_DOCTOR_JUDGE_H

#include "app/doctor.h"

#include <sys/stat.h>

/* Settings that are right each for itself, and wrong together. */
void judge_fronts(struct doctor *d, const struct config *c);

/* A secret's value, which is never shown: whether somebody could guess it. */
void judge_secret(struct doctor *d, const char *name, struct str value);
/* A file that holds secrets: others than its owner and group must not read it, and nobody else change it. */
void judge_secret_file(struct doctor *d, const char *name, const char *path, mode_t mode);

struct database_facts {
	int version;                                         /* server_version_num: 170002 */
	const char *version_text, *encoding, *role, *schema; /* schema: "" when there is none */
	bool superuser, standby, read_only, fsync, may_create;
	int max_connections, reserved;  /* reserved: for superusers and those who are privileged */
	int role_limit, database_limit; /* -1: none */
	int used_by_others;             /* sessions that are not bugd's */
};

#define DATABASE_VERSION_LEAST 140000

void judge_version(struct doctor *d, const struct database_facts *f);
void judge_server(struct doctor *d, const struct database_facts *f);
void judge_role(struct doctor *d, const struct database_facts *f);
/* `pool` connections for each of d->processes. */
void judge_connections(struct doctor *d, const struct database_facts *f, unsigned pool);

struct replica_facts {
	const char *name; /* host:port */
	bool standby;
	bool primary_known; /* where the primary is; else the next two are not known */
	bool same_history;
	uint64_t behind;      /* bytes of the log that it has not replayed of what the primary had */
	uint64_t waited_ms;   /* since then */
	uint64_t patience_ms; /* at most */
	bool paused;
	const char *schema; /* what is wrong with its migrations; NULL: nothing */
};

void judge_replica(struct doctor *d, const struct replica_facts *f);

/* How far the database's clock is ahead of ours, known as far as half the round trip. */
void judge_clock(struct doctor *d, int64_t ahead_ms, uint64_t round_trip_ms);

/* Bytes that are free for us, of a file system of `size`, against the largest attachment. */
void judge_space(struct doctor *d, const char *path, uint64_t free_bytes, uint64_t size, uint64_t largest);

/* The limit of open files (hard), against MAX_CONNECTIONS and what else is open. */
void judge_descriptors(struct doctor *d, uint64_t limit, unsigned connections, unsigned others);

#endif
