/* The metrics: every figure of a trial, derived from what its programs reported (docs/metrics.md
 * says what each means). Counts are added over processes, histograms merged by adding counts;
 * percentiles are never averaged. */
#ifndef PUSHPULL_METRICS_H
#define PUSHPULL_METRICS_H

#include "figures/result.h"

/* Fills in result's histograms and metrics from its reports. A trial that failed has no figures: half
 * a trial's would only mislead. */
void metrics_derive(struct result *, const struct trial_facts *);

/* The 95 % interval of a quantile from order statistics: of n independent samples in order, the
 * ranks n·p ± 1.96·√(n·p·(1-p)) hold it between them. Sets the two ranks as quantiles; returns 0,
 * or -1 when there are too few samples for one of the ranks to exist. */
int metrics_quantile_interval(double n, double p, double *low, double *high);

#endif
