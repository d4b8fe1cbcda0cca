/* The verdict: which figures of a trial may be believed, and why not. */
#ifndef PUSHPULL_VERDICT_H
#define PUSHPULL_VERDICT_H

#include "figures/result.h"

/* How the reason begins that another run on this machine gives (of the verdict `disturbed`). */
#define REASON_VISITED "another pushpull run"

/* Sets status, verdict, reason and doubts from the metrics and reports. */
void verdict_give(struct result *, const struct trial_facts *);

#endif
