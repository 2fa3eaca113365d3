/* What attachments need beside their rows: the folder, and who looks after it. */
#ifndef BUGD_API_ATTACHMENT_H
#define BUGD_API_ATTACHMENT_H

#include "api/handler.h"
#include "io/store.h"

/*
 * Looks after the folder: claims it for the database, and sweeps it then and every hour. What a process that died has
 * left is put right, both ways; see io/store.h.
 */
struct sweeper;

struct sweeper *sweeper_create(uv_loop_t *loop, struct db *db, struct store *store);
/* The database is to be used from here on. */
void sweeper_open(struct sweeper *s);
/* Whether the folder is this database's, so that files may be put there. */
bool sweeper_claimed(const struct sweeper *s);
/* Whether it is known if it is: false for a moment after the start. */
bool sweeper_decided(const struct sweeper *s);
void sweeper_close(struct sweeper *s);
/* After the loop has ended. */
void sweeper_free(struct sweeper *s);

#endif
