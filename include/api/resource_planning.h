/* Handlers and shapes of labels, milestones, links, parts of issues and saved filters, for the route table. */
#ifndef BUGD_API_RESOURCE_PLANNING_H
#define BUGD_API_RESOURCE_PLANNING_H

#include "api/resource.h"

HANDLER(label_list)
HANDLER(label_create)
HANDLER(label_read)
HANDLER(label_patch)
HANDLER(label_delete)
HANDLER(milestone_list)
HANDLER(milestone_create)
HANDLER(milestone_read)
HANDLER(milestone_patch)
HANDLER(milestone_delete)
HANDLER(link_list)
HANDLER(link_create)
HANDLER(link_read)
HANDLER(link_delete)
HANDLER(issue_children)
HANDLER(filter_list)
HANDLER(filter_create)
HANDLER(filter_read)
HANDLER(filter_patch)
HANDLER(filter_delete)

extern const struct shape label_list_query_shape, label_create_shape, label_patch_shape;
extern const struct shape milestone_list_query_shape, milestone_create_shape, milestone_patch_shape;
extern const struct shape link_list_query_shape, link_create_shape;
extern const struct shape filter_list_query_shape, filter_create_shape, filter_patch_shape;
extern const struct enum_names milestone_state_enum, link_seen_enum;

#endif
