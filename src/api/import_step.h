/* The inside of an import behind its last row. */
#ifndef BUGD_API_IMPORT_STEP_H
#define BUGD_API_IMPORT_STEP_H

#include "api/import.h"

/* Goes on until it has to wait; CO_DONE: it has ended, one way or the other. */
enum co_state import_step(struct import *imp);

/* Looks at the project that the request names, and the creator; then, what was found. False: imp->err says it. */
struct awaitable *import_check(struct import *imp);
bool import_checked(struct import *imp);

#endif
