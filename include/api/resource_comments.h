/* Handlers and shapes of comments, for the route table. */
#ifndef BUGD_API_RESOURCE_COMMENTS_H
#define BUGD_API_RESOURCE_COMMENTS_H

#include "api/resource.h"

HANDLER(comment_list)
HANDLER(comment_create)
HANDLER(comment_read)
HANDLER(comment_patch)
HANDLER(comment_delete)

extern const struct shape comment_list_query_shape, comment_create_shape, comment_patch_shape;

#endif
