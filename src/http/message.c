#include "http/message.h"

#include "base/mem.h"

#include <stdlib.h>

#define BODY_KEEP 16384u

void message_prepare(struct message *m, size_t head_bytes, size_t header_count)
{
	if (m->head_max >= head_bytes && m->header_max >= header_count)
		return;
	free(m->headers);
	/* One piece: the fields, and behind them the bytes that they point into. */
	m->headers = mem_alloc(header_count * sizeof(*m->headers) + head_bytes);
	m->header_max = header_count;
	m->head = (char *)(m->headers + header_count);
	m->head_max = head_bytes;
}

void message_clear(struct message *m)
{
	m->head_n = 0;
	m->header_count = 0;
	buf_clear(&m->body, BODY_KEEP);
}

void message_free(struct message *m)
{
	free(m->headers);
	buf_free(&m->body);
	*m = (struct message){ 0 };
}
