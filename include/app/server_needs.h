/* What a server takes of the machine and of PostgreSQL, by its settings. */
#ifndef BUGD_APP_SERVER_NEEDS_H
#define BUGD_APP_SERVER_NEEDS_H

#include "app/config.h"

/* Those who watch are few. */
#define ADMIN_CONNECTIONS 64
/* Descriptors that are neither clients nor the pool's: the loop, the log, the listeners, files at work. */
#define OTHER_DESCRIPTORS (64 + ADMIN_CONNECTIONS)

/* Connections to the primary at most, but for the one that listens. */
static inline unsigned pool_size(const struct config *c)
{
	return c->db_read_connections + c->db_write_connections + c->db_slow_connections +
	       c->db_copy_connections;
}

/* And to all replicas together; of each one asks how far it is. */
static inline unsigned replica_pool_size(const struct config *c)
{
	return (unsigned)c->replicas.n * (c->db_read_connections + c->db_slow_connections + 1);
}

#endif
