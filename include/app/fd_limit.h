/* How many files and sockets the process may have open (RLIMIT_NOFILE). */
#ifndef BUGD_APP_FD_LIMIT_H
#define BUGD_APP_FD_LIMIT_H

/* Raises the soft limit to the hard one. */
void fd_limit_raise(void);

/*
 * How many of `wanted` connections fit below the limit when `others` descriptors are needed besides. At least
 * 1.
 */
unsigned fd_limit_connections(unsigned wanted, unsigned others);

#endif
