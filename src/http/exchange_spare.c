#include "exchange_spare.h"

#include "base/mem.h"

#include <stdlib.h>

#define SPARE_MAX 256u

/* Under AddressSanitizer none is, so that it sees who uses one that is gone. */
#if defined(__SANITIZE_ADDRESS__)
#define REUSE false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define REUSE false
#endif
#endif
#ifndef REUSE
#define REUSE true
#endif

static struct {
	struct list exchanges; /* linked by their tasks' nodes */
	unsigned count;
} spare = { .exchanges = { &spare.exchanges, &spare.exchanges } };

struct exchange *exchange_spare_take(void)
{
	struct list *node = list_pop(&spare.exchanges);

	if (!node)
		return mem_zalloc(1, sizeof(struct exchange));
	spare.count--;
	return list_entry(node, struct exchange, task.node);
}

void exchange_spare_give(struct exchange *x)
{
	struct message message = x->message;
	struct response response = x->response;

	if (!REUSE || spare.count >= SPARE_MAX) {
		message_free(&x->message);
		response_free(&x->response);
		free(x);
		return;
	}
	message_clear(&message);
	response_reset(&response);
	*x = (struct exchange){ .message = message, .response = response };
	list_append(&spare.exchanges, &x->task.node);
	spare.count++;
}
