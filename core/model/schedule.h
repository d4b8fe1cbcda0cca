/* The open-loop schedule, pure: times from a rate and a seed alone. The k-th event is due at a time that
 * waits for no subscriber, socket or earlier event. Who waits for these times: harness/publisher.h. */
#ifndef PUSHPULL_SCHEDULE_H
#define PUSHPULL_SCHEDULE_H

#include "base/random.h"

#include <stdbool.h>
#include <stdint.h>

/* Same seed, same times. */
struct schedule {
    double events_per_second;
    bool poisson;   /* exponential gaps instead of constant ones */
    double ramp_to; /* events/s reached ramp_seconds after the start, evenly; 0: no ramp */
    double ramp_seconds;
    int64_t start_ns;
    uint64_t index;    /* of the event that is due next, from 0 */
    double poisson_ns; /* running sum of gaps */
    struct random random;
    int64_t due_ns; /* of the event that is due next */
};

void schedule_init(struct schedule *, double events_per_second, bool poisson, uint64_t seed,
                   int64_t start_ns);
/* From here on the rate rises (or falls) evenly from events_per_second to `to`, which it keeps
 * afterwards. Call it right after schedule_init, for a schedule that is not Poisson. */
void schedule_ramp(struct schedule *, double to, double seconds);
/* Steps to the next event. Constant times are computed from the index: no drift. */
void schedule_advance(struct schedule *);

#endif
