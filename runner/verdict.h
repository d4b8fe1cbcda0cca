/* The verdict: whether a trial may be believed, and why not. */
#ifndef PUSHPULL_VERDICT_H
#define PUSHPULL_VERDICT_H

#include "metrics.h"

#include <stdbool.h>

/* Sets status, verdict and reason from the metrics and reports. */
void verdict_give(struct result *, const struct trial_facts *);

/* Whether figures with this verdict are a result. A server that cannot keep up is one; so is a
 * short trial, of which then only mean and median say much. */
bool verdict_believable(const char *verdict);

#endif
