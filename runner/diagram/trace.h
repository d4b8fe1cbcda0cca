/* `pushpull run --trace`: what happens to one user of a simulated trial, as a story: one line each, to read along with
 * the models in simulator/. */
#ifndef PUSHPULL_TRACE_H
#define PUSHPULL_TRACE_H

#include "scenario/plan.h"

#include <stdio.h>

/* Tells the first trial of each strategy, each from its beginning. `machine` is what a trial's setup says of it. */
void trace_tell(FILE *, const struct plan *, const struct catalog *, const char *machine);

#endif
