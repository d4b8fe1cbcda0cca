/* Which trials are looked at: of each strategy the first of its first cell. */
#ifndef PUSHPULL_SUBJECTS_H
#define PUSHPULL_SUBJECTS_H

#include "scenario/plan.h"

#include <stdbool.h>

/* Fills in one per strategy, in the scenario's order, and returns how many. */
int subjects_of(const struct plan *, const struct planned_trial *subjects[STRATEGIES_MAX]);

/* What all strategies of the scenario have in common in this cell, or what is this strategy's own:
 * "subscribers=100, link.rtt_ms=80". The caller frees it. */
char *subject_settings(const struct cell *, bool own);

#endif
