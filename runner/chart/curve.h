/* A percentile curve: a strategy's latency from the median outwards, over its trials. At every point stands
 * what `summary` gives for one quantile: the median of the trials' own, and its interval. */
#ifndef PUSHPULL_CURVE_H
#define PUSHPULL_CURVE_H

#include "base/memory.h"
#include "model/histogram.h"

#include <stdbool.h>

struct curve {
    struct curve_trial *trials;
    int trial_count;
};

/* Adds a trial, of so many events. */
void curve_add(struct curve *, const struct histogram *, double events);
/* Writes "strategy x median low high believed" per point, in seconds; x is 1 / (1 - quantile), which a
 * logarithmic axis spreads into 90 %, 99 %, ... It ends where one of the trials has too few events for an
 * interval: beyond, it would be noise. Returns how many points there are. */
int curve_write(const struct curve *, const char *strategy, bool believed, struct buffer *rows);
void curve_free(struct curve *);

#endif
