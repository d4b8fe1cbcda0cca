/* The metrics of a trial, derived from what its programs reported (metric_kinds.h has the table of
 * them). Counts are added over processes, histograms merged by adding counts;
 * percentiles are never averaged. */
#ifndef PUSHPULL_METRICS_H
#define PUSHPULL_METRICS_H

#include "figures/result.h"

/* Fills in result's histograms and metrics from its reports. A trial that failed has no figures: half
 * a trial's would only mislead. */
void metrics_derive(struct result *, const struct trial_facts *);

#endif
