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

/* Those that wait for nothing have no frame. */
enum co_state page_home(struct exchange *x, void *frame);
enum co_state page_document(struct exchange *x, void *frame);
enum co_state page_docs(struct exchange *x, void *frame);
enum co_state page_swagger(struct exchange *x, void *frame);
enum co_state page_redoc(struct exchange *x, void *frame);
enum co_state page_file(struct exchange *x, void *frame);
enum co_state metrics_read(struct exchange *x, void *frame);

HANDLER(health)
HANDLER(ready)
HANDLER(auth_register)
HANDLER(auth_login)
HANDLER(auth_refresh)
HANDLER(auth_logout)
HANDLER(jwks)
HANDLER(user_me)
HANDLER(user_rename)
HANDLER(user_set_password)
HANDLER(user_list)
HANDLER(user_create)
HANDLER(user_read)
HANDLER(user_patch)
HANDLER(session_list)
HANDLER(session_end)
HANDLER(session_end_others)
HANDLER(token_list)
HANDLER(token_create)
HANDLER(token_delete)
HANDLER(member_list)
HANDLER(member_put)
HANDLER(member_delete)
HANDLER(audit_list)
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

#include "api/resource_reports.h"
#include "api/resource_transfer.h"

extern const struct shape register_shape, login_shape, refresh_shape;
extern const struct shape user_list_query_shape, user_create_shape, user_patch_shape, user_rename_shape,
	user_password_shape;
extern const struct shape session_list_query_shape, token_list_query_shape, token_create_shape;
extern const struct shape member_list_query_shape, member_put_shape, audit_list_query_shape;
extern const struct shape project_list_query_shape, project_create_shape, project_patch_shape,
	project_put_shape;
extern const struct shape issue_list_query_shape, issue_create_shape, issue_patch_shape, issue_put_shape;

#include "api/resource_attachment.h"

#endif
