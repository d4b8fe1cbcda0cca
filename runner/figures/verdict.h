/* The verdict: whether a trial may be believed, and why not. */
#ifndef PUSHPULL_VERDICT_H
#define PUSHPULL_VERDICT_H

#include "figures/result.h"

/* Sets status, verdict and reason from the metrics and reports. */
void verdict_give(struct result *, const struct trial_facts *);

#endif
