/* Exchanges that are kept for reuse, with the memory of their heads, bodies and answers. */
#ifndef BUGD_HTTP_EXCHANGE_SPARE_H
#define BUGD_HTTP_EXCHANGE_SPARE_H

#include "http/exchange.h"

/* One that is zeroed, but for memory that it may use again. */
struct exchange *exchange_spare_take(void);
/* Keeps it, or frees it when enough are kept. Nothing else may hold it any more. */
void exchange_spare_give(struct exchange *x);

#endif
