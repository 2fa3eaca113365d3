/*
 * What the parser collects of one request: the bytes of its head, its header fields, its body.
 *
 * The exchange owns it and keeps the memory for the next request. The bytes of the head have a place of fixed
 * size (head and field count are bounded), so that slices of it stay right while it fills.
 */
#ifndef BUGD_HTTP_MESSAGE_H
#define BUGD_HTTP_MESSAGE_H

#include "base/buf.h"
#include "http/request.h"

#include <stddef.h>

struct message {
	char *head; /* target, names and values, one behind the other */
	size_t head_n, head_max;
	struct header *headers;
	size_t header_count, header_max;
	struct buf body; /* de-chunked */
};

/* Makes room for heads of these bounds; does nothing when it is there already. */
void message_prepare(struct message *m, size_t head_bytes, size_t header_count);

/* Forgets the request and keeps the memory, but for large bodies. */
void message_clear(struct message *m);
void message_free(struct message *m);

#endif
