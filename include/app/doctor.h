/*
 * What `bugd doctor` found: one finding for each thing that it looked at, which is well, doubtful or wrong, and how to
 * mend it. Those who look add findings; who judges facts (app/doctor_judge.h) does nothing else, so that it can be
 * tested without them. No finding shows a secret.
 */
#ifndef BUGD_APP_DOCTOR_H
#define BUGD_APP_DOCTOR_H

#include "app/config.h"
#include "base/arena.h"
#include "db/direct.h"

#include <stdbool.h>
#include <stddef.h>

enum finding_level { FINDING_OK, FINDING_WARNING, FINDING_PROBLEM };

struct finding {
	enum finding_level level;
	const char *check; /* what was looked at, one or two words: "connections" */
	struct str text;   /* what is so */
	struct str mend;   /* the command or setting that mends it; absent when it is well */
};

#define FINDINGS_MAX 512

struct doctor {
	struct arena arena; /* holds the texts */
	struct finding v[FINDINGS_MAX];
	size_t n; /* what does not fit any more is counted as dropped */
	size_t dropped;
	unsigned processes; /* how many are to share the database */
};

/* Adds one. `mend` may be NULL when it is well. */
void doctor_say(struct doctor *d, enum finding_level level, const char *check, const char *mend,
		const char *format, ...) __attribute__((format(printf, 5, 6)));

/* A text in the doctor's arena, for `mend`. */
const char *doctor_text(struct doctor *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How many there are of a level. */
size_t doctor_count(const struct doctor *d, enum finding_level level);

void doctor_free(struct doctor *d);

/* All of them, in aligned lines for people, or as one JSON object. */
void doctor_print(const struct doctor *d, struct buf *out);
void doctor_print_json(const struct doctor *d, struct buf *out);

/*
 * Those who look. `env_file` is the file that the settings came from, NULL for .env of the working directory.
 * doctor_settings takes what config_load reported. doctor_database needs a URL; it ends within DB_CONNECT_TIMEOUT
 * for the connection and as long for each answer, and stops at the first that does not come; then it looks at the
 * replicas, in the same way and each by itself, and waits for each as long at most, or REPLICA_MAX_LAG, to catch up.
 */
void doctor_settings(struct doctor *d, const struct config *c, const struct config_report *report,
		     bool right);
void doctor_secrets(struct doctor *d, const struct config *c, const char *env_file);
void doctor_machine(struct doctor *d, const struct config *c);
void doctor_database(struct doctor *d, const struct config *c);
/* `primary` may be one that could not be opened, or was lost. */
void doctor_replicas(struct doctor *d, const struct config *c, struct direct *primary);
void doctor_schema(struct doctor *d, const struct config *c, struct direct *db);

#endif
