/* The routes' handlers, their frames' sizes and the shapes of their inputs, for the route table. */
#ifndef BUGD_API_RESOURCE_H
#define BUGD_API_RESOURCE_H

#include "api/handler.h"

/* A handler and the size of its frame. */
struct resource_handler {
	enum co_state (*run)(struct exchange *x, void *frame);
	size_t frame_size;
};

#define HANDLER(name)                                                                                        \
	enum co_state name(struct exchange *x, void *frame);                                                 \
	extern const size_t name##_frame_size;

HANDLER(health)
HANDLER(ready)
HANDLER(auth_register)
HANDLER(auth_login)
HANDLER(user_me)
HANDLER(user_list)
HANDLER(project_list)
HANDLER(project_create)
HANDLER(project_read)
HANDLER(project_patch)
HANDLER(project_put)
HANDLER(project_delete)
HANDLER(issue_list)
HANDLER(issue_create)
HANDLER(issue_read)
HANDLER(issue_patch)
HANDLER(issue_put)
HANDLER(issue_delete)
HANDLER(issue_restore)

extern const struct shape register_shape, login_shape;
extern const struct shape user_list_query_shape;
extern const struct shape project_list_query_shape, project_create_shape, project_patch_shape,
	project_put_shape;
extern const struct shape issue_list_query_shape, issue_create_shape, issue_patch_shape, issue_put_shape;

#endif
