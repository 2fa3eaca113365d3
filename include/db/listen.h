/*
 * LISTEN on a connection of its own: what other processes change is announced by NOTIFY. Whoever remembers
 * something forgets it at the announcement, and all of it when `listening` turns false: announcements made
 * while nobody listened are lost.
 */
#ifndef BUGD_DB_LISTEN_H
#define BUGD_DB_LISTEN_H

#include "db/conn.h"

struct listen_owner {
	/* The payload is valid during the call. */
	void (*notified)(void *arg, struct str channel, struct str payload);
	/* From now on announcements arrive (true), or no longer (false). */
	void (*listening)(void *arg, bool on);
};

struct listen;

/* `channels` ends with NULL and outlives the listener, as the config does. */
struct listen *listen_create(const struct conn_config *config, const char *const *channels,
			     const struct listen_owner *owner, void *arg);
void listen_open(struct listen *l);
/* Closes and frees it; `closed` is called when the loop holds nothing of it. */
void listen_close(struct listen *l, void (*closed)(void *), void *arg);

#endif
