/* Handlers and shapes of the history of issues, for the route table. */
#ifndef BUGD_API_RESOURCE_TIMELINE_H
#define BUGD_API_RESOURCE_TIMELINE_H

#include "api/resource.h"

HANDLER(timeline_list)

extern const struct enum_names issue_event_type_enum;
extern const struct shape timeline_query_shape, issue_read_query_shape;

#endif
