/* The inside of db/copy.h, shared by copy.c (what one does with a connection) and copy_pool.c (who has which). */
#ifndef BUGD_DB_COPY_POOL_H
#define BUGD_DB_COPY_POOL_H

#include "db/copy.h"

/* What a connection reports. */
void copy_read(struct copy *c);
void copy_written(struct copy *c);
void copy_lost(struct copy *c);

#endif
