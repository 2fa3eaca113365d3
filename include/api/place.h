/* Where the things of a list are: the issue or the project that the path names, looked up. */
#ifndef BUGD_API_PLACE_H
#define BUGD_API_PLACE_H

#include "api/handler.h"
#include "base/uuid.h"
#include "domain/issue.h"

/* It lies in the handler's frame. */
struct place {
	struct co co;
	struct ref ref;
	struct db_reply *reply;
	struct uuid id;
};

/*
 * Coroutines: set the place's id. The exchange fails with ERR_NOT_FOUND when there is none, or the caller may
 * not see it. This is for telling a place without such things from one that is not there; the statement that
 * reads them looks again, so it does not rely on this.
 */
enum co_state place_issue(struct exchange *x, struct place *f);
enum co_state place_project(struct exchange *x, struct place *f);

#endif
