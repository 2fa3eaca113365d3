/* Attachments: handlers and shapes, for the route table. */
#ifndef BUGD_API_RESOURCE_ATTACHMENT_H
#define BUGD_API_RESOURCE_ATTACHMENT_H

HANDLER(attachment_list)
HANDLER(attachment_upload)
HANDLER(attachment_read)
HANDLER(attachment_delete)
HANDLER(attachment_content)

extern const struct shape attachment_list_query_shape;

#endif
