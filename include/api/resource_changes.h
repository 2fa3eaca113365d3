/* Handlers and shapes of changes of issues beyond PATCH and PUT, for the route table. */
#ifndef BUGD_API_RESOURCE_CHANGES_H
#define BUGD_API_RESOURCE_CHANGES_H

#include "api/resource.h"

HANDLER(issue_bulk_status)
HANDLER(issue_bulk)
HANDLER(issue_labels_read)
HANDLER(issue_labels_put)
HANDLER(issue_label_add)
HANDLER(issue_label_remove)

extern const struct shape issue_bulk_status_shape, issue_bulk_shape;
extern const struct shape issue_labels_put_shape, issue_label_add_shape;

#endif
