/*
 * The protocol of a service manager such as systemd, without its library: sockets that it has opened
 * (sd_listen_fds(3)), what it is told (sd_notify(3)), and its watchdog (sd_watchdog_enabled(3)).
 */
#ifndef BUGD_IO_SUPERVISOR_H
#define BUGD_IO_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>

/* The first of the descriptors that are handed on. */
#define SUPERVISOR_FIRST_FD 3

/* How many listening sockets were handed to this very process; 0: none. No child of ours inherits them. */
unsigned supervisor_sockets(void);

/* Whether somebody wants to be told. */
bool supervisor_listens(void);

/* Tells "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=…", or several, a line each. Never blocks and never fails. */
void supervisor_tell(const char *state);

/* How often "WATCHDOG=1" has to be told: half the time after which we count as dead. 0: there is no watchdog. */
uint64_t supervisor_watchdog_ms(void);

#endif
