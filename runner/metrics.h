/* The metrics: every figure of a trial, derived from what its programs reported (docs/metrics.md
 * says what each means). Counts are added over processes, histograms merged by adding counts;
 * percentiles are never averaged. */
#ifndef PUSHPULL_METRICS_H
#define PUSHPULL_METRICS_H

#include "result.h"

/* What the runner knows of a trial besides the reports. */
struct trial_facts {
    int subscribers;
    double kernel_bytes; /* growth of kernel memory while connecting; NAN unknown */
    const char *failure; /* why the trial failed, or NULL */
};

/* Fills in result's histograms, metrics, status, verdict and reason from its reports. */
void metrics_derive(struct result *, const struct trial_facts *);

/* The 95 % interval of a quantile from order statistics: of n independent samples in order, the
 * ranks n·p ± 1.96·√(n·p·(1-p)) hold it between them. Sets the two ranks as quantiles; returns 0,
 * or -1 when there are too few samples for one of the ranks to exist. */
int metrics_quantile_interval(double n, double p, double *low, double *high);

#endif
