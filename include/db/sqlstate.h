/* SQLSTATE (PostgreSQL manual, appendix A) → error of bugd, in one table. */
#ifndef BUGD_DB_SQLSTATE_H
#define BUGD_DB_SQLSTATE_H

#include "base/err.h"

#include <stdbool.h>

/* ERR_INTERNAL for what is not in the table; NULL (the client library's own errors) is ERR_UNAVAILABLE. */
enum err sqlstate_err(const char *sqlstate);

/* Whether the connection leads to the wrong server (a standby after a failover). */
bool sqlstate_is_read_only(const char *sqlstate);

#endif
