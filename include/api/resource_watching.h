/* Handlers and shapes of watchers and of what people are told, for the route table. */
#ifndef BUGD_API_RESOURCE_WATCHING_H
#define BUGD_API_RESOURCE_WATCHING_H

#include "api/resource.h"

HANDLER(watcher_list)
HANDLER(watcher_put)
HANDLER(watcher_delete)
HANDLER(notification_list)
HANDLER(notification_unread)
HANDLER(notifications_mark)
HANDLER(notification_patch)
HANDLER(notification_settings_read)
HANDLER(notification_settings_patch)

extern const struct enum_names watcher_reason_enum, notification_reason_enum;
extern const struct shape watcher_list_query_shape, notification_list_query_shape, notification_patch_shape,
	notifications_read_shape, notification_settings_shape;

#endif
