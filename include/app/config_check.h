/* What the settings must have in common, and what takes more than bounds to tell. */
#ifndef BUGD_APP_CONFIG_CHECK_H
#define BUGD_APP_CONFIG_CHECK_H

#include "app/config.h"

/* Reads c->front, and appends a line for each thing that is wrong. `needs` is a set of enum config_need. */
void config_check(struct config *c, unsigned needs, struct buf *errors);

#endif
