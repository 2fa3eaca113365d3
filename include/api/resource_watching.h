/* Handlers and shapes of watchers and of what people are told, for the route table. */
#ifndef BUGD_API_RESOURCE_WATCHING_H
#define BUGD_API_RESOURCE_WATCHING_H

#include "api/resource.h"

HANDLER(watcher_list)
HANDLER(watcher_put)
HANDLER(watcher_delete)

extern const struct enum_names watcher_reason_enum;
extern const struct shape watcher_list_query_shape;

#endif
