/* Who does something and from where, for the log of security events and for sessions. */
#ifndef BUGD_API_DOER_H
#define BUGD_API_DOER_H

#include "api/handler.h"

/* As statements take it ("by doer"). On public routes nobody in particular acts. Lives as long as the exchange. */
struct doer doer_of(struct exchange *x);

#endif
