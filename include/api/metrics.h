/*
 * What the process counts, for /metrics: by route of the table, so that the number of samples is bounded whatever
 * clients ask for.
 */
#ifndef BUGD_API_METRICS_H
#define BUGD_API_METRICS_H

#include "api/api.h"

#include <stdbool.h>

struct metrics;

struct metrics *metrics_create(void);
void metrics_free(struct metrics *m);

/* An exchange has ended, its status decided: once for each. */
void metrics_note(struct metrics *m, const struct exchange *x, size_t bytes_out);

/* Each turn of the loop that did something. */
void metrics_note_turn(struct metrics *m, uint64_t us);

/* The whole text, from these counts and from what the parts of the process say of themselves. */
void metrics_write(struct api *api, bool open_metrics, struct buf *out);

#endif
